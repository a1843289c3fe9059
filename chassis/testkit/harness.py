"""One service under test: real database, local broker, a directory written by the test, fake neighbours.

The harness plays the gateway: it signs tokens with keys of its own and answers the JWKS call. Neighbours' answers are
put into `harness.neighbours`; what was asked of them is in `harness.asked`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from chassis.auth.directory import apply_changes
from chassis.auth.keys import KeyRing
from chassis.auth.principal import ACTIONS, PERMISSIONS
from chassis.auth.tokens import access_token
from chassis.calls import Answer
from chassis.clock import to_wire, utcnow
from chassis.db.tables import outbox
from chassis.events.consumers import Consumer
from chassis.events.message import Message, message_from_json
from chassis.http.app import create_app
from chassis.ids import new_id
from chassis.jsonio import dump_bytes, loads
from chassis.service import ServiceSpec, build
from chassis.testkit.lent_keys import lend_key

Reply = Callable[[Any], tuple[int, Any]]


@dataclass(frozen=True)
class Asked:
    """One call that the service made to a neighbour."""

    target: str
    method: str
    path: str
    json: Any
    headers: Mapping[str, str]


@dataclass
class _Gateway:
    """Signs as the gateway."""

    signer: KeyRing
    name: str = "gateway"


@dataclass
class Harness:
    """Build it with a specification and a folder; `database_url` chooses the database (default: SQLite there)."""

    spec: ServiceSpec
    folder: Path
    database_url: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    neighbours: dict[tuple[str, str, str], Reply] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        env = {"FREEHOLD_HOME": str(self.folder), "FREEHOLD_DEFAULT_LOCALE": "en", "FREEHOLD_DEFAULT_TIMEZONE": "UTC"}
        if self.database_url:
            env["FREEHOLD_DATABASE_URL"] = self.database_url
        self._gateway = _Gateway(KeyRing(self.folder / "test-gateway-keys"))
        self._version = 0
        self.service = build(self.spec, env=env | self.env, transport=self)
        lend_key("gateway", self._gateway.signer)
        lend_key(self.spec.name, self.service.signer)
        self.service.prepare()
        self.service.start()
        self.app = create_app(self.service)
        self.client: FlaskClient = self.app.test_client()

    def close(self) -> None:
        """Give everything back."""
        self.service.close()

    def on_copy(self, folder: Path, database_url: str) -> Harness:
        """The same in another folder, on a copy of its database."""
        again = replace(self, folder=folder, database_url=database_url, neighbours=dict(self.neighbours), asked=[])
        again._version = self._version
        return again

    # the neighbours

    def send(self, target: str, method: str, path: str, headers: Mapping[str, str], body: bytes | None,
             timeout: float) -> Answer:
        """Answer a call of the service to a neighbour (the harness is its transport)."""
        if (target, path) == ("gateway", "/.well-known/jwks.json"):
            return Answer(target, 200, dump_bytes(self._gateway.signer.jwks()))
        asked = Asked(target, method, path, loads(body) if body else None, dict(headers))
        self.asked.append(asked)
        reply = self.neighbours.get((target, method, path.partition("?")[0]))
        status, answer = reply(asked.json) if reply else (404, {"code": "no_such_address"})
        return Answer(target, status, answer if isinstance(answer, bytes) else dump_bytes(answer))

    # the directory

    def department(self, name: str, parent_id: str | None = None) -> str:
        """Add a department; returns its id."""
        return self._enter("departments", {"name": name, "parent_id": parent_id})

    def role(self, objects: Mapping[str, Any] | None = None, permissions: tuple[str, ...] = ()) -> str:
        """Add a role; returns its id."""
        return self._enter("roles", {"key": new_id(), "name": {"en": "Role", "zh-CN": "角色"},
                                     "permissions": list(permissions), "objects": dict(objects or {})})

    def administrator(self) -> str:
        """Add a user who may do everything; returns his id."""
        role = self.role({"*": {"actions": list(ACTIONS), "scope": "all", "fields": {}}}, PERMISSIONS)
        return self.user("Administrator", roles=(role,))

    def user(self, name: str, department_id: str | None = None, roles: tuple[str, ...] = (), **more: Any) -> str:
        """Add a user; returns his id."""
        return self._enter("users", {
            "username": more.pop("username", new_id()), "name": name, "email": f"{new_id()}@example.com", "phone": None,
            "department_id": department_id, "role_ids": list(roles), "active": True, "locale": "en",
            "timezone": "UTC"} | more)

    def update(self, plural: str, body: Mapping[str, Any]) -> None:
        """Change an entity of the directory (`users`, `departments`, `roles`, `calendars`) that has an id."""
        self._version += 1
        with self.service.db.unit_of_work() as uow:
            apply_changes(uow, {plural: [dict(body) | {"version": self._version}]})
        self.service.directory.snapshot(fresh=True)

    def _enter(self, plural: str, body: dict[str, Any]) -> str:
        id = new_id()
        self.update(plural, {"id": id} | body)
        return id

    # requests and events

    def token(self, user_id: str, session_id: str | None = None, seconds: int = 600, **claims: Any) -> str:
        """Return an access token of a user, as the gateway would sign it."""
        return access_token(self._gateway, user_id, session_id or new_id(), seconds, **claims)  # type: ignore[arg-type]

    def call(self, user_id: str | None, method: str, path: str, json: Any = None,
             headers: Mapping[str, str] | None = None, **more: Any) -> TestResponse:
        """Send a request as a user (None: nobody)."""
        sent = dict(headers or {})
        if user_id is not None:
            sent["Authorization"] = f"Bearer {self.token(user_id)}"
        if json is not None:
            more["json"] = json
        return self.client.open(path, method=method, headers=sent, **more)

    def call_as_service(self, name: str, method: str, path: str, json: Any = None,
                        headers: Mapping[str, str] | None = None) -> TestResponse:
        """Send a request as the service under test itself (name must be its own) or as the gateway."""
        sent = {"Authorization": f"Bearer {self.service.own_token()}"} | dict(headers or {})
        assert name == self.service.name, "the harness holds only this service's keys"
        return self.client.open(path, method=method, headers=sent, json=json)

    def message(self, type: str, data: dict[str, Any], *, depth: int = 0, id: str | None = None,
                source: str = "/freehold/test", subject: str | None = None) -> Message:
        """Make a message as another service would publish it."""
        return Message(id=id or new_id(), type=type, source=source, subject=subject, time=to_wire(utcnow()), data=data,
                       request_id=new_id(), depth=depth)

    def deliver(self, *messages: Message) -> None:
        """Hand messages to the consumers that listen to their types, with inbox, in one batch for each."""
        for subscription in self.service.subscriptions:
            wanted = [message for message in messages if message.type in subscription.types]
            if wanted:
                Consumer(self.service, subscription, ())._commit(wanted)

    def published(self, type: str | None = None) -> list[Message]:
        """Return what waits in the outbox, oldest first."""
        with self.service.db.read() as connection:
            bodies = connection.execute(select(outbox.c.body).order_by(outbox.c.id)).scalars().all()
        messages = [message_from_json(body) for body in bodies]
        return [message for message in messages if type in (None, message.type)]
