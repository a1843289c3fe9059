"""The process that reads one uploaded file: whatever a hostile file does, it does it here, within limits.

    python -m services.customer.store.imports.reader <upload> <staging file>

The limits come in as JSON on standard input. The answer is one JSON object on standard output: what was found and
the first rows, or the code of the problem.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from services.customer.model.sheets.limits import Limits
from services.customer.model.sheets.problems import SheetError

HEAD_ROWS = 60
Row = tuple[int, list[Any]]


def main(upload: Path, staging: Path) -> dict[str, Any]:
    """Read `upload` into `staging`; returns the answer."""
    limits = Limits(**orjson.loads(sys.stdin.buffer.read()))
    confine(limits)
    try:
        return {"found": read(upload, staging, limits)}
    except SheetError as problem:
        return {"problem": problem.code, "params": problem.params}
    except MemoryError:
        return {"problem": "sheet_too_complex", "params": {}}
    except BaseException as error:  # a reader of hostile files may fail in any way, panics of native code included
        return {"problem": "sheet_broken", "params": {}, "because": f"{type(error).__name__}: {error}"[:300]}


def confine(limits: Limits) -> None:
    """Bound memory, processor time and the size of written files of this process; no core files."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.unpacked * 2, limits.unpacked * 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(upload: Path, staging: Path, limits: Limits) -> dict[str, Any]:
    """Stage the rows; returns format, sheet, encoding, delimiter, rows, width, head."""
    from services.customer.store.imports.inspection import WORKBOOK, kind_of
    from services.customer.store.imports.staging import create

    kind = kind_of(upload, limits)
    found, rows = _workbook(upload, limits) if kind == WORKBOOK else _text(upload, limits)
    head = list(islice(rows, HEAD_ROWS))
    if not head:
        raise SheetError("sheet_empty")
    width = Width()
    count = create(staging, width.of(chain(head, rows)), limits.rows + 1)  # the header is none of the rows
    if count is None:
        raise SheetError("sheet_too_long", limit=limits.rows)
    return {"kind": kind, **found, "rows": count, "width": width.widest, "head": head}


class Width:
    """Watches rows go by and remembers how wide the widest was."""

    widest = 0

    def of(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The same rows."""
        for row in rows:
            self.widest = max(self.widest, len(row[1]))
            yield row


def _workbook(upload: Path, limits: Limits) -> tuple[dict[str, Any], Iterator[Row]]:
    from services.customer.store.imports.workbooks import read_workbook

    sheet, rows = read_workbook(upload, limits)
    return {"sheet": sheet[:200], "encoding": None, "delimiter": None}, rows


def _text(upload: Path, limits: Limits) -> tuple[dict[str, Any], Iterator[Row]]:
    from services.customer.store.imports.text_files import read_text

    encoding, delimiter, rows = read_text(upload, limits)
    return {"sheet": None, "encoding": encoding, "delimiter": delimiter}, rows


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
