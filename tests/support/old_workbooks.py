"""Old workbooks (BIFF8 in a compound file), as small as readers take them; sources: [MS-XLS], [MS-CFB]."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTOR, _LEAST = 512, 4096
_END, _FAT, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def old_workbook(rows: Sequence[Sequence[str | float]], sheet: str = "Sheet1") -> bytes:
    """A workbook with one sheet of texts and numbers."""
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)) + _record(
        0x0042, struct.pack("<H", 1200))
    name = struct.pack("<BB", len(sheet), 1) + sheet.encode("utf-16-le")
    offset = len(start) + 4 + 6 + len(name) + 4
    stream = start + _record(0x0085, struct.pack("<IBB", offset, 0, 0) + name) + _record(0x000A, b"")
    stream += _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    stream += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            stream += _cell(row, column, cell)
    return _compound(stream + _record(0x000A, b""))


def _cell(row: int, column: int, cell: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(cell, str):
        return _record(0x0204, place + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
    return _record(0x0203, place + struct.pack("<d", cell))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _compound(stream: bytes) -> bytes:
    """One stream `Workbook` in a compound file: header, its sectors, the directory, the table of sectors."""
    stream = stream.ljust(_LEAST, b"\0")
    stream += b"\0" * (-len(stream) % _SECTOR)
    count = len(stream) // _SECTOR
    directory, table = count, count + 1
    fat = [*range(1, count), _END, _END, _FAT]
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    header = struct.pack("<8s16sHHHHH6sIIIIIIIIII", _MAGIC, b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
                         0, 1, directory, 0, _LEAST, _END, 0, _END, 0, table)
    entries = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, 0, len(stream))
    return (header.ljust(_SECTOR, b"\xff") + stream + entries.ljust(_SECTOR, b"\0")
            + struct.pack(f"<{len(fat)}I", *fat))


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    return struct.pack("<64sHBBIII16sIQQIQ", text, len(text), kind, 1, _FREE, _FREE, child, b"", 0, 0, 0, start, size)
