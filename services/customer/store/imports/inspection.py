"""What a file is, by its bytes and never by its name, and whether it may be unpacked.

Only the directory at the end of a zip archive is read here. What an archive hides from its directory is stopped by
the limits of the process that unpacks it.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from services.customer.model.sheets.limits import Limits
from services.customer.model.sheets.problems import SheetError

WORKBOOK, TEXT = "workbook", "text"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))
_BOOKS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_RATIO_FROM = 1 << 20
_BLOCK = 1 << 20


def kind_of(path: Path, limits: Limits) -> str:
    """`workbook` or `text`; raises SheetError for what is empty, locked, broken, too large, or something else."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise SheetError("sheet_empty")
    if start.startswith(_OLE):
        _inspect_ole(path)
        return WORKBOOK
    if start.startswith(b"PK"):
        _inspect_zip(path, limits)
        return WORKBOOK
    return TEXT


def _inspect_ole(path: Path) -> None:
    if _contains(path, _ENCRYPTED):
        raise SheetError("sheet_locked")
    if not _contains(path, _BOOKS):
        raise SheetError("sheet_not_recognised")


def _contains(path: Path, words: tuple[bytes, ...]) -> bool:
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if any(word in rest + block for word in words):
                return True
            rest = block[-64:]
    return False


def _inspect_zip(path: Path, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_sizes(entries, limits)
            _check_kind(archive, entries)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise SheetError("sheet_broken") from error


def _check_sizes(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise SheetError("sheet_locked")
    if len(entries) > limits.entries:
        raise SheetError("sheet_bomb")
    if sum(entry.file_size for entry in entries) > limits.unpacked:
        raise SheetError("sheet_bomb")
    for entry in entries:
        if entry.file_size > _RATIO_FROM and entry.file_size > entry.compress_size * limits.ratio:
            raise SheetError("sheet_bomb")


def _check_kind(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    names = {entry.filename.replace("\\", "/").lower() for entry in entries}
    if names & {"xl/workbook.xml", "xl/workbook.bin"}:
        return
    if "content.xml" not in names or "mimetype" not in names:
        raise SheetError("sheet_not_recognised")
    if b"spreadsheet" not in archive.read("mimetype")[:100]:
        raise SheetError("sheet_not_recognised")
    if "meta-inf/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml")[:_BLOCK]:
        raise SheetError("sheet_locked")
