"""The public API as packs at the gateway reach it: in the name of the person who installs, with his rights and no more.

A request of his own is passed on with his own token; a job, which outlives the request, gets short tokens for him.
Whatever he may not do is refused by the service that he would have asked himself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from chassis.auth.tokens import access_token
from chassis.ids import new_id
from chassis.service import Service
from gateway.packs.api import Request

_SECONDS, _RENEW, _TIMEOUT = 600, 300, 120
_BUSY, _LONGEST_WAIT = (429, 503), 60.0


def caller(service: Service, authorization: Callable[[], str], locale: str = "en",
           pause: Callable[[float], None] = time.sleep) -> Request:
    """A `Request` that sends each call with what `authorization` says; waits while a service is busy."""

    def request(method: str, path: str, json: Any = None, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        _, _, target, rest = path.split("/", 3)
        sent = {"Accept-Language": locale, **(headers or {}), "Authorization": authorization()}
        waited = 0.0
        while True:
            answer = service.calls.request(target, method, f"/{rest}", json=json, headers=sent, anonymous=True,
                                           timeout=_TIMEOUT)
            if answer.status not in _BUSY or waited >= _LONGEST_WAIT:
                return answer.status, answer.json
            pause(1.0)
            waited += 1.0

    return request


def tokens_for(service: Service, user_id: str) -> Callable[[], str]:
    """Authorization for a job of this person; a token is renewed long before it ends."""
    session, kept = new_id(), ["", 0.0]

    def authorization() -> str:
        if time.monotonic() > float(kept[1]):
            kept[:] = [access_token(service, user_id, session, _SECONDS), time.monotonic() + _RENEW]
        return f"Bearer {kept[0]}"

    return authorization
