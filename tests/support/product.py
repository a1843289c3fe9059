"""The whole product as a user meets it: started by its own commands, spoken to over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from chassis.testkit.processes import free_port
from freehold.devstack.cli import first_start
from freehold.devstack.stack import FullStack

# for load and chaos: nobody is told that he asks too often
UNLIMITED = {"FREEHOLD_GATEWAY_API_RATE": "", "FREEHOLD_GATEWAY_API_ADDRESS_RATE": "",
             "FREEHOLD_GATEWAY_SIGN_IN_RATE": ""}


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    json: Any
    body: bytes
    headers: Mapping[str, str]

    def ok(self, status: int | None = None) -> Any:
        """Return the JSON of a reply that was expected to be good."""
        assert self.status == status if status else self.status < 400, f"{self.status}: {self.body[:600]!r}"
        return self.json


@dataclass
class Person:
    """Somebody who is signed in, or a program with a key."""

    product: Product
    token: str

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None,
             fields: Mapping[str, Any] | None = None, **query: Any) -> Reply:
        """Send a request with this person's token; `fields` makes it multipart."""
        return self.product.send(method, path, body, {"Authorization": f"Bearer {self.token}"} | dict(headers or {}),
                                 fields, query)

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a good answer."""
        return self.call("GET", path, **query).ok()

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Return the JSON of a good answer."""
        return self.call("POST", path, {} if body is None and "fields" not in more else body, **more).ok()

    def all_of(self, path: str, body: dict[str, Any]) -> list[Any]:
        """Return the items of all pages of a query."""
        items, cursor = [], None
        while True:
            page = self.post(path, body | {"limit": 200} | ({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items


@dataclass
class Product:
    """A running installation; `password` is the administrator's."""

    address: str
    password: str
    home: Path
    certificate: Path | None = None
    stack: FullStack | None = None
    pid: int | None = None
    pool: urllib3.PoolManager = field(init=False)

    def __post_init__(self) -> None:
        # A server may close a kept connection at the moment of its next use: what is safe to repeat is sent once more.
        once_more = urllib3.Retry(connect=0, read=1, redirect=False, status=0, other=0,
                                  allowed_methods=("GET", "PATCH"), respect_retry_after_header=False)
        self.pool = urllib3.PoolManager(maxsize=32, retries=once_more, timeout=60,
                                        ca_certs=str(self.certificate) if self.certificate else None)

    def send(self, method: str, path: str, body: Any, headers: Mapping[str, str],
             fields: Mapping[str, Any] | None = None, query: Mapping[str, Any] | None = None) -> Reply:
        """Send one request."""
        url = self.address + path + (f"?{urlencode(query)}" if query else "")
        if fields is not None:
            answer = self.pool.request(method, url, fields=fields, headers=dict(headers))
        elif isinstance(body, bytes):
            answer = self.pool.request(method, url, body=body, headers=dict(headers) | {
                "Content-Type": "application/octet-stream"})
        else:
            sent = dict(headers) | ({"Content-Type": "application/json"} if body is not None else {})
            answer = self.pool.request(method, url, body=None if body is None else json.dumps(body), headers=sent)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return Reply(answer.status, json.loads(answer.data) if is_json and answer.data else None, answer.data,
                     answer.headers)

    def sign_in(self, username: str, password: str) -> Person:
        """Sign in."""
        answer = self.send("POST", "/api/auth/login", {"username": username, "password": password}, {})
        return Person(self, answer.ok(200)["access_token"])

    def administrator(self) -> Person:
        """Sign in as the administrator."""
        return self.sign_in("admin", self.password)


@contextlib.contextmanager
def embedded_product(home: Path, *, demo: bool = False, env: Mapping[str, str] | None = None) -> Iterator[Product]:
    """`freehold run` in a process of its own, until the block ends."""
    listen = f"127.0.0.1:{free_port()}"
    log = home / "log.txt"
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "freehold.cli", "run", "--demo" if demo else "--no-demo"]
    said_before = log.stat().st_size if log.is_file() else 0
    settings = dict(os.environ) | {"FREEHOLD_HOME": str(home), "FREEHOLD_LISTEN": listen} | dict(env or {})
    with log.open("ab") as out, subprocess.Popen(command, env=settings, stdout=out, stderr=out,
                                                 start_new_session=True) as process:
        try:
            wait_for(lambda: b"Freehold is ready" in log.read_bytes()[said_before:], 240, process, log)
            password = (home / "admin-password").read_text().strip()
            yield Product(f"http://{listen}", password, home, pid=process.pid)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(25)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def full_product(home: Path, *, demo: bool = False, nginx: bool | None = None,
                 env: Mapping[str, str] | None = None, keep: bool = False) -> Iterator[Product]:
    """Every role as a process of its own, with PostgreSQL, RabbitMQ and (if installed) nginx; `keep`: the data stay."""
    with FullStack(home, keep=keep, nginx=nginx, env=env) as stack:
        password = first_start(stack, demo=demo)
        product = Product(stack.address, password, stack.layout.folder, stack.certificate, stack)
        product.administrator()
        yield product


def wait_for(claim: Any, seconds: float, process: Any = None, log: Path | None = None) -> None:
    """Return when the claim holds; fails with the end of the log when it does not in time."""
    until = time.monotonic() + seconds
    while not claim():
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > until:
            tail = log.read_text(errors="replace")[-3000:] if log else ""
            raise AssertionError(f"{'the process ended' if ended else 'not in time'}\n{tail}")
        time.sleep(0.1)


def new_password() -> str:
    """Return a password for a test's own user."""
    return f"Test-{secrets.token_urlsafe(12)}"
