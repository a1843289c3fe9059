"""Which headers pass the proxy, in both directions (RFC 9110, section 7.6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade", "expect"})
INTERNAL_HEADERS = tuple(f"X-Freehold-{name}" for name in ("Depth", "Origin", "Origin-Name", "Causation", "Bulk"))
PUBLIC_HEADERS = frozenset({"X-Freehold-Backdate"})  # for those who may manage objects; the service checks
_OURS = frozenset({"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix", "forwarded",
                   "x-real-ip"})
_PUBLIC = frozenset(f"HTTP_{name.upper().replace('-', '_')}" for name in PUBLIC_HEADERS)
_PREFIX = "HTTP_X_FORWARDED_PREFIX"
_ANSWER_DROPPED = frozenset({"server", "date"})  # this server writes its own


def strip_internal(environ: dict[str, Any]) -> None:
    """Remove what only services and edges may say to each other, known today or not."""
    internal = [name for name in environ if name == _PREFIX or (
        name.startswith("HTTP_X_FREEHOLD_") and name not in _PUBLIC)]
    for name in internal:
        del environ[name]


def forwarded_headers(environ: dict[str, Any], prefix: str) -> dict[str, str]:
    """Return the headers that say who asked and how."""
    return {"X-Forwarded-For": environ.get("REMOTE_ADDR", ""), "X-Forwarded-Proto": environ["wsgi.url_scheme"],
            "X-Forwarded-Host": environ.get("HTTP_HOST", ""), "X-Forwarded-Prefix": prefix}


def request_headers(environ: dict[str, Any], prefix: str) -> dict[str, str]:
    """Return the headers with which a request goes on to a service."""
    dropped = _HOP_BY_HOP | _OURS | _named_by_connection(environ.get("HTTP_CONNECTION", ""))
    headers = {name[5:].replace("_", "-").title(): value for name, value in environ.items()
               if name.startswith("HTTP_") and name[5:].replace("_", "-").lower() not in dropped}
    for name, key in (("Content-Type", "CONTENT_TYPE"), ("Content-Length", "CONTENT_LENGTH")):
        if environ.get(key):
            headers[name] = environ[key]
    return headers | forwarded_headers(environ, prefix)


def answer_headers(headers: Iterable[tuple[str, str]], connection: str) -> list[tuple[str, str]]:
    """Return the headers with which a service's answer goes back."""
    dropped = _HOP_BY_HOP | _ANSWER_DROPPED | _named_by_connection(connection)
    return [(name, value) for name, value in headers if name.lower() not in dropped]


def _named_by_connection(header: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in header.split(",") if name.strip())
