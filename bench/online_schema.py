"""Proof that the schema changes while people work: fields, an index and a type on a large table under steady writes.

`python -m bench.online_schema [--rows 1000000] [--rate 50]`: a customer service on a private PostgreSQL with that many
records. A process of its own creates and changes records at a steady rate from several threads, as web processes do,
while this one is the worker: fields are added and removed, an index is built, and a field gets another type. No write
may fail, and none may wait longer than 500 ms from the moment when it was due. Each step tells how long it took, how
many writes were due in it and the longest of them; the last line is the verdict, and the exit status says it, too.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from chassis.jobs import JobRunner
from chassis.testkit.harness import Harness
from chassis.testkit.servers import postgres_server
from services.customer.bootstrap import SPEC
from services.customer.model.fields import REMOVING
from services.customer.store.tables import field_def
from services.customer.usecases import settle_schema

LIMIT_MS = 500.0
_WRITERS, _WARM_UP, _QUIET_SECONDS, _MOST_KNOWN = 4, 100, 5, 200
_FIELDS = [{"name": "name", "type": "text", "required": True}, {"name": "city", "type": "text"},
           {"name": "amount", "type": "money"}, {"name": "score", "type": "text"}]
_FILL = text("""
    INSERT INTO r_asset (id, version, created_at, updated_at, name, city, amount, amount__currency, score)
    SELECT gen_random_uuid(), 1, now() - n * interval '1 second', now(), 'Asset ' || n, 'City ' || n % 500, n % 9000,
           'CNY', CASE WHEN n % 1000 = 0 THEN 'none' ELSE (n % 100)::text END FROM generate_series(1, :rows) AS n
""")
Took = list[tuple[float, float]]  # when a write was due (time.perf_counter, the same in all processes), milliseconds


@dataclass
class Writes:
    """Writes at a steady rate: when each was due, how long it took from then, and what was refused."""

    harness: Harness
    admin: str
    rate: float
    known: list[str] = field(default_factory=list)
    took: Took = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    is_text: bool = True  # the type of `score` as the writers know it
    _own: threading.local = field(default_factory=threading.local)

    def one(self, number: int, due: float) -> None:
        """Create a record, or change one; its time counts from when it was due."""
        changed = self.known[number % len(self.known)] if number % 2 and self.known else None
        where = ("PATCH", f"/{changed}") if changed else ("POST", "")
        try:
            status, answer = self._send(*where, sent := self._values(number))
            if status == 422 and isinstance(sent["score"], str):  # its new type, which a client learns by the refusal
                self.is_text = False
                status, answer = self._send(*where, self._values(number))
        except Exception as error:
            status, answer = 0, {"code": repr(error)}
        self.took.append((due, (time.perf_counter() - due) * 1000))
        if not 200 <= status < 300:
            self.failures.append(f"{status} {answer.get('code')}")
        elif status == 201 and len(self.known) < _MOST_KNOWN:
            self.known.append(answer["id"])

    def _values(self, number: int) -> dict[str, Any]:
        score = number % 100
        return {"name": f"Written {number}", "city": f"City {number % 500}",
                "score": str(score) if self.is_text else score}

    def _send(self, method: str, path: str, values: dict[str, Any]) -> tuple[int, Any]:
        """Each thread has a client of its own."""
        if not hasattr(self._own, "client"):
            self._own.client = self.harness.app.test_client()
        answer = self._own.client.open(f"/v1/records/asset{path}", method=method, json=values, headers={
            "Authorization": f"Bearer {self.harness.token(self.admin)}"})
        return answer.status_code, answer.json

    def run(self, goes_on: Callable[[], bool]) -> None:
        """Write while it goes on; what was due before is brought to its end."""
        started = time.perf_counter()
        with ThreadPoolExecutor(_WRITERS) as pool:
            for number in itertools.count():
                due = started + number / self.rate
                time.sleep(max(0.0, due - time.perf_counter()))
                if not goes_on():
                    return
                pool.submit(self.one, number, due)


def write(pipe: Connection, folder: str, url: str, admin: str, rate: float) -> None:
    """The process that writes: from the first word that it hears to the second; then it tells what it saw."""
    with closing(Harness(SPEC, Path(folder), url)) as harness:
        writes = Writes(harness, admin, rate)
        for number in range(_WARM_UP):
            writes.one(number, time.perf_counter())
        writes.took.clear()
        pipe.send("ready")
        pipe.recv()
        writes.run(lambda: not pipe.poll())
        pipe.send((writes.took, writes.failures))


class Table:
    """The object under proof, and the steps that change it."""

    def __init__(self, harness: Harness, rows: int) -> None:
        self.harness, self.admin = harness, harness.administrator()
        self.call("POST", "/objects", {"name": "asset", "fields": _FIELDS})
        with harness.service.db.unit_of_work() as uow:
            uow.execute(text("SET LOCAL statement_timeout = 0"))
            uow.execute(_FILL, {"rows": rows})
        with harness.service.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE r_asset")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The body of a good answer."""
        answer = self.harness.call(self.admin, method, f"/v1{path}", body)
        assert answer.status_code < 300, answer.json
        return answer.json

    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        """What is done while people write, in order."""
        return [
            ("nothing", lambda: time.sleep(_QUIET_SECONDS)),
            ("add a text field", lambda: self.add({"name": "note", "type": "text"})),
            ("add a link", lambda: self.add({"name": "parent", "type": "reference", "options": {"object": "asset"}})),
            ("add a unique field", lambda: self.add({"name": "serial", "type": "text", "unique": True})),
            ("build an index", lambda: self.change("city", {"indexed": True})),
            ("drop the index", lambda: self.change("city", {"indexed": False})),
            ("change a type", lambda: self.finish("POST", "/objects/asset/fields/score/type", {"type": "integer"})),
            ("remove a field", lambda: self.finish("DELETE", "/objects/asset/fields/note")),
            ("drop its column", lambda: self.finish("DELETE", "/objects/asset/bin/note")),
        ]

    def add(self, definition: dict[str, Any]) -> None:
        """Add a field and wait until everything stands."""
        self.finish("POST", "/objects/asset/fields", definition)

    def change(self, name: str, changes: dict[str, Any]) -> None:
        """Change a field and wait until everything stands."""
        self.finish("PATCH", f"/objects/asset/fields/{name}", changes)

    def finish(self, method: str, path: str, body: Any = None) -> None:
        """Ask for a change and work off what follows, as the worker does beside the web processes."""
        self.call(method, path, body)
        runner = JobRunner(self.harness.service)
        while True:
            while runner.run_one():
                pass
            settle_schema.settle(self.harness.service)
            if self._stands():
                return
            time.sleep(0.1)

    def _stands(self) -> bool:
        """Whether nothing is being made, and no column waits to be dropped."""
        going = select(func.count()).select_from(field_def).where(field_def.c.state == REMOVING)
        with self.harness.service.db.read() as connection:
            if connection.execute(going).scalar_one():
                return False
        return bool(self.call("GET", "/objects/asset/settling")["settled"])


