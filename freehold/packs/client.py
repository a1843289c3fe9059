"""A signed-in caller of the REST API: signs in again when its token ends, waits when it is told to slow down.

How bytes travel is a `Send`: over HTTP (`http_send`), or through a WSGI app in this process (`wsgi_send`).
"""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from gateway.packs.api import ApiError

Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes]]
TIMEOUT = urllib3.Timeout(connect=5, read=120)
LONGEST_WAIT = 60.0
_BUSY = (429, 503)


def http_send(base_url: str, authority: Path | None = None) -> Send:
    """Send requests to an address, through a pool of connections; `authority` signed its certificate."""
    trusted = {"ca_certs": str(authority)} if authority else {}
    pool = urllib3.PoolManager(maxsize=4, timeout=TIMEOUT, retries=urllib3.Retry(3, read=0, redirect=0), **trusted)
    base = base_url.rstrip("/")

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        answer = pool.request(method, base + path, body=body or None, headers=dict(headers))
        return answer.status, answer.headers, answer.data

    return send


def wsgi_send(app: Callable[..., Any]) -> Send:
    """Send requests through a WSGI app in this process."""
    from freehold.embedded import call_wsgi

    return lambda method, path, headers, body: call_wsgi(app, method, path, headers, body)


@dataclass
class Client:
    """`client(method, path, json, headers) -> (status, json)`, as one user: by password, API key or fresh tokens."""

    send: Send
    username: str = ""
    password: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    fresh_token: Callable[[], str] | None = None
    pause: Callable[[float], None] = time.sleep
    _token: str = field(default="", repr=False)

    def __call__(self, method: str, path: str, json: Any = None,
                 headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """Send one request; 401 leads to one new sign-in, 429 and 503 to waiting and trying again."""
        status, body = self._patient(method, path, json, self._signed(headers or {}))
        if status == 401 and self.password:
            self._token = ""
            status, body = self._patient(method, path, json, self._signed(headers or {}))
        return status, body

    def sign_in(self) -> None:
        """Get a token for the user; raises ApiError when the gateway refuses."""
        path = "/api/auth/login"
        status, body = self._patient("POST", path, {"username": self.username, "password": self.password}, {})
        if status != 200:
            raise ApiError("POST", path, status, body)
        self._token = body["access_token"]

    def _signed(self, headers: Mapping[str, str]) -> dict[str, str]:
        if self.fresh_token is not None:
            return {**headers, "Authorization": f"Bearer {self.fresh_token()}"}
        if not self.key and not self._token:
            self.sign_in()
        return {**headers, "Authorization": f"Bearer {self.key or self._token}"}

    def _patient(self, method: str, path: str, json: Any, headers: Mapping[str, str]) -> tuple[int, Any]:
        waited = 0.0
        while True:
            status, answer_headers, body = self.send(method, path, *_encoded(json, headers))
            wait = _retry_after(answer_headers)
            if status not in _BUSY or waited + wait > LONGEST_WAIT:
                return status, _decoded(body)
            self.pause(wait)
            waited += wait


def _encoded(json: Any, headers: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
    sent = {"Accept": "application/json", "Accept-Language": "en", **headers}
    if json is None:
        return sent, b""
    return {**sent, "Content-Type": "application/json"}, jsonlib.dumps(json, ensure_ascii=False).encode()


def _decoded(body: bytes) -> Any:
    try:
        return jsonlib.loads(body) if body else None
    except ValueError:
        return None


def _retry_after(headers: Mapping[str, str]) -> float:
    value = next((text for name, text in headers.items() if name.lower() == "retry-after"), "1")
    return max(0.1, float(value)) if value.replace(".", "", 1).isdigit() else 1.0
