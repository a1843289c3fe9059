"""Changes of a span, told once more to a service, are what the events told when they happened; on both databases."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import inspect, select

from chassis.clock import to_wire, utcnow
from chassis.db.tables import outbox
from chassis.jsonio import loads
from services.customer.events import RECORD_CHANGED
from services.customer.queries import replay
from services.customer.usecases.settle_history import settle_history

_REST = {"origin", "rules"}


def ask(company: Any, **more: Any) -> Any:
    body = {"from": to_wire(utcnow() - timedelta(hours=1)), "to": to_wire(utcnow() + timedelta(hours=1))} | more
    return company.harness.call_as_service("customer", "POST", "/v1/records/lead/replay", body)


def everything(company: Any, **more: Any) -> list[dict[str, Any]]:
    """All pages, three lines each."""
    items, cursor = [], None
    span = {"from": to_wire(utcnow() - timedelta(hours=1)), "to": to_wire(utcnow() + timedelta(hours=1))}
    while True:
        answer = ask(company, limit=3, **span, **({"cursor": cursor} if cursor else {}), **more)
        assert answer.status_code == 200, answer.json
        items += answer.json["items"]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            return items


def told(company: Any) -> list[dict[str, Any]]:
    """What the events of leads said, without removals."""
    with company.harness.service.db.read() as connection:
        bodies = connection.execute(select(outbox.c.body).where(outbox.c.type == RECORD_CHANGED)
                                    .order_by(outbox.c.id)).scalars().all()
    events = [loads(body)["data"] for body in bodies]
    return [change | ({"rules": False} if event.get("rules") is False else {}) for event in events
            if event["object"] == "lead" for change in event["changes"] if change["action"] != "deleted"]


def live(company: Any, seed: int) -> None:
    """Twenty random writes: creations, updates, removals, and some on which no rule shall act."""
    chance, ids = random.Random(seed), []
    for step in range(20):
        if not ids or chance.random() < 0.3:
            ids.append(company.lead(company.wang, name=f"N{step}", score=chance.choice([None, 1, 2]))["id"])
            continue
        id = chance.choice(ids)
        if chance.random() < 0.15:
            ids.remove(id)
            assert company.call(company.wang, "DELETE", f"/records/lead/{id}").status_code == 204
            continue
        values = chance.choice([{"score": step}, {"name": f"M{step}", "region": chance.choice(["east", None])},
                                {"expected_amount": {"amount": str(step), "currency": "CNY"}, "vip": True}])
        answer = company.call(company.admin, "POST", "/records/lead/batch", {
            "operations": [{"action": "update", "id": id, "values": values}], "without_rules": chance.random() < 0.2})
        assert answer.json["results"][0]["status"] == 200, answer.json


def test_what_is_told_once_more_is_what_the_events_told(company: Any, monkeypatch: Any) -> None:
    live(company, 7)
    told_then = {(one["id"], one["version"]): one for one in told(company)}
    told_again = everything(company)
    monkeypatch.setattr(replay, "MOST_LINES", 16)  # pages fall into pieces
    assert everything(company) == told_again
    assert [one["at"] for one in told_again] == sorted(one["at"] for one in told_again)
    assert {(one["id"], one["version"]) for one in told_again} == told_then.keys()
    for one in told_again:
        then = told_then[one["id"], one["version"]]
        assert (one["action"], one["by"], one["before"]) == (then["action"], then["by"], then["before"])
        assert {**one["after"], "department_id": None} == {**then["after"], "department_id": None}
        assert set(one["changed"]) == set(then["changed"])
        assert one.get("rules") == then.get("rules")


def test_only_changes_that_are_asked_for_are_told_and_all_are_counted(company: Any) -> None:
    lead = company.lead(company.wang, name="A")
    for values in ({"score": 1}, {"name": "B"}, {"score": 2}):
        company.call(company.wang, "PATCH", f"/records/lead/{lead['id']}", values)
    answer = ask(company, created=False, fields=["score"]).json
    assert [one["after"]["score"] for one in answer["items"]] == [1, 2]
    assert [one["after"]["name"] for one in answer["items"]] == ["A", "B"]
    assert answer["looked_at"] == 4
    assert [one["action"] for one in ask(company, fields=[]).json["items"]] == ["created"]
    earlier = to_wire(utcnow() - timedelta(days=1))
    assert ask(company, **{"from": earlier, "to": earlier}).json["items"] == []


def test_only_services_ask_and_bad_questions_are_refused(company: Any) -> None:
    body = {"from": to_wire(utcnow()), "to": to_wire(utcnow())}
    assert company.call(company.admin, "POST", "/records/lead/replay", body).status_code == 403
    for wrong in ({"from": "x"}, {"limit": 501}, {"limit": True}, {"fields": [1]}, {"cursor": "x"}, {"cursor": 1},
                  {"more": 1}):
        assert ask(company, **wrong).status_code == 422, wrong


def test_an_index_that_the_migration_left_out_is_built_beside_the_writers(company: Any) -> None:
    service = company.harness.service
    with service.db.unit_of_work() as uow:
        uow.connection.exec_driver_sql("DROP INDEX record_change_at")
    settle_history(service)
    with service.db.read() as connection:
        names = {one["name"] for one in inspect(connection).get_indexes("record_change")}
    assert ("record_change_at" in names) is not service.db.is_sqlite
