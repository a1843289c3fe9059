"""The whole product in the test's own process, for tests that ask it thousands of small questions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.auth.tokens import access_token
from chassis.ids import new_id
from chassis.jsonio import dump_bytes, loads
from freehold.embedded import Embedded, call_wsgi
from freehold.first_start import FirstStart
from freehold.services import PACKAGES


@dataclass
class House:
    """A live product; `call` asks its public API."""

    embedded: Embedded
    app: Any
    admin_id: str

    def token(self, user_id: str, **claims: Any) -> str:
        """Return a fresh access token of a user, in a session of its own."""
        return access_token(self.embedded.gateway, user_id, new_id(), 600, **claims)

    def call(self, user_id: str | None, method: str, path: str, body: Any = None,
             headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """Send one request as a user (None: nobody); returns (status, JSON or bytes)."""
        sent = {"Accept-Language": "en"} | dict(headers or {})
        if user_id is not None:
            sent["Authorization"] = f"Bearer {self.token(user_id)}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        status, answered, content = call_wsgi(self.app, method, path, sent, b"" if body is None else dump_bytes(body))
        is_json = "json" in answered.get("Content-Type", "")
        return status, loads(content) if is_json and content else content

    def upload(self, user_id: str, path: str, content: bytes) -> Any:
        """Send bytes, which must succeed; returns the JSON."""
        headers = {"Authorization": f"Bearer {self.token(user_id)}", "Content-Type": "application/octet-stream"}
        status, _, body = call_wsgi(self.app, "POST", path, headers, content)
        assert status < 400, (path, status, body)
        return loads(body)

    def good(self, user_id: str, method: str, path: str, body: Any = None) -> Any:
        """Return the answer of a call that must succeed."""
        status, answer = self.call(user_id, method, path, body)
        assert status < 400, (method, path, status, answer)
        return answer


@contextlib.contextmanager
def open_house(home: Path, make_database: Callable[[str], str] | None = None) -> Iterator[House]:
    """The product with the CRM pack; on PostgreSQL when `make_database` makes its databases."""
    env = {"FREEHOLD_HOME": str(home), "FREEHOLD_DEFAULT_LOCALE": "en", "FREEHOLD_LOG_LEVEL": "ERROR",
           "FREEHOLD_API_RATE": "", "FREEHOLD_API_ADDRESS_RATE": ""}
    if make_database is not None:
        env |= {f"FREEHOLD_{name.upper()}_DATABASE_URL": make_database(name) for name in PACKAGES}
    embedded = Embedded(env)
    embedded.prepare()
    app = embedded.start()
    try:
        first = FirstStart(embedded.gateway, app, home)
        first.administrator()
        first.install(demo=False, report=lambda _: None)
        status, me = first.request()("GET", "/api/auth/me")
        assert status == 200, me
        yield House(embedded, app, me["id"])
    finally:
        embedded.stop()
