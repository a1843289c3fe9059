"""A running installation seen as a WSGI app, for the steps of a first start, which speak to a WSGI app."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import urllib3


class RemoteApp:
    """Passes each call on to the installation at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=5, read=120))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        url = self._address + environ["RAW_URI"]
        answer = self._pool.request(environ["REQUEST_METHOD"], url, body=body or None, headers=_headers(environ))
        start_response(f"{answer.status} {answer.reason or ''}", list(answer.headers.items()))
        return [answer.data]


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    sent = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        sent["Content-Type"] = environ["CONTENT_TYPE"]
    return sent
