"""The caller of the REST API: signs in, signs in again, waits when told to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from freehold.packs.client import Client
from gateway.packs.api import ApiError

Answer = tuple[int, Mapping[str, str], bytes]


class Gateway:
    """Answers in turn; remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, str | None]] = []

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked.append((method, path, headers.get("Authorization")))
        return self.answers.pop(0)


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    return status, headers, b"" if body is None else json.dumps(body).encode()


def token(text: str) -> Answer:
    return answer(200, {"access_token": text})


def client(gateway: Gateway, pauses: list[float] | None = None, **who: str) -> Client:
    return Client(gateway, **(who or {"username": "admin", "password": "x"}),
                  pause=(pauses if pauses is not None else []).append)


def test_it_signs_in_once_and_again_when_the_token_ends() -> None:
    gateway = Gateway(token("one"), answer(200, {}), answer(401, {}), token("two"), answer(200, {"ok": 1}))
    caller = client(gateway)
    caller("GET", "/a")
    assert caller("GET", "/b") == (200, {"ok": 1})
    assert [asked[2] for asked in gateway.asked] == [None, "Bearer one", "Bearer one", None, "Bearer two"]


def test_a_refused_sign_in_is_an_error() -> None:
    with pytest.raises(ApiError, match="401"):
        client(Gateway(answer(401, {"title": "Wrong password"})))("GET", "/a")


def test_it_waits_as_long_as_it_is_told_but_not_for_ever() -> None:
    pauses: list[float] = []
    gateway = Gateway(answer(429, {}, **{"Retry-After": "2"}), answer(503), answer(200, []),
                      answer(429, {}, **{"retry-after": "3600"}))
    caller = client(gateway, pauses, key="fhk_x")
    assert caller("GET", "/a") == (200, [])
    assert pauses == [2.0, 1.0]
    assert caller("GET", "/b")[0] == 429


def test_a_key_is_sent_as_it_is_and_never_renewed() -> None:
    gateway = Gateway(answer(401, {}))
    assert client(gateway, key="fhk_x")("GET", "/a") == (401, {})
    assert gateway.asked == [("GET", "/a", "Bearer fhk_x")]


def test_no_secret_shows_in_its_text() -> None:
    shown = repr(Client(Gateway(), "admin", "geheim", "fhk_secret"))
    assert "geheim" not in shown
    assert "fhk_secret" not in shown
