"""Reading an uploaded file in a process of its own, so that no file can take this one down.

The child gets none of our environment (no secrets), bounded memory and time, and answers with JSON. A child that
was killed, ran out of time or said nothing means: this file is too much.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.jsonio import dump_bytes, loads
from services.customer.model.sheets.limits import Limits
from services.customer.model.sheets.problems import SheetError

log = logging.getLogger(__name__)

_MODULE = "services.customer.store.imports.reader"


@dataclass(frozen=True)
class SheetFound:
    """What was found in a file: its rows are staged, the first ones are in `head` as (number, cells)."""

    kind: str
    sheet: str | None
    encoding: str | None
    delimiter: str | None
    rows: int
    width: int
    head: list[tuple[int, list[Any]]]


def read_sheet(upload: Path, staging: Path, limits: Limits) -> SheetFound:
    """Stage the rows of an uploaded file; raises SheetError with the reason when it cannot be taken."""
    command = [sys.executable, "-m", _MODULE, str(upload.absolute()), str(staging.absolute())]
    try:
        done = subprocess.run(command, input=dump_bytes(limits.to_json()), capture_output=True, check=False,
                              timeout=limits.seconds + 5, env=_environment(), cwd="/")
    except subprocess.TimeoutExpired as error:
        raise SheetError("sheet_too_complex") from error
    return _answer(done)


def _answer(done: subprocess.CompletedProcess[bytes]) -> SheetFound:
    if done.returncode != 0 or not done.stdout:
        log.warning("the reader of a sheet ended with %s: %s", done.returncode,
                    done.stderr[-300:].decode(errors="replace"))
        raise SheetError("sheet_too_complex")
    answer = loads(done.stdout)
    if "found" in answer:
        return SheetFound(**answer["found"])
    if "because" in answer:
        log.info("a sheet could not be read: %s", answer["because"])
    raise SheetError(answer["problem"], **answer["params"])


def _environment() -> dict[str, str]:
    paths = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if Path(path).is_dir())
    return {"PYTHONPATH": paths, "PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
