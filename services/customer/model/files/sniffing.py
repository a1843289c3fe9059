"""The media type of a file by its content; what it is called or said to be never counts.

Signatures are those of the formats' own specifications. Office files are told from other archives by the names of
their parts. Text is what decodes as UTF-8 (or GB 18030, as Chinese programs write it) without control characters; text
that begins like markup is markup, so no page or drawing passes as plain text.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

HEAD = 4096
BINARY = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument."
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"), (0, b"\xff\xd8\xff", "image/jpeg"), (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"), (0, b"BM", "image/bmp"), (0, b"II*\0", "image/tiff"), (0, b"MM\0*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"), (0, b"{\\rtf", "application/rtf"), (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"), (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"), (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b", "application/gzip"), (0, b"ID3", "audio/mpeg"), (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"), (0, b"fLaC", "audio/flac"), (0, b"\x1aE\xdf\xa3", "video/webm"),
    (4, b"ftypheic", "image/heic"), (4, b"ftypmif1", "image/heic"), (4, b"ftypavif", "image/avif"),
    (4, b"ftypM4A", "audio/mp4"), (4, b"ftypqt", "video/quicktime"), (4, b"ftyp", "video/mp4"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_PARTS = (("word/", f"{_OFFICE}.wordprocessingml.document"), ("xl/", f"{_OFFICE}.spreadsheetml.sheet"),
          ("ppt/", f"{_OFFICE}.presentationml.presentation"))
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_PARTS = 2000


def sniff(path: Path) -> str:
    """The media type of the file's content; `application/octet-stream` for what is nothing known."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    found = _by_signature(head)
    if found == "application/zip":
        return _archive(path)
    return found or _text(head) or BINARY


def _by_signature(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    return next((kind for start, sign, kind in _SIGNATURES if head[start:start + len(sign)] == sign), None)


def _archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()[:_MOST_PARTS]
            names = [part.filename for part in parts]
            if names[:1] == ["mimetype"] and parts[0].file_size < 100:
                said = archive.read("mimetype").decode("ascii", "replace")
                return said if said.startswith(_OPEN) else "application/zip"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError):
        return BINARY
    if "[Content_Types].xml" not in names:
        return "application/zip"
    if any(name.endswith("vbaProject.bin") for name in names):
        return "application/vnd.ms-office.macro"
    return next((kind for start, kind in _PARTS if any(name.startswith(start) for name in names)), "application/zip")


def _text(head: bytes) -> str | None:
    """Text, page or drawing; a character cut at the end of the head does not matter."""
    if not head:
        return "text/plain"
    plain = head.removeprefix(b"\xef\xbb\xbf")
    if _CONTROL.search(plain):
        return None
    text = next((text for decode in (_utf8, _gb18030) if (text := decode(plain)) is not None), None)
    return None if text is None else _markup(text)


def _markup(text: str) -> str:
    plain = text.lstrip().lower()
    if not (plain.startswith("<") and (plain[1:2].isalpha() or plain[1:2] in ("!", "?", "/"))):
        return "text/plain"
    if "<svg" in plain or ":svg" in plain:
        return "image/svg+xml"
    return "text/xml" if plain.startswith("<?xml") and "<html" not in plain else "text/html"


def _decoder(encoding: str, longest: int) -> Callable[[bytes], str | None]:
    def decode(data: bytes) -> str | None:
        for cut in range(longest):
            try:
                return data[:len(data) - cut].decode(encoding)
            except UnicodeDecodeError as error:
                if len(data) < HEAD - 3 or error.start < len(data) - longest:
                    return None
        return None

    return decode


_utf8, _gb18030 = _decoder("utf-8", 4), _decoder("gb18030", 4)
