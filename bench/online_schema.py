"""Proof that the schema changes while people work: fields, an index and a type on a large table under steady writes.

`python -m bench.online_schema [--rows 1000000] [--rate 50]`: a customer service on a private PostgreSQL with that many
records; writers create and change records at a steady rate from several threads, while fields are added and removed, an
index is built, and a field gets another type. No write may fail, and none may wait longer than 500 ms. Each step
prints how long it took, how many writes fell into it and the longest of them; the last line is the verdict, and the
exit status says it, too.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from chassis.jobs import JobRunner
from chassis.testkit.harness import Harness
from chassis.testkit.servers import postgres_server
from services.customer.bootstrap import SPEC
from services.customer.usecases import settle_schema

LIMIT_MS = 500.0
_WRITERS, _WARM_UP = 4, 100
_FIELDS = [{"name": "name", "type": "text", "required": True}, {"name": "city", "type": "text"},
           {"name": "amount", "type": "money"}, {"name": "score", "type": "text"}]
_FILL = text("""
    INSERT INTO r_asset (id, version, created_at, updated_at, name, city, amount, amount__currency, score)
    SELECT gen_random_uuid(), 1, now() - n * interval '1 second', now(), 'Asset ' || n, 'City ' || n % 500, n % 9000,
           'CNY', CASE WHEN n % 1000 = 0 THEN 'none' ELSE (n % 100)::text END FROM generate_series(1, :rows) AS n
""")


@dataclass
class Writes:
    """Writes at a steady rate: when each was due, how long it took from then, and what was refused."""

    harness: Harness
    admin: str
    rate: float
    known: list[str] = field(default_factory=list)
    took: list[tuple[float, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def one(self, number: int, due: float) -> None:
        """Create a record, or change one; its time counts from when it was due."""
        values = {"name": f"Written {number}", "city": f"City {number % 500}", "score": str(number % 100)}
        if number % 2 and self.known:
            answer = self.harness.call(self.admin, "PATCH", f"/v1/records/asset/{self.known[number % len(self.known)]}",
                                       values)
        else:
            answer = self.harness.call(self.admin, "POST", "/v1/records/asset", values)
        self.took.append((due, (time.perf_counter() - due) * 1000))
        if answer.status_code >= 300:
            self.failures.append(f"{answer.status_code} {answer.json.get('code')}")
        elif answer.status_code == 201 and len(self.known) < 200:
            self.known.append(answer.json["id"])

    def run(self) -> None:
        """Write until told to stop."""
        numbers, started = itertools.count(), time.perf_counter()
        with ThreadPoolExecutor(_WRITERS) as pool:
            for number in numbers:
                if self._stop.is_set():
                    break
                due = started + number / self.rate
                time.sleep(max(0.0, due - time.perf_counter()))
                pool.submit(self.one, number, due)

    def wait_for(self, moment: float) -> None:
        """Wait until everything that was due by then is written."""
        while not any(due > moment for due, _ in list(self.took)):
            time.sleep(0.02)

    def stop(self) -> None:
        """Let the last writes end."""
        self._stop.set()


class Table:
    """The object under proof, and the steps that change it."""

    def __init__(self, harness: Harness, rows: int) -> None:
        self.harness, self.admin = harness, harness.administrator()
        self.call("POST", "/objects", {"name": "asset", "fields": _FIELDS})
        with harness.service.db.unit_of_work() as uow:
            uow.execute(text("SET LOCAL statement_timeout = 0"))
            uow.execute(_FILL, {"rows": rows})
        with harness.service.db.unit_of_work() as uow:
            uow.execute(text("ANALYZE r_asset"))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The body of a good answer."""
        answer = self.harness.call(self.admin, method, f"/v1{path}", body)
        assert answer.status_code < 300, answer.json
        return answer.json

    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        """What is done while people write, in order."""
        return [
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
        """Ask for a change and work off its jobs, as a worker would beside the web processes."""
        self.call(method, path, body)
        runner = JobRunner(self.harness.service)
        while runner.run_one() or not self.call("GET", "/objects/asset/settling")["settled"]:
            time.sleep(0.05)
        settle_schema.settle(self.harness.service)


def main() -> int:
    """Measure, print a table and the verdict."""
    asked = _arguments()
    settle_schema.NOTICED *= 0  # no other process has to forget the columns
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        harness = Harness(SPEC, Path(folder), postgres.createdb("online_schema"))
        try:
            table = Table(harness, asked.rows)
            writes = Writes(harness, table.admin, asked.rate)
            for number in range(_WARM_UP):
                writes.one(number, time.perf_counter())
            writes.took.clear()
            thread = threading.Thread(target=writes.run)
            thread.start()
            try:
                _measure(table, writes)
            finally:
                writes.stop()
                thread.join()
        finally:
            harness.close()
    return _verdict(asked, writes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="records in the table")
    parser.add_argument("--rate", type=float, default=50.0, help="writes a second")
    return parser.parse_args()


def _measure(table: Table, writes: Writes) -> None:
    print("| step | took, s | writes meanwhile | median, ms | longest, ms |\n|---|---|---|---|---|")
    for name, step in (("nothing", lambda: time.sleep(5)), *table.steps()):
        began = time.perf_counter()
        step()
        ended = time.perf_counter()
        writes.wait_for(ended)
        took = [one for at, one in list(writes.took) if began <= at <= ended]
        print(f"| {name} | {ended - began:.1f} | {len(took)} | {statistics.median(took):.1f} | {max(took):.1f} |",
              flush=True)


def _verdict(asked: argparse.Namespace, writes: Writes) -> int:
    longest = max(one for _, one in writes.took)
    held = not writes.failures and longest <= LIMIT_MS
    print(f"\n{asked.rows:,} rows, {len(writes.took):,} writes at {asked.rate:g}/s: {len(writes.failures)} failed, "
          f"the longest waited {longest:.0f} ms: {'held' if held else 'MISSED'}")
    for failure in sorted(set(writes.failures)):
        print(f"  {failure}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
