"""The journal of a demo: every id that was made, written down before the next step.

The demo company's is `<home>/demo/journal.jsonl`, that of a pack's demo data `<home>/demo/<pack>.jsonl`.

It makes the installation resumable (what stands in it is not made again) and the removal exact (only what stands in it
is removed). A crash between the server's commit and the line is healed by the idempotency key of the call, which is
made of the journal's own `run`: the repeated call gets the same ids again.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

COMPANY = "journal"


class Journal:
    """One journal in a home folder."""

    def __init__(self, home: Path, name: str = COMPANY) -> None:
        self.path = home / "demo" / f"{name}.jsonl"
        self._lines = list(self._read())

    @property
    def begun(self) -> bool:
        """Whether a demo was begun and not removed."""
        return bool(self._lines)

    @property
    def finished(self) -> bool:
        """Whether the demo was installed to its end."""
        return any(line.get("kind") == "done" for line in self._lines)

    @property
    def head(self) -> dict[str, Any]:
        """`run` and `today` of the demo, and what it was made of."""
        return self._lines[0]

    def begin(self, *, today: date, **made_of: Any) -> None:
        """Start the journal of a new demo."""
        self._append({"run": secrets.token_hex(8), "today": today.isoformat(), **made_of})

    def add(self, kind: str, ids: list[str], key: str = "") -> None:
        """Write down what was made."""
        self._append({"kind": kind, "key": key, "ids": ids})

    def finish(self) -> None:
        """Write down that everything was made."""
        self._append({"kind": "done", "ids": []})

    def kinds(self) -> list[str]:
        """What was made, in the order in which it was begun."""
        return list(dict.fromkeys(line["kind"] for line in self._lines if line.get("ids")))

    def ids(self, kind: str) -> list[str]:
        """All ids of a kind, in the order in which they were made."""
        return [id for line in self._lines if line.get("kind") == kind for id in line["ids"]]

    def named(self, kind: str) -> dict[str, str]:
        """Key → id of a kind whose items were written down one by one."""
        return {line["key"]: line["ids"][0] for line in self._lines if line.get("kind") == kind}

    def remove(self) -> None:
        """Forget the demo."""
        self.path.unlink(missing_ok=True)
        self._lines = []

    def _read(self) -> Iterator[dict[str, Any]]:
        """The whole lines; a last line that a crash cut short is left out and cut off."""
        if not self.path.is_file():
            return
        whole = 0
        for line in self.path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                os.truncate(self.path, whole)
                return
            whole += len(line)
            yield json.loads(line)

    def _append(self, line: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._lines.append(line)
