"""A live gateway for tests: its real database, its own app, an administrator who has signed in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from chassis.auth.keys import KeyRing
from chassis.calls import Answer
from chassis.db.tables import outbox
from chassis.events.message import Message, message_from_json
from chassis.http.app import create_app
from chassis.service import Service, build
from chassis.testkit.databases import OwnDatabase
from gateway.bootstrap import SPEC
from gateway.usecases.first_start import ensure_administrator

PASSWORD = "correct-horse-battery"


class Silence:
    """A transport to services that do not answer."""

    def send(self, target: str, *_: Any) -> Answer:
        return Answer(target, 599, b"")


@dataclass
class Gateway:
    """The gateway under test and people who talk to it."""

    service: Service
    app: Flask
    client: FlaskClient
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def sign_in(self, username: str = "admin", password: str = PASSWORD, ip: str = "10.0.0.1",
                **headers: str) -> TestResponse:
        return self.client.post("/api/auth/login", json={"username": username, "password": password},
                                environ_base={"REMOTE_ADDR": ip}, headers=headers)

    def token(self, username: str = "admin") -> str:
        if username not in self.tokens:
            answer = self.sign_in(username)
            assert answer.status_code == 200, answer.text
            self.tokens[username] = answer.json
        return self.tokens[username]["access_token"]

    def call(self, method: str, path: str, json: Any = None, *, by: str | None = "admin",
             headers: dict[str, str] | None = None, token: str | None = None) -> TestResponse:
        sent = dict(headers or {})
        if token or by:
            sent["Authorization"] = f"Bearer {token or self.token(by)}"
        if path.startswith("/") is False:
            path = f"/api/gateway/v1/{path}"
        return self.client.open(path, method=method, headers=sent, json=json)

    def make(self, noun: str, **values: Any) -> dict[str, Any]:
        answer = self.call("POST", noun, values)
        assert answer.status_code == 201, answer.text
        return answer.json

    def make_user(self, username: str, **values: Any) -> dict[str, Any]:
        return self.make("users", **({"username": username, "name": username.title(), "password": PASSWORD} | values))

    def make_role(self, key: str, *permissions: str, objects: dict[str, Any] | None = None) -> dict[str, Any]:
        return self.make("roles", key=key, name={"en": key}, permissions=list(permissions), objects=objects or {})

    def published(self, type: str) -> list[Message]:
        with self.service.db.read() as connection:
            bodies = connection.execute(select(outbox.c.body).order_by(outbox.c.id)).scalars().all()
        return [message for message in map(message_from_json, bodies) if message.type == type]

    def audit(self, **query: str) -> list[dict[str, Any]]:
        return self.client.get("/api/gateway/v1/audit", query_string={"limit": 200} | query, headers={
            "Authorization": f"Bearer {self.token()}"}).json["items"]


@pytest.fixture(scope="session")
def signing_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one signing key, made once because that takes long."""
    folder = tmp_path_factory.mktemp("keys")
    KeyRing(folder / "gateway").ensure()
    return folder


def build_gateway(folder: Path, database_url: str, **settings: str) -> Gateway:
    """A prepared gateway with an administrator; checks of passwords are cheap unless `settings` say otherwise."""
    env = {"FREEHOLD_HOME": str(folder), "FREEHOLD_DEFAULT_LOCALE": "en", "FREEHOLD_DATABASE_URL": database_url,
           "FREEHOLD_GATEWAY_PASSWORD_MEMORY_KIB": "64"}
    env |= {f"FREEHOLD_GATEWAY_{name.upper()}": value for name, value in settings.items()}
    service = build(SPEC, env=env, transport=Silence())
    service.prepare()
    service.start()
    ensure_administrator(service, PASSWORD)
    app = create_app(service)
    return Gateway(service, app, app.test_client())


@pytest.fixture
def make_gateway(tmp_path: Path, own_database: OwnDatabase, signing_keys: Path) -> Iterator[Callable[..., Gateway]]:
    """A factory: `make_gateway(lockout_after="3")` gives a prepared gateway with these settings."""
    made: list[Gateway] = []
    shutil.copytree(signing_keys, tmp_path / "keys")
    url, _ = own_database.begin("gateway", lambda url: build_gateway(tmp_path, url).service.close())

    def make(**settings: str) -> Gateway:
        made.append(build_gateway(tmp_path, url, **settings))
        return made[-1]

    yield make
    for gateway in made:
        gateway.service.close()


@pytest.fixture
def gateway(make_gateway: Callable[..., Gateway]) -> Gateway:
    """A gateway with its usual settings."""
    return make_gateway()
