"""Files that are nearly sheets: whatever a byte says, there are rows or there is a reason."""

from __future__ import annotations

import io
import random

import openpyxl
import pytest

from services.customer.model.sheets.limits import Limits
from services.customer.model.sheets.problems import SheetError
from services.customer.store.imports.files import files_of, receive
from services.customer.store.imports.reading import read_sheet

LIMITS = Limits(seconds=20, memory=512 << 20, unpacked=64 << 20)


def workbook() -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in range(40):
        book.active.append([f"名字{row}", row * 1.5, None, "x" * row])
    book.save(file)
    return file.getvalue()


def text() -> bytes:
    return "".join(f"名字{row},{row},\"引号 {row}\"\r\n" for row in range(200)).encode("gb18030")


def damaged(content: bytes, seed: int) -> bytes:
    """The content with bytes changed, taken out and put in."""
    chance, data = random.Random(seed), bytearray(content)
    for _ in range(chance.choice((1, 5, 40))):
        place = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place:place + chance.randrange(1, 30)]
            case _:
                data[place:place] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
    return bytes(data)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("content", [workbook(), text()], ids=["workbook", "text"])
def test_a_damaged_file_gives_rows_or_a_reason(tmp_path, content, seed):
    files = files_of(tmp_path, "damaged")
    receive(io.BytesIO(damaged(content, seed)), files, 1 << 20)
    assert outcome(files).startswith(("rows", "sheet_"))


def outcome(files) -> str:
    """`rows`, or the code of the problem."""
    files.staging.unlink(missing_ok=True)
    try:
        found = read_sheet(files.upload, files.staging, LIMITS)
    except SheetError as problem:
        return problem.code
    return "rows" if found.rows and found.head else "nothing"
