"""Text files: which characters, which delimiter.

A byte order mark is believed. Without one, what is valid UTF-8 is UTF-8, what has zeros in every other byte is UTF-16,
and the rest is GB 18030, the encoding of Chinese desktops.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable

from services.customer.model.sheets.problems import SheetError

DELIMITERS = (",", ";", "\t", "，")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf", b"\x7fELF")
_MARKUP = (b"<html", b"<!doc", b"<?xml", b"<tabl", b"<meta")


def encoding_of(blocks: Iterable[bytes]) -> str:
    """The encoding of a text file given in blocks; raises SheetError when it is none that people use."""
    start = b""
    strict = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "gb18030")}
    for block in blocks:
        if not start:
            start = block
            marked = _by_its_start(block)
            if marked:
                return marked
        for name in list(strict):
            if not _decodes(strict[name], block):
                del strict[name]
    for name, decoder in strict.items():
        if _decodes(decoder, b"", final=True):
            return name
    raise SheetError("sheet_encoding_unknown")


def _by_its_start(block: bytes) -> str | None:
    for mark, name in _MARKS:
        if block.startswith(mark):
            return name
    if block.startswith(_BINARY) or block[:256].lstrip().lower().startswith(_MARKUP):
        raise SheetError("sheet_not_recognised")
    return _utf_16(block[:4000]) if b"\0" in block[:4000] else None


def _utf_16(sample: bytes) -> str:
    """The byte order by where the zeros of Latin letters and line ends stand; some Chinese letters have others."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    order = "utf-16-le" if odd > 2 * even else "utf-16-be" if even > 2 * odd else None
    if order is None or not _decodes(codecs.getincrementaldecoder(order)(), sample):
        raise SheetError("sheet_not_recognised")
    return order


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(sample: str) -> str:
    """The delimiter that cuts the first lines into the most, equally many columns; a comma when none does."""
    scores = {mark: _score(sample, mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: scores[mark])
    return best if scores[best] > 0 else ","


def _score(sample: str, mark: str) -> float:
    rows = [row for row in csv.reader(sample.splitlines(keepends=True)[:200], delimiter=mark) if any(row)]
    widths = [len(row) for row in rows]
    if not widths or max(widths) < 2:
        return 0.0
    usual = max(set(widths), key=widths.count)
    return 0.0 if usual < 2 else widths.count(usual) / len(widths) * 10 + min(usual, 50) / 10
