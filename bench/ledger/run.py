"""The run: writers, kills, and the comparison at the end."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import urllib3

from bench.chaos import kill
from bench.ledger import drawn
from bench.ledger.booked import booked, differences, under_way
from bench.ledger.expected import Change, Effects, expected
from chassis.ids import new_id
from tests.support.product import Person, Product

RECORDS = f"/api/customer/v1/records/{drawn.OBJECT}"
EACH = 10  # changes of one record, well below what the product takes for a storm
_WRITERS, _PATIENCE_SECONDS = 8, 300
_AGAIN = (401, 408, 409, 425, 429)


@dataclass(frozen=True)
class Size:
    """How much: changes, rules, and kills, which are spread over the changes."""

    changes: int
    rules: int
    kills: int
    seed: int = 1


FULL = Size(10_000, 200, 60)


@dataclass
class Ledger:
    """The changes that were accepted; each record is written by one writer, in turn."""

    admin: Person
    changes: list[Change] = field(default_factory=list)
    repeated: int = 0
    refused: list[str] = field(default_factory=list)

    def write(self, size: Size) -> None:
        """Write all changes, by several writers."""
        records = iter(range(size.changes // EACH))
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    number = next(records, None)
                if number is None:
                    return
                self._live(random.Random(f"{size.seed}.{number}"), number)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(_WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _live(self, dice: random.Random, number: int) -> None:
        """The life of one record."""
        values = drawn.values(dice)
        made = self._send("POST", RECORDS, {"name": f"Item {number}", **values})
        if made is None:
            return
        self.changes.append(Change(made["id"], made["version"], None, dict(values)))
        for _ in range(EACH - 1):
            more = drawn.changed(values, dice)
            answer = self._send("PATCH", f"{RECORDS}/{made['id']}", more)
            if answer is None:
                return
            before, values = values, values | more
            self.changes.append(Change(made["id"], answer["version"], before, dict(values)))

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Send until there is an answer, as a good client does: under the same key."""
        key, until, status = new_id(), time.monotonic() + _PATIENCE_SECONDS, None
        while time.monotonic() < until:
            try:
                reply = self.admin.call(method, path, body, {"Idempotency-Key": key})
                status = reply.status
                if status in (200, 201):
                    return reply.json
                if 400 <= status < 500 and status not in _AGAIN:
                    break
            except urllib3.exceptions.HTTPError:
                status = None
            if status == 401:
                self._sign_in_again()
            self.repeated += 1
            time.sleep(0.3)
        self.refused.append(f"{status} {method} {path}")
        return None

    def _sign_in_again(self) -> None:
        try:
            self.admin.token = self.admin.product.administrator().token
        except (AssertionError, urllib3.exceptions.HTTPError):
            time.sleep(0.5)


@dataclass(frozen=True)
class Verdict:
    """What came of a run; it is perfect when the ledger equals what happened."""

    size: Size
    killed: Sequence[str]
    ledger: Ledger
    wanted: Effects
    wrong: Mapping[str, int]
    write_seconds: float
    rest_seconds: float

    @property
    def perfect(self) -> bool:
        return not self.wrong and not self.ledger.refused and len(self.ledger.changes) == self.size.changes

    def __str__(self) -> str:
        wanted, ledger = self.wanted, self.ledger
        kills = ", ".join(sorted(set(self.killed)))
        did = f"{len(ledger.changes)} changes x {self.size.rules} rules, {len(self.killed)} kills ({kills})"
        called = (f"{wanted.runs.total()} runs, {wanted.tasks.total()} tasks, {wanted.messages.total()} messages, "
                  f"{len(wanted.marks)} marks")
        lasted = f"written in {self.write_seconds:.0f} s, at rest {self.rest_seconds:.0f} s later"
        return (f"{did}; {ledger.repeated} repeated calls; expected {called}; {lasted}; "
                f"wrong: {dict(self.wrong) or 'nothing'}; refused: {ledger.refused[:3] or 'nothing'}")


def run(product: Product, size: Size, targets: Sequence[str]) -> Verdict:
    """Write under random kills until all is written, let it come to rest, and compare."""
    admin, dice = product.administrator(), random.Random(size.seed)
    admin.post("/api/customer/v1/objects", drawn.the_object())
    rules = drawn.rules(size.rules, dice)
    for rule in rules.values():
        _create(admin, rule)
    ledger, began = Ledger(admin), time.monotonic()
    writing = threading.Thread(target=ledger.write, args=(size,), daemon=True)
    writing.start()
    killed = _kill_while(product, writing, ledger, size, targets, dice)
    writing.join()
    written = time.monotonic()
    assert product.stack is not None
    product.stack.wait_ready(120)
    in_order = sorted(ledger.changes, key=lambda one: (one.record, one.version))
    wanted = expected(rules, in_order)
    wrong = _at_rest(product, wanted)
    return Verdict(size, killed, ledger, wanted, wrong, written - began, time.monotonic() - written)


def _create(admin: Person, rule: Mapping[str, Any]) -> None:
    """Create a rule; the object may be so new that the rules do not know it yet."""
    until = time.monotonic() + 30
    while (reply := admin.call("POST", "/api/workflow/v1/rules", rule)).status != 201:
        if time.monotonic() > until:
            raise AssertionError(f"{reply.status}: {reply.body[:600]!r}")
        time.sleep(0.2)


def _kill_while(product: Product, writing: threading.Thread, ledger: Ledger, size: Size, targets: Sequence[str],
                dice: random.Random) -> list[str]:
    """Kill somebody each time that a share of the changes was accepted; what was late comes while the effects do."""
    killed: list[str] = []
    while len(killed) < size.kills:
        while writing.is_alive() and len(ledger.changes) < size.changes * (len(killed) + 1) / (size.kills + 1):
            writing.join(0.1)
        killed.append(dice.choice(targets))
        assert product.stack is not None
        kill(product.stack, killed[-1])
    return killed


def _at_rest(product: Product, wanted: Effects) -> dict[str, int]:
    """What differs once nothing moves any more, or patience has ended."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        wrong = differences(wanted, booked(product))
        if (not wrong and not under_way(product)) or time.monotonic() > until:
            return wrong
        time.sleep(1)
