"""What roll-ups cost whoever writes the records that they count, and how fast the worker follows.

`python -m bench.rollups`: a customer service on a private PostgreSQL, the same writes without and with roll-ups.
Milliseconds are those of the whole request in this process; other work on the machine changes them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from chassis.testkit.harness import Harness
from chassis.testkit.servers import postgres_server
from services.customer.bootstrap import SPEC
from services.customer.usecases.calculations.work import calculate_due

_WRITES, _BATCH = 300, 500
_CUSTOMER = {"name": "customer", "fields": [{"name": "name", "type": "text"}]}
_DEAL = {"name": "deal", "fields": [
    {"name": "name", "type": "text"}, {"name": "price", "type": "money"},
    {"name": "customer_id", "type": "reference", "options": {"object": "customer"}}]}
_OF_DEALS = {"object": "deal", "reference": "customer_id"}
_ROLLUPS = (
    {"name": "deals", "type": "rollup", "options": {**_OF_DEALS, "function": "count"}},
    {"name": "turnover", "type": "rollup", "options": {
        **_OF_DEALS, "function": "sum", "field": "price", "result": "money"}},
    {"name": "largest", "type": "rollup", "options": {
        **_OF_DEALS, "function": "max", "field": "price", "result": "money"}},
)


class _Company:
    def __init__(self, harness: Harness) -> None:
        self.harness, self.admin = harness, harness.administrator()

    def call(self, method: str, path: str, body: Any) -> Any:
        """The body of a good answer."""
        answer = self.harness.call(self.admin, method, f"/v1{path}", body)
        assert answer.status_code < 300, answer.json
        return answer.json


def main() -> None:
    """Measure and print a table."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        harness = Harness(SPEC, Path(folder), postgres.createdb("rollups"))
        try:
            _measure(_Company(harness))
        finally:
            harness.close()


def _measure(company: _Company) -> None:
    for definition in (_CUSTOMER, _DEAL):
        company.call("POST", "/objects", definition)
    parents = [company.call("POST", "/records/customer", {"name": str(one)})["id"] for one in range(20)]
    print("| deals | create, ms (median) | batch of 500, ms |\n|---|---|---|")
    _line(company, "without roll-ups", parents)
    for rollup in _ROLLUPS:
        company.call("POST", "/objects/customer/fields", rollup)
    _line(company, "with three roll-ups", parents)
    started, pieces = time.perf_counter(), 0
    while calculate_due(company.harness.service):
        pieces += 1
    print(f"\nThe worker then counted {len(parents)} customers anew, {_WRITES + _BATCH} new deals, in {pieces} pieces: "
          f"{(time.perf_counter() - started) * 1000:.0f} ms.")


def _line(company: _Company, name: str, parents: list[str]) -> None:
    rows = [{"name": "x", "price": {"amount": "5"}, "customer_id": parents[place % len(parents)]}
            for place in range(_WRITES + 20)]
    for row in rows[:20]:
        company.call("POST", "/records/deal", row)
    single = [_seconds(lambda row=row: company.call("POST", "/records/deal", row)) for row in rows[20:]]
    operations = {"operations": [{"action": "create", "values": rows[place % len(rows)]} for place in range(_BATCH)]}
    batch = _seconds(lambda: company.call("POST", "/records/deal/batch", operations))
    print(f"| {name} | {statistics.median(single) * 1000:.2f} | {batch * 1000:.0f} |")


def _seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
