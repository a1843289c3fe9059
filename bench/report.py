"""How fast questions are answered: a grouped sum over many records, through the API and by DuckDB alone.

    python bench/report.py [--rows 100000] [--rounds 30]

Also prints how many rows a second the read model takes in from events.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from chassis.ids import new_id
from chassis.jobs import JobRunner
from chassis.testkit.harness import Harness
from services.report.bootstrap import SPEC
from services.report.store.read_model import ReadModel
from services.report.usecases.follow_records import RECORD_CHANGED

ROOT = Path(__file__).resolve().parents[1]
ASKED = {"object": "lead", "measures": [{"op": "count"}, {"op": "sum", "field": "expected_amount"}],
         "dimensions": [{"field": "region"}, {"field": "created_at", "bucket": "month"}]}
RAW = """SELECT f_region, date_trunc('month', timezone('Asia/Shanghai', created_at)), count(*), sum(f_expected_amount)
         FROM {table} GROUP BY ALL ORDER BY ALL"""


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=30)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        harness = Harness(SPEC, Path(folder))
        try:
            measure(harness, chosen.rows, chosen.rounds)
        finally:
            harness.close()
            harness.service.parts["read_model"].file.close()


def measure(harness: Harness, rows: int, rounds: int) -> None:
    """Fill the read model and time questions."""
    model: ReadModel = harness.service.parts["read_model"]
    definition = json.loads((ROOT / "packs/crm/objects/lead.json").read_text(encoding="utf-8")) | {"version": 1}
    build_empty(harness, definition)
    fill(harness, rows)
    team = harness.department("Team")
    admin = harness.administrator()
    seller = harness.user("Seller", team, (harness.role({"lead": {"actions": ["read"], "scope": "department"}}),))
    table = model.view().objects["lead"].table.name
    with model.file.reading() as cursor:
        raw = p50(lambda: cursor.execute(RAW.format(table=table)).fetchall(), rounds)
    report("raw DuckDB", raw, raw)
    for name, who in (("through the API, all", admin), ("through the API, a department", seller)):
        report(name, p50(lambda who=who: ask(harness, who), rounds), raw)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB")


def ask(harness: Harness, who: str) -> None:
    """Ask once."""
    answer = harness.call(who, "POST", "/v1/query", ASKED)
    assert answer.status_code == 200, answer.json


def build_empty(harness: Harness, definition: dict[str, object]) -> None:
    """Let the read model be built from a customer service that has the object and no records."""
    harness.neighbours["customer", "GET", "/v1/objects"] = lambda _: (200, {"items": [definition]})
    harness.neighbours["customer", "POST", "/v1/records/lead/query"] = lambda _: (
        200, {"items": [], "next_cursor": None})
    JobRunner(harness.service).run_one()


def fill(harness: Harness, rows: int) -> None:
    """Hand over events of 500 changes, as an import makes them."""
    source, owners = random.Random(3), [new_id() for _ in range(10)]
    spent = 0.0
    for start in range(0, rows, 10_000):
        messages = [harness.message(RECORD_CHANGED, {"object": "lead", "changes": [
            change(source, owners) for _ in range(500)]}) for _ in range(start, min(rows, start + 10_000), 500)]
        started = time.perf_counter()
        harness.deliver(*messages)
        spent += time.perf_counter() - started
    print(f"{'events taken in':32} {rows / spent:10.0f} rows/s")


def change(source: random.Random, owners: list[str]) -> dict[str, object]:
    """A new lead."""
    id, moment = new_id(), f"2026-{source.randrange(1, 13):02d}-{source.randrange(1, 28):02d}T08:00:00.000Z"
    after = {"id": id, "version": 1, "created_at": moment, "updated_at": moment, "created_by": None,
             "updated_by": None, "owner_id": source.choice(owners), "department_id": None, "name": f"客户{id[-6:]}",
             "company": "华东机械有限公司", "region": source.choice(["east", "north", "south", "west"]),
             "source": source.choice(["website", "exhibition", "referral"]),
             "expected_amount": {"amount": f"{source.randrange(1000, 900000)}.00", "currency": "CNY"}}
    return {"id": id, "version": 1, "action": "created", "at": moment, "by": None, "changed": [], "before": {},
            "after": after}


def p50(work: Callable[[], object], rounds: int) -> float:
    """The median of the seconds that `work` takes."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def report(name: str, seconds: float, raw: float) -> None:
    """Print one line."""
    print(f"{name:32} p50 {seconds * 1000:8.1f} ms {seconds / raw:6.1f} × raw", flush=True)


if __name__ == "__main__":
    main()
