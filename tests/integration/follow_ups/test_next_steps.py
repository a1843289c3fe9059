"""A follow-up on the shipped CRM, through all services: its lead knows when, its owner has a task."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.house import House, open_house


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    make: Callable[[str], str] | None = None
    if request.param == "postgres":
        make = request.getfixturevalue("make_postgres_database")
    with open_house(tmp_path_factory.mktemp("follow-ups"), make) as live:
        yield live


def eventually(look: Callable[[], Any]) -> Any:
    until = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < until, "did not come true in time"
        time.sleep(0.1)
    return found


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_follow_up_of_the_shipped_crm_and_its_next_step(house: House) -> None:
    records, tasks = "/api/customer/v1/records", "/api/workflow/v1/tasks"
    lead = house.good(house.admin_id, "POST", f"{records}/lead", {"name": "王五"})
    note = house.good(house.admin_id, "POST", f"{records}/activity", {
        "content": "要报价", "lead_id": lead["id"], "happened_at": in_days(-1), "next_step": "发送报价",
        "next_step_at": in_days(3)})
    after = house.good(house.admin_id, "GET", f"{records}/lead/{lead['id']}")
    assert moment(after["last_follow_up_at"]) == moment(note["happened_at"])

    def open_tasks() -> list[Any]:
        return house.good(house.admin_id, "GET", f"{tasks}?record_id={lead['id']}&object=lead&state=open")["items"]

    [task] = eventually(open_tasks)
    assert (task["title"], task["link"], task["kind"]) == (
        "发送报价", {"object": "lead", "id": lead["id"], "title": "王五"}, "follow_up")
    house.good(house.admin_id, "PATCH", f"{records}/activity/{note['id']}", {"next_step_at": in_days(5)})
    eventually(lambda: moment(open_tasks()[0]["due_at"]) > moment(in_days(4)))
    assert house.call(house.admin_id, "DELETE", f"{records}/activity/{note['id']}")[0] == 204
    eventually(lambda: not open_tasks())
    timeline = house.good(house.admin_id, "GET", f"{records}/lead/{lead['id']}/timeline")["items"]
    assert {"object": "activity", "id": note["id"]} in [item["origin"].get("because") for item in timeline]
