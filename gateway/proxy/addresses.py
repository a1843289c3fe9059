"""Paths that try to reach another place than they name, and who stands behind a proxy."""

from __future__ import annotations

import re
from typing import Any

_HIDDEN = re.compile(r"%(?:2f|5c|00|2e)", re.IGNORECASE)
_STRANGE = re.compile(r"[\\\x00-\x1f\x7f]|//")


def is_refused(environ: dict[str, Any]) -> bool:
    """Tell whether a path has dot segments, empty segments, backslashes, control characters or hidden slashes."""
    path = environ.get("PATH_INFO", "")
    if not path.startswith("/") or _STRANGE.search(path) or any(part in (".", "..") for part in path.split("/")):
        return True
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    return _HIDDEN.search(raw.partition("?")[0]) is not None


def believe_proxies(environ: dict[str, Any], hops: int) -> None:
    """Put the client's address and scheme into `environ` as `hops` trusted proxies in front report them."""
    if hops <= 0:
        return
    reported = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if len(reported) >= hops:
        environ["REMOTE_ADDR"] = reported[-hops][:64]
    if environ.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
        environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"]
