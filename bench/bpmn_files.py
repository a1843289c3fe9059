"""What becomes of BPMN files that others have drawn: accepted, or refused with the elements named.

    python -m bench.bpmn_files FOLDER

FOLDER is looked through whole, for example the reference models of the OMG's Model Interchange Working Group and what
other tools have made of them. Prints a line for each file of a folder named `Reference`, then how all of them ended,
for which reasons, and the longest time that one of them took. Ends with 1 when a file was neither accepted nor refused
in words.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from chassis.i18n import LOCALES, add_catalogue
from services.workflow.model.processes.reader import Faults
from services.workflow.model.processes.reading import read_definition
from services.workflow.usecases.processes.faults import sentence
from tests.support.bpmn import MODEL

ACCEPTED, REFUSED, FAILED = "accepted", "refused", "failed"


def main() -> None:
    """Read every file."""
    for package in ("chassis", "services.workflow"):
        add_catalogue(package)
    ends, reasons, longest = Counter[str](), Counter[str](), 0.0
    for path in sorted(Path(sys.argv[1]).rglob("*.bpmn")):
        begun = time.process_time()
        end, codes = outcome(path.read_bytes().decode("utf-8-sig", errors="replace"))
        longest = max(longest, time.process_time() - begun)
        ends[end] += 1
        reasons.update(set(codes))
        if path.parent.name == "Reference" or end == FAILED:
            said = ", ".join(f"{code} {count}" for code, count in Counter(codes).most_common())
            print(f"{path.name:16} {end:9} {said}")
    print(dict(ends), f"longest {longest * 1000:.0f} ms of processor time")
    print("files by reason:", dict(reasons.most_common()))
    sys.exit(1 if ends[FAILED] else 0)


def outcome(source: str) -> tuple[str, list[str]]:
    """How a file ends, and the codes of what is wrong with it."""
    try:
        read_definition(source, MODEL)
    except Faults as found:
        told = all(sentence(fault, locale) for fault in found.faults for locale in LOCALES)
        return REFUSED if told and found.faults else FAILED, [fault.code for fault in found.faults]
    except Exception as error:
        return FAILED, [type(error).__name__]
    return ACCEPTED, []


if __name__ == "__main__":
    main()
