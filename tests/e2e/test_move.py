"""A shop that has outgrown one process moves to PostgreSQL and finds everything again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest

from freehold.embedded import Embedded
from freehold.move import move
from freehold.services import PACKAGES
from tests.support.house import House, open_house
from tests.support.main_job import eventually

LEADS = "/api/customer/v1/records/lead"


def test_everything_comes_along(tmp_path: Path, make_postgres_database: Callable[[str], str],
                                rabbit_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    old_home, new_home = tmp_path / "old", tmp_path / "new"
    with open_house(old_home) as old:
        _work_in(old)
        before = _seen_in(old)
    env = {"FREEHOLD_HOME": str(new_home)}
    for name in PACKAGES:
        env |= {f"FREEHOLD_{name.upper()}_DATABASE_URL": make_postgres_database(name),
                f"FREEHOLD_{name.upper()}_BROKER_URL": rabbit_url(name)}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    lines = list(move(str(old_home)))
    assert any(line.startswith("customer: ") for line in lines), lines
    with pytest.raises(click.ClickException, match="in use already"):
        list(move(str(old_home)))
    databases = {name: value for name, value in env.items() if "BROKER" not in name}
    moved = Embedded(databases | {"FREEHOLD_BROKER_URL": f"local:{new_home}/broker.db", "FREEHOLD_LOG_LEVEL": "ERROR"})
    moved.prepare()
    try:
        house = House(moved, moved.start(), old.admin_id)
        seen = _seen_in(house)
        for what, expected in before.items():
            assert seen[what] == expected, what
        made = house.good(old.admin_id, "POST", LEADS, {"name": "after the move"})
        assert made["version"] == 1
        eventually(lambda: _reported(house) == 3, "the reports have rebuilt themselves", 60)
    finally:
        moved.stop()


def _work_in(house: House) -> None:
    for name in ("王芳", "Emma"):
        house.good(house.admin_id, "POST", LEADS, {
            "name": name, "company": "ACME", "expected_amount": {"amount": "12.34", "currency": "CNY"},
            "expected_close_on": "2026-05-01"})
    house.good(house.admin_id, "POST", "/api/workflow/v1/tasks", {"title": "Call back"})
    first = house.good(house.admin_id, "GET", f"{LEADS}?limit=1")["items"][0]
    house.good(house.admin_id, "POST", f"{LEADS}/{first['id']}/convert", {})
    eventually(lambda: _reported(house) == 2, "the reports follow", 30)


def _seen_in(house: House) -> dict[str, object]:
    ask = house.admin_id
    leads = house.good(ask, "GET", f"{LEADS}?limit=50&sort=name")["items"]
    lines = house.good(ask, "GET", f"{LEADS}/{leads[0]['id']}/timeline?limit=50")["items"]
    changes = [line | {"changes": sorted(line["changes"], key=lambda change: change["field"])}
               for line in lines if line["kind"] == "change"]
    return {"leads": leads, "changes": changes,
            "customers": house.good(ask, "GET", "/api/customer/v1/records/customer?limit=50")["items"],
            "tasks": [task["title"] for task in house.good(ask, "GET", "/api/workflow/v1/tasks")["items"]],
            "roles": sorted(role["key"] for role in house.good(ask, "GET", "/api/gateway/v1/roles?limit=50")["items"])}


def _reported(house: House) -> int:
    status, answer = house.call(house.admin_id, "POST", "/api/report/v1/query", {
        "object": "lead", "measures": [{"op": "count"}], "dimensions": []})
    if status == 503:  # the read model is being built
        return -1
    return int(answer["rows"][0]["values"][0]) if answer["rows"] else 0
