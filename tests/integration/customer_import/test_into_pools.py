"""Imports into a public pool: rows without an owner lie there, the others go where they always went."""

from __future__ import annotations

from typing import Any

import pytest

EAST = {"field": "region", "op": "eq", "value": "east"}


def pool_of(desk: Any, **more: Any) -> str:
    answer = desk.harness.call(desk.user, "POST", "/v1/pools", {
        "object": "lead", "name": {"en": "Fair", "zh-CN": "展会"}, "members": [f"user:{desk.user}"], **more})
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["id"])


def owners(desk: Any) -> dict[str, tuple[str | None, str | None]]:
    return {one["name"]: (one["owner_id"], one["pool_id"]) for one in desk.records()}


def test_new_rows_go_into_the_pool_unless_they_name_an_owner_or_the_pool_is_not_for_them(desk: Any) -> None:
    pool, li = pool_of(desk, criteria=EAST), desk.harness.user("Li")
    id = desk.sheet(("Name", "Region", "Owner"), ("Ann", "East", ""), ("Ben", "North", ""), ("Cem", "East", "Li"))
    answer = desk.configure(id, pool_id=pool)
    assert (answer.status_code, answer.get_json()["pool_id"]) == (200, pool)
    assert desk.run(id)["state"] == "finished"
    assert owners(desk) == {"Ann": (None, pool), "Ben": (desk.user, None), "Cem": (li, None)}


def test_records_that_are_there_keep_their_owner_and_the_whole_can_be_undone(desk: Any) -> None:
    pool = pool_of(desk)
    desk.run(desk.sheet(("Name", "Phone"), ("Ann", "13800138000")))
    id = desk.sheet(("Name", "Phone"), ("Anna", "13800138000"), ("Ben", "13900139000"))
    desk.configure(id, pool_id=pool, duplicates="update")
    desk.run(id)
    assert owners(desk) == {"Anna": (desk.user, None), "Ben": (None, pool)}
    assert desk.call("POST", f"/{id}/undo").status_code == 202
    desk.work()
    assert owners(desk) == {"Ann": (desk.user, None)}


@pytest.mark.parametrize("pool", ["x", 7, "01a223a8-2de5-77af-90a1-d678a83ed251"])
def test_a_pool_that_is_not_there_is_refused(desk: Any, pool: Any) -> None:
    pool_of(desk)
    answer = desk.configure(desk.sheet(("Name",), ("Ann",)), pool_id=pool)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.get_json()["errors"]] == [("/pool_id", "unknown_pool")]


def test_a_pool_that_was_closed_in_between_stops_the_start(desk: Any) -> None:
    pool = pool_of(desk)
    id = desk.sheet(("Name",), ("Ann",))
    assert desk.configure(id, pool_id=pool).status_code == 200
    assert desk.harness.call(desk.user, "PATCH", f"/v1/pools/{pool}", {"active": False}).status_code == 200
    answer = desk.call("POST", f"/{id}/start")
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/pool_id")
    assert desk.configure(id, pool_id=None).status_code == 200
    assert desk.run(id)["state"] == "finished"
