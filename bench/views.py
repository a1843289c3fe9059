"""What a list, a kanban and totals cost at N rows: `python -m bench.views [ROWS]`, 100,000 unless said.

A customer service on a private PostgreSQL; an administrator and somebody who sees his department only ask for the same
pages. Milliseconds are those of the whole request in this process: the median and the slowest of fifty.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from chassis.jobs import JobRunner
from chassis.testkit.harness import Harness
from chassis.testkit.servers import postgres_server
from services.customer.bootstrap import SPEC
from services.customer.model.list_shapes import ListShape
from services.customer.usecases.settle_schema import settle

_ROUNDS, _PIECE = 50, 5_000
_STAGES = ("new", "talking", "offer", "won", "lost")
_DEAL = {"name": "deal", "fields": [
    {"name": "name", "type": "text", "required": True},
    {"name": "stage", "type": "choice", "indexed": True, "options": {"choices": [{"value": one} for one in _STAGES]}},
    {"name": "region", "type": "choice", "options": {"choices": [{"value": "east"}, {"value": "north"}]}},
    {"name": "price", "type": "money"}, {"name": "closes_on", "type": "date"}]}
_FILL = text("""
    INSERT INTO r_deal (id, version, created_at, updated_at, owner_id, department_id, name, stage, region, price,
                        price__currency, closes_on)
    SELECT gen_random_uuid(), 1, now() - make_interval(secs => i), now(), CAST(:owner AS uuid),
           CAST(:department AS uuid), 'Deal ' || i,
           (:stages)[1 + i % 5], CASE i % 3 WHEN 0 THEN 'east' ELSE 'north' END, i % 1000, 'CNY',
           date '2026-01-01' + i % 365
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS i
""".replace(":stages", "ARRAY['new','talking','offer','won','lost']"))
_EAST = {"field": "region", "op": "eq", "value": "east"}
_SHAPE = ListShape(("region",), "", (("price", True), ("id", True)))
_SUM = [{"field": "price", "function": "sum"}]
_QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "first page, filter and sort": ("/query", {"criteria": _EAST, "sort": ["-price"], "limit": 100}),
    "count of it": ("/query", {"criteria": _EAST, "limit": 1, "fields": ["id"], "total": "exact"}),
    "kanban, 20 cards in each of 6 columns": ("/kanban", {"group_field": "stage", "limit": 20}),
    "counts and sums of its columns": ("/totals", {"group_field": "stage", "totals": _SUM}),
    "sum below the list": ("/totals", {"criteria": _EAST, "totals": _SUM}),
    "calendar of a month": ("/calendar", {"date_field": "closes_on", "from": "2026-03-01", "to": "2026-03-31",
                                          "limit": 200}),
}


class _Company:
    def __init__(self, harness: Harness) -> None:
        self.harness, self.admin = harness, harness.administrator()
        self.department = harness.department("East")
        role = harness.role({"deal": {"actions": ["read"], "scope": "department", "fields": {}}})
        self.seller = harness.user("Seller", self.department, (role,))

    def ask(self, who: str, path: str, body: Any) -> Any:
        """The body of a good answer."""
        answer = self.harness.call(who, "POST", f"/v1{path}", body)
        assert answer.status_code < 300, answer.json
        return answer.json

    def fill(self, rows: int) -> None:
        """Make the records: a tenth of them in the seller's department."""
        for first in range(1, rows + 1, _PIECE):
            own = first <= rows // 10
            with self.harness.service.db.unit_of_work() as uow:
                uow.execute(_FILL, {"first": first, "last": min(first + _PIECE - 1, rows),
                                    "owner": self.seller if own else self.admin,
                                    "department": self.department if own else None})
        with self.harness.service.db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE r_deal")


def main() -> None:
    """Measure and print a table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        harness = Harness(SPEC, Path(folder), postgres.createdb("views"))
        try:
            company = _Company(harness)
            company.ask(company.admin, "/objects", _DEAL)
            company.fill(rows)
            print(f"{rows:,} records\n\n| question | administrator, ms | department, ms |\n|---|---|---|")
            _measure(company, "")
            _index(company)
            _measure(company, " (with the index that follows lists)", only="first page, filter and sort")
        finally:
            harness.close()


def _measure(company: _Company, note: str, only: str | None = None) -> None:
    for name, (path, body) in _QUESTIONS.items():
        if only in (None, name):
            times = [_times(lambda who=who, path=path, body=body: company.ask(who, f"/records/deal{path}", body))
                     for who in (company.admin, company.seller)]
            print(f"| {name}{note} | {times[0]} | {times[1]} |", flush=True)


def _index(company: _Company) -> None:
    """What asking the same list again and again leads to by itself."""
    for _ in range(company.harness.service.settings.index_after_lists):
        company.harness.service.parts["list_shapes"].note("deal", _SHAPE)
    company.harness.service.parts["list_shapes"].flush()
    settle(company.harness.service)
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass


def _times(work: Callable[[], Any]) -> str:
    work()
    found = [_seconds(work) * 1000 for _ in range(_ROUNDS)]
    return f"{statistics.median(found):.1f} (to {max(found):.1f})"


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
