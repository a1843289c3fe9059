"""Whom a campaign writes to, as the person who runs it sees them; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.ids import new_id
from chassis.jobs import JobRunner

from .conftest import grant


@pytest.fixture
def leads(company: Any) -> dict[str, str]:
    """Two leads of Wang, one of Li; what two of them agreed to."""
    made = {name: company.lead(who, name=name, email=f"{name}@example.com")["id"] for name, who in (
        ("ann", company.wang), ("bob", company.wang), ("cid", company.li))}
    for name, granted, at in (("ann", False, "2026-01-01"), ("ann", True, "2026-01-02"), ("bob", True, "2026-01-01"),
                              ("bob", False, "2026-01-02")):
        said = {"purpose": "news", "granted": granted, "source": "form", "at": f"{at}T08:00:00Z"}
        assert company.call(company.admin, "POST", f"/records/lead/{made[name]}/consents", said).status_code == 201
    return made


def ask(company: Any, person: str, **more: Any) -> Any:
    return company.harness.call_as_service("customer", "POST", "/v1/recipients", {
        "person": person, "object": "lead", "field": "email", "purpose": "news"} | more)


def seen(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.json
    return {one["id"]: (one["address"], one["granted"]) for one in answer.json["items"]}


def test_a_condition_gives_what_the_person_sees_slice_by_slice_and_a_segment_says_what_he_does_not(
        company: Any, leads: dict[str, str]) -> None:
    every = {"field": "email", "op": "is_set"}
    assert seen(ask(company, company.wang, criteria=every)) == {
        leads["ann"]: ("ann@example.com", True), leads["bob"]: ("bob@example.com", False)}
    first = ask(company, company.admin, criteria=every, limit=2)
    rest = ask(company, company.admin, criteria=every, limit=2, after=first.json["next"])
    assert (len(seen(first)), len(seen(rest)), rest.json["next"]) == (2, 1, None)
    assert {**seen(first), **seen(rest)}[leads["cid"]] == ("cid@example.com", None)
    made = company.call(company.admin, "POST", "/segments", {"object": "lead", "name": {"en": "All"},
                                                            "criteria": every}).json["id"]
    while JobRunner(company.harness.service).run_one():
        pass
    items = ask(company, company.wang, segment=made).json["items"]
    assert {one["id"]: one["hidden"] for one in items} == {
        leads["ann"]: False, leads["bob"]: False, leads["cid"]: True}
    [foreign] = [one for one in items if one["hidden"]]
    assert {foreign[name] for name in ("address", "granted", "agreed_at")} == {None}


def test_what_may_not_be_asked_is_refused(company: Any, leads: dict[str, str]) -> None:
    every = {"field": "email", "op": "is_set"}
    blind = company.harness.user("Blind", None, (company.harness.role(
        {"lead": grant("all", None, email="masked")}),))
    assert ask(company, blind, criteria=every).status_code == 422
    stranger = company.harness.user("Stranger")
    assert ask(company, stranger, criteria=every).status_code in (403, 404)
    house = company.harness
    house.update("users", house.service.directory.user(blind) | {"active": False})
    assert ask(company, blind, criteria=every).json["code"] == "person_gone"
    for wrong in ({}, {"criteria": every, "segment": new_id()}, {"segment": new_id()}, {"criteria": every, "limit": 0},
                  {"criteria": {"field": "x", "op": "eq", "value": 1}}, {"criteria": every, "field": "name"}):
        assert ask(company, company.admin, **wrong).status_code == 422, wrong
    assert company.call(company.admin, "POST", "/recipients", {}).status_code == 403
