"""Chaos: kill -9 of everything in turn while people write, then count every effect.

Writers create leads through the edge at a steady rate, each with its own idempotency key, and repeat a call whose
answer they did not get, as a good client does. A rule makes a task and a message for each lead. At the end each lead
that was accepted must be there once, with one run, one task, one message and one row of the read model.
`python -m bench.chaos` kills every process; the short form in CI kills one of each kind.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
from sqlalchemy import create_engine, text

from chassis.ids import new_id
from freehold.devstack.roles import ROLES, secret_environment
from freehold.devstack.stack import FullStack
from tests.support.product import UNLIMITED, Person, Product, full_product

SHORT = ("customer-web", "customer-worker", "workflow-worker", "notify-worker", "report-web", "rabbitmq", "postgres")
LONG = (*(role.name for role in ROLES), "rabbitmq", "postgres")
LEADS = "/api/customer/v1/records/lead"
_WRITERS = 8
_PATIENCE_SECONDS = 180


@dataclass
class Load:
    """Writers at a steady rate; `accepted` are the names of leads that the product has said yes to."""

    person: Person
    rate: float
    accepted: list[str] = field(default_factory=list)
    repeated: int = 0
    refused: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[Load]:
        """Write during the block; calls in hand are brought to their end."""
        threads = [threading.Thread(target=self._write, daemon=True) for _ in range(_WRITERS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(_PATIENCE_SECONDS)

    def _write(self) -> None:
        pause = _WRITERS / self.rate
        while not self._stop.is_set():
            began = time.monotonic()
            self._create_one(f"chaos {new_id()}")
            self._stop.wait(max(0.0, pause - (time.monotonic() - began)))

    def _create_one(self, name: str) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            status = self._try(name)
            if status == 201:
                self.accepted.append(name)
                return
            if status is not None and 400 <= status < 500 and status not in (401, 408, 409, 425, 429):
                self.refused.append(f"{status} {name}")
                return
            if status == 401:
                self._sign_in_again()
            self.repeated += 1
            time.sleep(0.3)
        self.refused.append(f"no answer {name}")

    def _try(self, name: str) -> int | None:
        try:
            return self.person.call("POST", LEADS, {"name": name, "region": "east"},
                                    {"Idempotency-Key": name}).status
        except urllib3.exceptions.HTTPError:
            return None

    def _sign_in_again(self) -> None:
        try:
            self.person.token = self.person.product.administrator().token
        except (AssertionError, urllib3.exceptions.HTTPError):
            time.sleep(0.5)


@dataclass
class Count:
    """What became of the accepted leads: for each effect how many leads have it exactly once, and what is wrong."""

    accepted: int
    once: dict[str, int]
    wrong: dict[str, int]

    @property
    def perfect(self) -> bool:
        return not any(self.wrong.values()) and all(number == self.accepted for number in self.once.values())


def write_rule(admin: Person) -> None:
    """A task and a message for each new lead."""
    admin.post("/api/workflow/v1/rules", {
        "name": {"en": "Chaos", "zh-CN": "混沌"}, "object": "lead", "trigger": {"on": "created"},
        "criteria": {"all": [{"field": "region", "op": "eq", "value": "east"}]},
        "actions": [{"type": "create_task", "title": {"en": "Contact", "zh-CN": "联系"}, "due_in": "24h",
                     "assignee": "owner", "kind": "first_contact"},
                    {"type": "notify", "to": "owner", "template": "lead_assigned"}],
        "active": True, "position": 1})


def kill(stack: FullStack, name: str) -> None:
    """kill -9; servers are started again here, roles by their supervisor."""
    server = {"rabbitmq": stack.rabbit, "postgres": stack.postgres}.get(name)
    if server is None:
        stack.kill_role(name)
        return
    server.kill()
    time.sleep(1.0)
    server.restart()


def run(product: Product, targets: Iterable[str], *, rate: float = 100, pause: float = 4.0) -> tuple[Load, Count]:
    """Kill the targets in turn under load, wait until everything has come to rest, and count."""
    assert product.stack is not None
    admin = product.administrator()
    write_rule(admin)
    load = Load(admin, rate)
    with load.running():
        time.sleep(2)
        for name in targets:
            print(f"kill -9 {name:18} after {len(load.accepted)} accepted writes", flush=True)
            kill(product.stack, name)
            time.sleep(pause)
    product.stack.wait_ready(90)
    return load, settle(product, load.accepted)


def settle(product: Product, accepted: list[str]) -> Count:
    """Count until the count is perfect or patience ends."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            count = count_effects(product, accepted)
            if count.perfect or time.monotonic() > until:
                return count
        except AssertionError:  # a service that was killed a moment ago may still say 503
            if time.monotonic() > until:
                raise
        time.sleep(2)


def count_effects(product: Product, accepted: list[str]) -> Count:
    """Compare the databases with what the writers were told."""
    ids = {row.name: row.id for row in rows_of(product, "customer", "SELECT name, id::text AS id FROM r_lead")}
    wanted = {ids[name] for name in accepted if name in ids}
    effects = {
        "lead": [row.id for row in rows_of(
            product, "customer", "SELECT id::text AS id FROM r_lead WHERE name LIKE 'chaos %'")],
        "run": [row.id for row in rows_of(
            product, "workflow", "SELECT record_id::text AS id FROM rule_run WHERE outcome = 'done'")],
        "task": [row.id for row in rows_of(product, "workflow", "SELECT link_id::text AS id FROM task")],
        "message": [row.id for row in rows_of(
            product, "notify", "SELECT link->>'id' AS id FROM inbox_item WHERE template = 'lead_assigned'")],
        "read model": _read_model(product, wanted),
    }
    once, wrong = {}, {"lost": len(accepted) - len(wanted)}
    for name, found in effects.items():
        counted: dict[str, int] = {}
        for id in found:
            counted[id] = counted.get(id, 0) + 1
        once[name] = sum(1 for id in wanted if counted.get(id) == 1)
        wrong[f"{name} twice"] = sum(1 for number in counted.values() if number > 1)
    return Count(len(accepted), once, wrong)


def _read_model(product: Product, wanted: set[str]) -> list[str]:
    """The read model answers in numbers: it agrees when it counts the leads that the record store has."""
    answer = product.administrator().post("/api/report/v1/query", {
        "object": "lead", "measures": [{"op": "count"}], "dimensions": [],
        "criteria": {"field": "name", "op": "starts_with", "value": "chaos "}})
    counted = int(answer["rows"][0]["values"][0]) if answer["rows"] else 0
    stored = rows_of(product, "customer", "SELECT count(*) AS n FROM r_lead WHERE name LIKE 'chaos %'")[0].n
    return sorted(wanted) if counted == stored else []


def rows_of(product: Product, service: str, statement: str) -> list[Any]:
    """The rows of a question to the database of a service."""
    assert product.stack is not None
    file = secret_environment(product.stack.layout, service)[f"FREEHOLD_{service.upper()}_DATABASE_URL_FILE"]
    engine = create_engine(Path(file).read_text(encoding="utf-8").strip())
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(statement)))
    finally:
        engine.dispose()


def main() -> int:
    """Run the long form; ends with 1 unless every accepted write has exactly one effect of each kind."""
    with tempfile.TemporaryDirectory() as home, full_product(Path(home), env=UNLIMITED) as product:
        load, count = run(product, LONG)
    print(f"accepted {count.accepted}, repeated calls {load.repeated}, refused {len(load.refused)}")
    print(f"exactly once: {count.once}\nwrong: {count.wrong}")
    return 0 if count.perfect and not load.refused else 1


if __name__ == "__main__":
    sys.exit(main())
