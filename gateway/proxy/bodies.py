"""A request's body on its way through: never in memory as a whole, never longer than allowed."""

from __future__ import annotations

from typing import Any


class BodyTooLarge(Exception):
    """The body is longer than the route allows."""


class ClientGone(Exception):
    """The client stopped sending before the length that it announced."""


def announced_length(environ: dict[str, Any]) -> int | None:
    """Return the announced length of the body, None when it comes in chunks; ValueError when it is no number."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    text = environ.get("CONTENT_LENGTH") or "0"
    if not text.isascii() or not text.isdigit():
        raise ValueError("not a length")
    return int(text)


class Body:
    """Reads a request's body piece by piece."""

    def __init__(self, environ: dict[str, Any], length: int | None, limit: int) -> None:
        self._input = environ["wsgi.input"]
        self._length, self._limit, self._seen = length, limit, 0

    def read(self, size: int = 65_536) -> bytes:
        """Return the next piece, empty at the end."""
        if self._length is not None:
            size = min(size, self._length - self._seen)
            if size <= 0:
                return b""
        piece = self._input.read(size)
        self._seen += len(piece)
        if not piece and self._length is not None:
            raise ClientGone
        if self._seen > self._limit:
            raise BodyTooLarge
        return piece
