"""From the commit of a record to its automated effect: a task that a rule makes, seen in workflow's database."""

from __future__ import annotations

import statistics
import time

import psycopg

from bench.furnish import Furnished
from bench.report_page import Line

_IDLE = 60
_BURST = 1000
_LEADS = "/api/customer/v1/records/lead"


def event_latency(house: Furnished) -> list[Line]:
    """Measure the way on an idle product, and the rate of effects in a burst."""
    house.admin.post("/api/workflow/v1/rules", {
        "name": {"en": "Bench", "zh-CN": "基准"}, "object": "lead", "trigger": {"on": "created"},
        "criteria": {"all": [{"field": "region", "op": "eq", "value": "east"}]},
        "actions": [{"type": "create_task", "title": {"en": "Call", "zh-CN": "联系"}, "due_in": "1h",
                     "assignee": "owner", "kind": "first_contact"}], "active": True, "position": 1})
    url = house.database_url("workflow").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        _effect_of_one(house, connection)
        times = sorted(_effect_of_one(house, connection) for _ in range(_IDLE))
        rate = _burst(house, connection)
    return [Line("record write → task, idle", "", f"{statistics.median(times):.1f} ms",
                 f"{times[int(len(times) * 0.99)]:.1f} ms", "", "p50 ≤ 15, p99 ≤ 60"),
            Line(f"burst of {_BURST:,} automated effects", f"{rate:,.0f}/s", budget="≥ 300/s")]


def _effect_of_one(house: Furnished, connection: psycopg.Connection) -> float:
    made = house.seller.post(_LEADS, {"name": "Bench", "region": "east"})
    answered = time.perf_counter()
    while connection.execute("SELECT 1 FROM task WHERE link_id = %s", (made["id"],)).fetchone() is None:
        if time.perf_counter() - answered > 30:
            raise RuntimeError("no task was made")
        time.sleep(0.001)
    seconds = time.perf_counter() - answered
    time.sleep(0.05)
    return seconds * 1000


def _burst(house: Furnished, connection: psycopg.Connection) -> float:
    before = _tasks(connection)
    began = time.perf_counter()
    for _ in range(_BURST // 500):
        house.seller.post(f"{_LEADS}/batch", {"atomic": True, "operations": [
            {"action": "create", "values": {"name": "Burst", "region": "east"}} for _ in range(500)]})
    while _tasks(connection) < before + _BURST:
        if time.perf_counter() - began > 120:
            raise RuntimeError("the burst was not worked off")
        time.sleep(0.01)
    return _BURST / (time.perf_counter() - began)


def _tasks(connection: psycopg.Connection) -> int:
    found = connection.execute("SELECT count(*) FROM task").fetchone()
    return found[0] if found else 0
