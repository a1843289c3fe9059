"""Files as answers: sent piece by piece, under a name in any language (RFC 6266)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import Response


def file_response(pieces: Iterable[bytes], media_type: str, name: str) -> Response:
    """A file that is to be kept under `name`, which may be in Chinese."""
    response = Response(pieces, content_type=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response
