"""Which files may come in, and which a browser may show within the product's own address."""

from __future__ import annotations

import re

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/heic", "image/avif"})
# what a browser shows without running anything in it; pages and drawings with scripts are never among them
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"})
ALLOWED = (
    "image/png image/jpeg image/gif image/webp image/bmp image/heic image/avif image/tiff application/pdf "
    "application/rtf application/zip application/x-ole-storage text/plain audio/mpeg audio/wav audio/mp4 video/mp4 "
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document "
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet "
    "application/vnd.openxmlformats-officedocument.presentationml.presentation "
    "application/vnd.oasis.opendocument.text application/vnd.oasis.opendocument.spreadsheet "
    "application/vnd.oasis.opendocument.presentation")
MAX_NAME = 200
_FORBIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\"<>|*?:/\\]")


def clean_name(given: str) -> str:
    """A name that any system can save: without folders, control characters and signs that turn the text round."""
    last = re.split(r"[/\\]", given)[-1]
    plain = _FORBIDDEN.sub("_", last).strip(" .")
    if len(plain) > MAX_NAME:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[:MAX_NAME - 1 - len(ending)]}.{ending}" if dot and len(ending) < 20 else plain[:MAX_NAME]
    return plain or "file"