Window = tuple[str, float, float]


def main() -> int:
    """Measure, print a table and the verdict."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        url = postgres.createdb("online_schema")
        with closing(Harness(SPEC, Path(folder), url)) as harness:
            table = Table(harness, asked.rows)
            with _writing(folder, url, table.admin, asked.rate) as seen:
                windows = list(_measured(table))
    _print(windows, seen[0])
    return _verdict(asked, *seen)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="records in the table")
    parser.add_argument("--rate", type=float, default=50.0, help="writes a second")
    return parser.parse_args()


@contextmanager
def _writing(folder: str, url: str, admin: str, rate: float) -> Iterator[list[Any]]:
    """Have the other process write during the block; afterwards the list holds what it saw: times and failures."""
    context, seen = multiprocessing.get_context("spawn"), []
    ours, theirs = context.Pipe()
    writer = context.Process(target=write, args=(theirs, folder, url, admin, rate))
    writer.start()
    try:
        assert ours.recv() == "ready"
        ours.send("begin")
        yield seen
        ours.send("end")
        seen += ours.recv()
    finally:
        writer.join(30)
        writer.kill()


def _measured(table: Table) -> Iterator[Window]:
    """Take the steps; a second between them, so that each has its own writes."""
    for name, step in table.steps():
        began = time.perf_counter()
        step()
        ended = time.perf_counter()
        print(f"{name}: {ended - began:.1f} s", file=sys.stderr, flush=True)
        time.sleep(1.0)
        yield name, began, ended


def _print(windows: list[Window], took: Took) -> None:
    print("| step | took, s | writes meanwhile | median, ms | longest, ms |\n|---|---|---|---|---|")
    for name, began, ended in windows:
        times = [one for due, one in took if began <= due <= ended]
        median, longest = (statistics.median(times), max(times)) if times else (0.0, 0.0)
        print(f"| {name} | {ended - began:.1f} | {len(times)} | {median:.1f} | {longest:.1f} |")


def _verdict(asked: argparse.Namespace, took: Took, failures: list[str]) -> int:
    longest = max(one for _, one in took)
    held = not failures and longest <= LIMIT_MS
    print(f"\n{asked.rows:,} rows, {len(took):,} writes at {asked.rate:g}/s: {len(failures)} failed, "
          f"the longest waited {longest:.0f} ms: {'held' if held else 'MISSED'}")
    for failure in sorted(set(failures)):
        print(f"  {failure}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
