"""Composite indexes follow the lists that people ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select, text, update

from chassis.clock import utcnow
from services.customer.store import schema
from services.customer.store.list_shapes import list_index, list_shape
from services.customer.usecases import follow_lists, settle_schema

from .conftest import grant

TWO_FILTERS = "/records/lead?filter[region]=east&filter[status]=new&sort=-created_at"


@pytest.fixture
def busy(company: Any, monkeypatch: Any) -> Any:
    """A company whose tables count as large and whose lists as frequent."""
    monkeypatch.setattr(schema, "LARGE", 2)
    company.harness.service.settings._values |= {"index_after_lists": 5, "index_most": 2}
    for place in range(6):
        company.lead(company.wang, name=f"L{place}", region="east" if place % 2 else "north", score=place)
    return company


def ask(company: Any, who: str, path: str, times: int = 6) -> None:
    for _ in range(times):
        answer = company.call(who, "GET", path)
        assert answer.status_code == 200, answer.json


def settle(company: Any) -> list[dict[str, Any]]:
    """Write counts down, settle, and return the composite indexes that stand."""
    company.harness.service.parts["list_shapes"].flush()
    settle_schema.settle(company.harness.service)
    answer = company.call(company.admin, "GET", "/objects/lead/indexes")
    assert answer.status_code == 200, answer.json
    return [one for one in answer.json["items"] if one["reason"] == "lists"]


def test_a_list_that_is_asked_for_often_gets_its_index(busy: Any) -> None:
    ask(busy, busy.admin, TWO_FILTERS)
    index, = settle(busy)
    assert (index["equal"], index["scope"], index["sort"]) == (["region", "status"], None, ["-created_at", "-id"])
    assert (index["state"], index["asked"]) == ("ready", 6)
    assert busy.harness.service.db.is_sqlite or index["size"] > 0
    assert settle(busy)[0]["name"] == index["name"]


def test_the_scope_of_most_callers_is_in_the_index(busy: Any) -> None:
    ask(busy, busy.wang, TWO_FILTERS, 7)
    ask(busy, busy.admin, TWO_FILTERS, 3)
    index, = settle(busy)
    assert (index["equal"], index["scope"], index["asked"]) == (["region", "status"], "owner_id", 10)
    team = busy.seller(busy.north, grant("department"))
    ask(busy, team, "/records/lead?filter[region]=east&sort=-score", 20)
    assert {one["scope"] for one in settle(busy)} == {"owner_id", "department_id"}


def test_what_is_seen_through_another_record_is_walked_in_the_order_of_the_list(busy: Any) -> None:
    busy.call(busy.admin, "PATCH", "/objects/lead/fields/customer_id", {
        "options": {"object": "customer", "follow": "read"}})
    ask(busy, busy.wang, "/records/lead?filter[region]=east&sort=name")
    assert [(one["equal"], one["scope"], one["sort"]) for one in sorted(settle(busy), key=lambda one: str(one["scope"]))
            ] == [(["region"], None, ["name", "id"]), (["region"], "owner_id", ["name", "id"])]


def test_seldom_lists_small_tables_and_lists_that_are_served_get_none(busy: Any, monkeypatch: Any) -> None:
    ask(busy, busy.admin, TWO_FILTERS, 4)
    ask(busy, busy.admin, "/records/lead?sort=-created_at", 9)
    ask(busy, busy.wang, "/records/lead", 9)
    ask(busy, busy.admin, "/records/lead?filter[region]=east", 9)
    ask(busy, busy.admin, "/records/lead?filter[code]=x&filter[status]=new", 9)
    assert settle(busy) == []
    monkeypatch.setattr(schema, "LARGE", 1000)
    ask(busy, busy.admin, TWO_FILTERS, 9)
    assert settle(busy) == []


def test_an_object_has_a_bounded_number_and_the_busiest_lists_win(busy: Any) -> None:
    ask(busy, busy.admin, "/records/lead?sort=name", 6)
    ask(busy, busy.admin, "/records/lead?sort=score", 7)
    assert {tuple(one["sort"]) for one in settle(busy)} == {("name", "id"), ("score", "id")}
    ask(busy, busy.admin, "/records/lead?sort=-visited_on", 11)
    assert ("-visited_on", "-id") not in {tuple(one["sort"]) for one in settle(busy)}
    ask(busy, busy.admin, "/records/lead?sort=-visited_on", 20)
    assert {tuple(one["sort"]) for one in settle(busy)} == {("-visited_on", "-id"), ("score", "id")}


def test_an_index_that_nobody_asks_for_any_more_is_dropped(busy: Any) -> None:
    ask(busy, busy.admin, TWO_FILTERS)
    assert len(settle(busy)) == 1
    long_ago = utcnow() - timedelta(days=busy.harness.service.settings.index_unused_days + 1)
    with busy.harness.service.db.unit_of_work() as uow:
        uow.execute(update(list_shape).values(last_at=long_ago))
        uow.execute(update(list_index).values(last_at=long_ago))
    assert settle(busy) == []


def test_counts_fade_with_time(busy: Any) -> None:
    ask(busy, busy.admin, TWO_FILTERS, 3)
    busy.harness.service.parts["list_shapes"].flush()
    for expected in ([1], []):
        follow_lists.age_list_counts(busy.harness.service)
        with busy.harness.service.db.read() as connection:
            assert list(connection.execute(select(list_shape.c.asked)).scalars()) == expected


def test_a_field_that_goes_takes_its_index_along(busy: Any, monkeypatch: Any) -> None:
    ask(busy, busy.admin, "/records/lead?sort=-score&filter[vip]=true")
    assert len(settle(busy)) == 1
    monkeypatch.setattr(settle_schema, "NOTICED", settle_schema.NOTICED * 0)
    assert busy.call(busy.admin, "DELETE", "/objects/lead/fields/score").status_code == 204
    settle(busy)
    assert settle(busy) == []


def test_the_index_answers_first_and_deep_pages_without_sorting(busy: Any) -> None:
    database = busy.harness.service.db
    rows = [{"name": "x", "region": "east", "status": ("new", "working", "converted")[place % 3], "score": place % 100}
            for place in range(400)]
    operations = [{"action": "create", "values": row} for row in rows]
    assert busy.call(busy.admin, "POST", "/records/lead/batch", {"operations": operations}).status_code == 200
    ask(busy, busy.admin, "/records/lead?filter[region]=east&filter[status]=new&sort=-score")
    name = settle(busy)[0]["name"]
    where = "region = 'east' AND status = 'new'"
    chosen = f"INDEXED BY {name}" if database.is_sqlite else ""  # with few rows SQLite may take any
    ordered = f"SELECT id FROM r_lead {chosen} WHERE {{}} ORDER BY score DESC NULLS LAST, id DESC LIMIT 20"
    id = "'0190f3a0-0000-7000-8000-000000000001'" + ("" if database.is_sqlite else "::uuid")
    for condition in (where, f"{where} AND (score, id) < (3, {id})"):
        with database.read() as connection:
            if database.is_sqlite:
                plan = connection.execute(text(f"EXPLAIN QUERY PLAN {ordered.format(condition)}")).all()
            else:
                connection.execute(text("SET enable_seqscan = off"))
                connection.execute(text("SET enable_sort = off"))
                plan = connection.execute(text(f"EXPLAIN {ordered.format(condition)}")).all()
        assert name in str(plan)
        assert not any(word in str(plan) for word in ("Sort", "TEMP B-TREE")), plan


def test_pages_by_a_member_that_may_be_missing_hold_every_record_once(busy: Any) -> None:
    for place in range(5):
        busy.lead(busy.wang, name=f"N{place}")
    for sort in ("score", "-score"):
        seen: list[Any] = []
        cursor = ""
        while cursor is not None:
            answer = busy.call(busy.admin, "GET", f"/records/lead?sort={sort}&limit=2&cursor={cursor}").json
            seen += [one["score"] for one in answer["items"]]
            cursor = answer["next_cursor"]
        assert seen == sorted(range(6), reverse=sort == "-score") + [None] * 5


def test_indexes_are_shown_with_their_reasons_to_who_manages_objects(company: Any) -> None:
    assert company.call(company.wang, "GET", "/objects/lead/indexes").status_code == 403
    items = company.call(company.admin, "GET", "/objects/lead/indexes").json["items"]
    reasons = {one["name"]: one["reason"] for one in items}
    assert reasons["r_lead__newest"] == "system"
    assert (reasons["r_lead__code__unique"], reasons["r_lead__region__newest"]) == ("unique", "field")
    assert {one["state"] for one in items} == {"ready"}


def test_an_index_of_links_holds_those_that_lead_somewhere_and_answers_newest_first(busy: Any) -> None:
    id = "'0190f3a0-0000-7000-8000-000000000001'"
    database = busy.harness.service.db
    chosen = "INDEXED BY r_lead__customer_id__newest" if database.is_sqlite else ""
    asked = f"SELECT id FROM r_lead {chosen} WHERE customer_id = {id} ORDER BY created_at DESC, id DESC LIMIT 20"
    with database.read() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))
            connection.execute(text("SET enable_sort = off"))
        plan = str(connection.execute(text(f"EXPLAIN {'QUERY PLAN ' if database.is_sqlite else ''}{asked}")).all())
        where = {index["name"]: " ".join(str(one) for name, one in index["dialect_options"].items() if "where" in name)
                 for index in inspect(connection).get_indexes("r_lead")}
    assert "r_lead__customer_id__newest" in plan
    assert not any(word in plan for word in ("Sort", "TEMP B-TREE")), plan
    assert "IS NOT NULL" in where["r_lead__customer_id__newest"]
    assert not where["r_lead__owner"]
