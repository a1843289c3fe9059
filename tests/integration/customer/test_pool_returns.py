"""Records go back to their pool by themselves: what is due, who is warned, what stays, how a run survives a crash."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from chassis.clock import to_wire, utcnow
from services.customer.events import NOTIFICATION_REQUESTED
from services.customer.store.definitions import touch
from services.customer.store.pools.tables import pool as pool_table
from services.customer.store.pools.tables import pool_return_run
from services.customer.usecases.pools import automatic
from services.customer.usecases.pools.automatic import run_returns

from .conftest import grant
from .test_bulk_jobs import Killed, _forget_the_lease, do_work
from .test_pools import claim, lead, make, pooled

RULE = {"field": "called_at", "days": 10, "active": True}


def aged(company: Any, days: float, *ids: str) -> None:
    """As if these had been claimed and called that long ago."""
    table = company.harness.service.parts["types"].get("lead").table
    then = utcnow() - timedelta(days=days)
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(update(table).where(table.c.id.in_(ids)).values(owner_since=then, created_at=then))


def called(company: Any, days: float, id: str) -> None:
    table = company.harness.service.parts["types"].get("lead").table
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(update(table).where(table.c.id == id).values(called_at=utcnow() - timedelta(days=days)))


def claimed(company: Any, pool: str, *names: str, **values: Any) -> dict[str, str]:
    found = pooled(company, pool, *names, **values)
    for id in found.values():
        assert claim(company, company.wang, id).status_code == 200
    return found


def run(company: Any) -> None:
    run_returns(company.harness.service)
    do_work(company)


def told(company: Any) -> list[Any]:
    return [wish for message in company.harness.published(NOTIFICATION_REQUESTED)
            for wish in message.data["notifications"]]


def switched_on(company: Any, pool: str, days_ago: int) -> None:
    """As if the rules of the pool had been switched on that long ago."""
    with company.harness.service.db.unit_of_work() as uow:
        body = uow.execute(select(pool_table.c.body).where(pool_table.c.id == pool)).scalar_one()
        rules = [one | {"since": to_wire(utcnow() - timedelta(days=days_ago))} for one in body["returns"]]
        uow.execute(update(pool_table).values(body=body | {"returns": rules}, version=pool_table.c.version + 1))
        touch(uow)
    company.harness.service.parts["types"].expire()


def gone(company: Any, leads: dict[str, str]) -> set[str]:
    return {name for name, id in leads.items() if lead(company, id)["owner_id"] is None}


def test_what_nobody_followed_up_goes_back_and_its_owner_is_told_once(company: Any) -> None:
    pool = make(company, f"user:{company.wang}", returns=[RULE])
    leads = claimed(company, pool, "never called", "called long ago", "called lately", "claimed lately")
    aged(company, 30, *list(leads.values())[:3])
    called(company, 20, leads["called long ago"])
    called(company, 2, leads["called lately"])
    run(company)
    assert gone(company, leads) == {"never called", "called long ago"}
    assert lead(company, leads["never called"])["pool_id"] == pool
    line = company.call(company.wang, "GET", f"/records/lead/{leads['never called']}/timeline").json["items"][0]
    assert line["origin"]["kind"] == "system"
    assert line["origin"]["pool"] == {"action": "returned", "id": pool, "automatic": True, "days": 10}
    assert [(one["user_id"], one["template"], one["params"]["number"]) for one in told(company)] == [
        (company.wang, "pool_returned", 2)]
    passages = company.call(company.admin, "GET", f"/pools/{pool}/passages?limit=2").json["items"]
    assert {(one["action"], one["automatic"], one["person_id"]) for one in passages} == {
        ("returned", True, company.wang)}
    ended = company.call(company.admin, "GET", f"/pools/{pool}/returns/run").json
    assert (ended["returned"], ended["warned"], bool(ended["finished_at"])) == (2, 0, True)
    run(company)
    assert len(told(company)) == 1


def test_owners_are_warned_once_and_nothing_goes_before_they_could_be(company: Any) -> None:
    pool = make(company, f"user:{company.wang}", returns=[RULE | {"warn_days": 3}])
    leads = claimed(company, pool, "due", "soon", "fresh")
    aged(company, 30, leads["due"])
    aged(company, 8, leads["soon"])
    run(company)
    run(company)
    assert gone(company, leads) == set()
    assert [(one["template"], one["params"]["number"]) for one in told(company)] == [("pool_warned", 2)]
    called(company, 0, leads["soon"])
    switched_on(company, pool, days_ago=4)
    run(company)
    assert gone(company, leads) == {"due"}
    assert [one["template"] for one in told(company)] == ["pool_warned", "pool_returned"]


def test_what_is_won_stays_and_without_a_field_the_day_of_the_claim_counts(company: Any) -> None:
    won = {"field": "status", "op": "eq", "value": "converted"}
    pool = make(company, f"user:{company.wang}", returns=[{"days": 5, "unless": won, "active": True}])
    leads = claimed(company, pool, "won", "open")
    aged(company, 6, *leads.values())
    called(company, 0, leads["open"])
    company.call(company.wang, "PATCH", f"/records/lead/{leads['won']}", {"status": "converted"})
    run(company)
    assert gone(company, leads) == {"open"}


def test_a_related_record_may_keep_a_record_from_going_back(company: Any) -> None:
    made = company.call(company.admin, "POST", "/objects", {"name": "bid", "fields": [
        {"name": "name", "type": "text"}, {"name": "open", "type": "boolean"},
        {"name": "lead_id", "type": "reference", "options": {"object": "lead"}}]})
    assert made.status_code == 201, made.json
    bids = {"related": "bid.lead_id", "op": "some", "where": {"field": "open", "op": "eq", "value": True}}
    pool = make(company, f"user:{company.wang}", returns=[{"days": 5, "unless": bids, "active": True}])
    leads = claimed(company, pool, "bidden", "closed", "plain")
    for name, is_open in (("bidden", True), ("closed", False)):
        company.call(company.admin, "POST", "/records/bid", {"name": name, "open": is_open, "lead_id": leads[name]})
    aged(company, 6, *leads.values())
    run(company)
    assert gone(company, leads) == {"closed", "plain"}
    blind = company.harness.user("Blind", None, (company.harness.role({"lead": grant("all")},
                                                                      permissions=("objects.manage",)),))
    answer = company.call(blind, "POST", f"/pools/{pool}/returns/preview", {"days": 5, "unless": bids})
    assert answer.status_code == 422, "he would learn what he may not read"


def test_records_that_came_from_no_pool_go_only_where_the_rule_says_so(company: Any) -> None:
    east = {"field": "region", "op": "eq", "value": "east"}
    pool = make(company, f"user:{company.wang}", criteria=east, returns=[RULE])
    own = {name: company.lead(company.wang, name=name, region=name)["id"] for name in ("east", "north")}
    aged(company, 30, *own.values())
    run(company)
    assert gone(company, own) == set()
    rule = company.call(company.admin, "GET", f"/pools/{pool}").json["returns"][0]
    company.call(company.admin, "PATCH", f"/pools/{pool}", {"returns": [rule | {"all_owned": True}]})
    run(company)
    assert gone(company, own) == {"east"}


def test_the_preview_says_what_a_run_then_does(company: Any) -> None:
    pool = make(company, f"user:{company.wang}")
    leads = claimed(company, pool, "a", "b", "c")
    aged(company, 30, leads["a"], leads["b"])
    aged(company, 8, leads["c"])
    answer = company.call(company.admin, "POST", f"/pools/{pool}/returns/preview", RULE | {"warn_days": 3})
    assert answer.status_code == 200
    assert (answer.json["count"], answer.json["count_is"], answer.json["warned"]) == (2, "exact", 1)
    assert {one["title"] for one in answer.json["examples"]} == {"a", "b"}
    assert answer.json["owners"] == [{"owner_id": company.wang, "owner_name": "王芳", "count": 2}]
    assert gone(company, leads) == set()
    company.call(company.admin, "PATCH", f"/pools/{pool}", {"returns": [RULE]})
    assert company.call(company.admin, "POST", f"/pools/{pool}/returns/run").status_code == 202
    do_work(company)
    assert gone(company, leads) == {"a", "b"}


def test_a_run_that_is_killed_goes_on_and_tells_the_right_number(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(automatic, "_PIECE", 2)
    pool = make(company, f"user:{company.wang}", returns=[RULE])
    leads = claimed(company, pool, *(f"lead {number}" for number in range(5)))
    aged(company, 30, *leads.values())
    write, pieces = automatic.write, []

    def dying(*args: Any) -> None:
        pieces.append(1)
        if len(pieces) == 2:
            raise Killed
        write(*args)

    monkeypatch.setattr(automatic, "write", dying)
    run_returns(company.harness.service)
    with pytest.raises(Killed):
        do_work(company)
    monkeypatch.setattr(automatic, "write", write)
    assert len(gone(company, leads)) == 2
    run_returns(company.harness.service)
    with company.harness.service.db.read() as connection:
        assert len(connection.execute(select(pool_return_run)).all()) == 1
    _forget_the_lease(company)
    do_work(company)
    assert gone(company, leads) == set(leads)
    assert [one["params"]["number"] for one in told(company)] == [5]


def test_an_owner_who_follows_up_at_the_same_moment_keeps_the_record(company: Any) -> None:
    """The follow-up has locked the record when the run comes by; the run waits, looks again and leaves it."""
    if company.harness.service.db.is_sqlite:
        return  # one writer at a time: there is no same moment
    pool = make(company, f"user:{company.wang}", returns=[RULE])
    leads = claimed(company, pool, "followed", "forgotten")
    aged(company, 30, *leads.values())
    table = company.harness.service.parts["types"].get("lead").table
    run_returns(company.harness.service)
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(update(table).where(table.c.id == leads["followed"]).values(called_at=utcnow()))
        worker = threading.Thread(target=do_work, args=(company,))
        worker.start()
        worker.join(1.0)
        assert worker.is_alive()
    worker.join(20)
    assert gone(company, leads) == {"forgotten"}


@given(st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 40))), min_size=1, max_size=6),
       st.integers(1, 30))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_goes_is_what_was_neither_got_nor_followed_up_for_so_long(
        company: Any, histories: list[tuple[int, int | None]], days: int) -> None:
    pool = make(company, f"user:{company.wang}", returns=[RULE | {"days": days}])
    leads = claimed(company, pool, *(f"lead {number}" for number in range(len(histories))))
    for id, (got, call) in zip(leads.values(), histories, strict=True):
        aged(company, got + 0.5, id)
        if call is not None:
            called(company, call + 0.5, id)
    run(company)
    assert gone(company, leads) == {name for name, (got, call) in zip(leads, histories, strict=True)
                                    if min(got, got if call is None else call) >= days}


@pytest.mark.parametrize(("rule", "pointer"), [
    ({"days": 0}, "/returns/0/days"), ({"days": 3, "warn_days": 3}, "/returns/0/warn_days"),
    ({"days": 3, "field": "name"}, "/returns/0/field"), ({"days": 3, "unless": {"field": "x", "op": "eq"}},
                                                         "/returns/0/unless/field"),
    ({"days": 3, "active": 1}, "/returns/0/active"), ("x", "/returns/0"), ({"days": 3, "when": 1}, "/returns/0/when")])
def test_a_rule_that_makes_no_sense_is_refused_with_a_place(company: Any, rule: Any, pointer: str) -> None:
    answer = company.call(company.admin, "POST", "/pools", {
        "object": "lead", "name": {"en": "Pool"}, "members": [f"user:{company.wang}"], "returns": [rule]})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
