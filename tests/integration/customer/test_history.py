"""Going back: as of a moment, comparing, restoring, the bin, and who is told to the audit log; on both databases."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import to_wire, utcnow
from chassis.jobs import JobRunner
from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from services.customer.events import AUDIT_RECORDED
from services.customer.store.record_bin import record_bin
from services.customer.usecases.record_bin import purge_old_records

from .conftest import grant

_TECHNICAL = ("version", "updated_at", "updated_by")


def now() -> str:
    """A moment that no change shares: history counts in milliseconds."""
    time.sleep(0.003)
    moment = to_wire(utcnow())
    time.sleep(0.003)
    return moment


def change(company: Any, who: str, id: str, /, **values: Any) -> dict[str, Any]:
    answer = company.call(who, "PATCH", f"/records/lead/{id}", values)
    assert answer.status_code == 200, answer.json
    return answer.json


def as_of(company: Any, who: str, id: str, at: str) -> Any:
    return company.call(who, "GET", f"/records/lead/{id}/as-of", query_string={"at": at})


def restore(company: Any, who: str, id: str, at: str, **more: Any) -> Any:
    return company.call(who, "POST", f"/records/lead/{id}/restore", {"at": at, **more})


def plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in (*_TECHNICAL, "_labels")}


@pytest.mark.parametrize("seed", range(3))
def test_a_record_stands_as_of_every_moment_as_it_stood_then(company: Any, seed: int) -> None:
    chance = random.Random(seed)
    lead = company.lead(company.wang, name="起", score=1)
    seen = [(now(), lead)]
    for step in range(8):
        values = chance.choice([
            {"score": step}, {"name": f"N{step}", "region": chance.choice(["east", "north", None])},
            {"tags": chance.choice([["a"], ["b", "c"], None])}, {"note": f"第{step}次"},
            {"expected_amount": {"amount": f"{step}.50", "currency": "CNY"}}, {"company": None}])
        record = change(company, company.wang, lead["id"], **values)
        seen.append((now(), record))
    for moment, record in seen:
        answer = as_of(company, company.wang, lead["id"], moment)
        assert (answer.status_code, answer.json["state"]) == (200, "exists"), answer.json
        found = dict(answer.json["record"])
        found.pop("_labels")
        assert found == record


def test_before_it_was_made_there_is_nothing(company: Any) -> None:
    before = now()
    lead = company.lead(company.wang)
    answer = as_of(company, company.wang, lead["id"], before)
    assert answer.json == {"at": answer.json["at"], "state": "not_yet", "record": None}
    assert restore(company, company.wang, lead["id"], before).json["code"] == "was_not_there"


def test_two_moments_are_compared_field_by_field(company: Any) -> None:
    lead = company.lead(company.wang, score=1)
    first = now()
    change(company, company.wang, lead["id"], score=2, note="x")
    second = now()
    change(company, company.wang, lead["id"], score=3)
    asked = {"from": first, "to": second}
    answer = company.call(company.wang, "GET", f"/records/lead/{lead['id']}/compare", query_string=asked)
    assert answer.json["changes"] == [{"field": "score", "before": 1, "after": 2},
                                      {"field": "note", "before": None, "after": "x"}]
    answer = company.call(company.wang, "GET", f"/records/lead/{lead['id']}/compare", query_string={"from": second})
    assert answer.json["changes"] == [{"field": "score", "before": 2, "after": 3}]


def test_one_field_or_the_whole_record_goes_back_and_the_history_says_why(company: Any) -> None:
    lead = company.lead(company.wang, score=1, note="alt", region="east")
    moment = now()
    change(company, company.wang, lead["id"], score=9, note="neu", region="north")
    answer = restore(company, company.wang, lead["id"], moment, fields=["score"])
    assert answer.status_code == 200, answer.json
    assert (answer.json["record"]["score"], answer.json["record"]["note"]) == (1, "neu")
    assert plain(restore(company, company.wang, lead["id"], moment).json["record"]) == plain(lead)
    lines = company.call(company.wang, "GET", f"/records/lead/{lead['id']}/timeline").json["items"]
    assert [line["origin"].get("restored_to") for line in lines] == [moment, moment, None, None]
    assert [line["origin"]["kind"] for line in lines] == ["person"] * 4
    assert restore(company, company.wang, lead["id"], moment).json["record"]["version"] == 4


def test_going_back_is_judged_like_any_change(company: Any) -> None:
    lead = company.lead(company.wang, code="A1", score=1)
    moment = now()
    change(company, company.wang, lead["id"], code="B2", score=2)
    other = company.lead(company.wang, code="A1")
    answer = restore(company, company.wang, lead["id"], moment)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (409, "/code")
    company.call(company.wang, "DELETE", f"/records/lead/{other['id']}")
    stale = company.call(company.wang, "POST", f"/records/lead/{lead['id']}/restore", {"at": moment},
                         headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    reader = company.seller(company.east_team, grant("all", ["read"]))
    assert restore(company, reader, lead["id"], moment).status_code == 403
    half = company.seller(company.east_team, grant("all", score="read", note="none"))
    answer = restore(company, half, lead["id"], moment, fields=["score"])
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [("/fields/0", "read_only")]
    assert restore(company, half, lead["id"], moment, fields=["note"]).json["errors"][0]["code"] == "unknown_field"
    back = restore(company, half, lead["id"], moment).json["record"]
    assert (back["code"], back["score"]) == ("A1", 2)
    assert restore(company, company.li, lead["id"], moment).status_code == 404


@pytest.mark.parametrize("at", ["", "gestern", "2026-01-01", "2026-01-01T00:00:00", "9" * 50,
                                "0001-01-01T00:00:00+14:00"])
def test_what_is_no_moment_is_said_so(company: Any, at: str) -> None:
    lead = company.lead(company.wang)
    answer = as_of(company, company.wang, lead["id"], at)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "?at")
    assert restore(company, company.wang, lead["id"], at).json["errors"][0]["pointer"] == "/at"


@pytest.mark.parametrize("fields", [[["name"]], [{}], [None, 1], ["nothing"]])
def test_what_is_no_field_is_said_so(company: Any, fields: list[Any]) -> None:
    lead = company.lead(company.wang)
    answer = company.call(company.wang, "POST", f"/records/lead/{lead['id']}/restore", {
        "at": now(), "fields": fields})
    assert [one["pointer"] for one in answer.json["errors"]] == [f"/fields/{place}" for place in range(len(fields))]


def test_hidden_fields_are_in_no_moment_and_no_difference(company: Any) -> None:
    lead = company.lead(company.wang, note="geheim")
    first = now()
    change(company, company.wang, lead["id"], note="anders", score=5)
    blind = company.seller(company.east_team, grant("all", note="none"))
    assert "note" not in as_of(company, blind, lead["id"], first).json["record"]
    answer = company.call(blind, "GET", f"/records/lead/{lead['id']}/compare", query_string={"from": first})
    assert [one["field"] for one in answer.json["changes"]] == ["score"]
    assert as_of(company, company.li, lead["id"], first).status_code == 404


def bin_of(company: Any, who: str, object_name: str = "lead") -> Any:
    return company.call(who, "GET", f"/bin/{object_name}")


def back(company: Any, who: str, id: str, object_name: str = "lead") -> Any:
    return company.call(who, "POST", f"/bin/{object_name}/{id}/restore")


def test_a_deleted_record_comes_back_as_it_was(company: Any) -> None:
    customer = company.call(company.admin, "POST", "/records/customer", {"name": "恒科"}).json
    lead = company.lead(company.wang, phone="13857101234", code="A1", tags=["a", "b"], customer_id=customer["id"])
    alive = now()
    assert company.call(company.wang, "DELETE", f"/records/lead/{lead['id']}").status_code == 204
    gone = now()
    [listed] = bin_of(company, company.wang).json["items"]
    assert (listed["id"], listed["title"], listed["deleted_by"]["name"]) == (lead["id"], lead["name"], "王芳")
    answer = back(company, company.wang, lead["id"])
    assert (answer.status_code, answer.json["lost"]) == (200, []), answer.json
    assert plain(answer.json["record"]) == plain(lead)
    assert plain(company.call(company.wang, "GET", f"/records/lead/{lead['id']}").json) == plain(lead)
    assert bin_of(company, company.wang).json["items"] == []
    found = company.harness.call(company.wang, "GET", "/v1/search", query_string={"q": "1234"}).json["items"]
    assert [item["id"] for item in found[0]["items"]] == [lead["id"]]
    assert company.call(company.wang, "POST", "/records/lead/duplicates",
                        {"values": {"phone": "13857101234"}}).json["items"][0]["id"] == lead["id"]
    assert as_of(company, company.wang, lead["id"], gone).json["state"] == "deleted"
    assert plain(as_of(company, company.wang, lead["id"], alive).json["record"]) == plain(lead)
    assert back(company, company.wang, lead["id"]).json["code"] == "not_in_bin"
    told = [message for message in company.harness.published() if message.type.endswith("record.changed.v1")]
    assert [violations(loads(message.to_json())) for message in told] == [[]] * len(told)
    versions = [one["version"] for message in told for one in message.data["changes"] if one["id"] == lead["id"]]
    assert versions == [1, 2, 3]


def test_what_is_gone_meanwhile_is_left_out_and_said(company: Any) -> None:
    customer = company.call(company.admin, "POST", "/records/customer", {"name": "恒科"}).json
    lead = company.lead(company.wang, customer_id=customer["id"], note="bleibt")
    company.call(company.wang, "DELETE", f"/records/lead/{lead['id']}")
    assert company.call(company.admin, "DELETE", f"/records/customer/{customer['id']}").status_code == 204
    answer = back(company, company.wang, lead["id"])
    assert (answer.status_code, answer.json["lost"]) == (200, ["customer_id"])
    assert (answer.json["record"]["customer_id"], answer.json["record"]["note"]) == (None, "bleibt")


def test_a_taken_value_keeps_it_in_the_bin(company: Any) -> None:
    lead = company.lead(company.wang, code="A1")
    company.call(company.wang, "DELETE", f"/records/lead/{lead['id']}")
    other = company.lead(company.wang, code="A1")
    answer = back(company, company.wang, lead["id"])
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (409, "/code")
    change(company, company.wang, other["id"], code="B2")
    assert back(company, company.wang, lead["id"]).status_code == 200


def test_lists_that_named_it_name_it_again(company: Any) -> None:
    field = {"name": "about", "type": "reference_list", "options": {"object": "customer"}}
    assert company.call(company.admin, "POST", "/objects/contact/fields", field).status_code == 201
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass
    one, two = (company.call(company.admin, "POST", "/records/customer", {"name": name}).json for name in "AB")
    contact = company.call(company.admin, "POST", "/records/contact", {
        "name": "李雷", "about": [one["id"], two["id"]]}).json
    company.call(company.admin, "DELETE", f"/records/customer/{one['id']}")
    path = f"/records/contact/{contact['id']}"
    assert company.call(company.admin, "GET", path).json["about"] == [two["id"]]
    assert back(company, company.admin, one["id"], "customer").status_code == 200
    assert sorted(company.call(company.admin, "GET", path).json["about"]) == sorted([one["id"], two["id"]])


def test_the_bin_shows_what_the_caller_would_see_and_may_delete(company: Any) -> None:
    mine, other = company.lead(company.wang, note="x"), company.lead(company.li)
    for who, lead in ((company.wang, mine), (company.li, other)):
        company.call(who, "DELETE", f"/records/lead/{lead['id']}")
    assert [one["id"] for one in bin_of(company, company.wang).json["items"]] == [mine["id"]]
    assert [one["id"] for one in bin_of(company, company.boss).json["items"]] == [mine["id"]]
    assert [one["id"] for one in bin_of(company, company.admin).json["items"]] == [other["id"], mine["id"]]
    assert back(company, company.wang, other["id"]).status_code == 404
    reader = company.seller(company.east_team, grant("all", ["read", "create"]))
    assert bin_of(company, reader).status_code == back(company, reader, mine["id"]).status_code == 403
    first = company.call(company.admin, "GET", "/bin/lead?limit=1").json
    second = company.call(company.admin, "GET", f"/bin/lead?limit=1&cursor={first['next_cursor']}").json
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [other["id"], mine["id"]]
    assert company.call(company.wang, "DELETE", f"/bin/lead/{mine['id']}").status_code == 403
    assert company.call(company.admin, "DELETE", f"/bin/lead/{mine['id']}").status_code == 204
    assert back(company, company.wang, mine["id"]).status_code == 404


def test_the_bin_is_emptied_after_its_days(company: Any) -> None:
    old, young = company.lead(company.wang), company.lead(company.wang)
    for lead in (old, young):
        company.call(company.wang, "DELETE", f"/records/lead/{lead['id']}")
    service = company.harness.service
    with service.db.unit_of_work() as uow:
        uow.execute(update(record_bin).where(record_bin.c.record_id == old["id"]).values(
            at=utcnow() - timedelta(days=31)))
    purge_old_records(service)
    assert [one["id"] for one in bin_of(company, company.wang).json["items"]] == [young["id"]]


def told(company: Any) -> list[dict[str, Any]]:
    messages = [message for message in company.harness.published() if message.type == AUDIT_RECORDED]
    assert [violations(loads(message.to_json())) for message in messages] == [[]] * len(messages)
    return [message.data for message in messages]


def test_reads_of_sensitive_fields_are_told_to_the_audit_log(company: Any) -> None:
    answer = company.call(company.admin, "PATCH", "/objects/lead/fields/phone", {"sensitive": True})
    assert (answer.status_code, answer.json["sensitive"]) == (200, True)
    lead, bare = company.lead(company.wang, phone="13857101234"), company.lead(company.wang)
    for path in ("", "/timeline", f"/as-of?at={now()}", f"/compare?from={now()}"):
        company.call(company.boss, "GET", f"/records/lead/{lead['id']}{path}")
    company.call(company.boss, "GET", f"/records/lead/{bare['id']}")
    company.call(company.boss, "GET", "/records/lead?fields=name")
    company.call(company.boss, "POST", "/records/lead/query", {"fields": ["name", "phone"]})
    blind = company.seller(company.east_team, grant("all", phone="none"))
    company.call(blind, "GET", f"/records/lead/{lead['id']}")
    company.call(blind, "GET", "/records/lead")
    company.call(company.boss, "POST", "/records/lead/export", {"format": "csv"})
    entries = told(company)
    assert [one["action"] for one in entries] == [
        *["records.sensitive_read"] * 4, "records.sensitive_listed", "records.exported"]
    assert {one["target"]["id"] for one in entries[:4]} == {lead["id"]}
    assert entries[4]["detail"] == {"object": "lead", "fields": ["phone"], "rows": 2}
    assert entries[5]["detail"]["sensitive"] == ["phone"]
    assert {one["actor"]["id"] for one in entries} == {company.boss}


def test_however_sensitive_fields_are_shown_it_is_told(company: Any) -> None:
    for name in ("phone", "papers"):
        if name == "papers":
            company.call(company.admin, "POST", "/objects/lead/fields", {"name": name, "type": "file"})
        company.call(company.admin, "PATCH", f"/objects/lead/fields/{name}", {"sensitive": True})
    lead = company.lead(company.wang, name="Mei", phone="13857101234")
    file = company.call(company.wang, "POST", "/files?object=lead&field=papers&name=x.txt", data=b"hello").json["id"]
    company.call(company.wang, "PATCH", f"/records/lead/{lead['id']}", {"papers": [file]})
    day = now()[:10]
    ways = {
        "kanban": lambda: company.call(company.boss, "POST", "/records/lead/kanban", {"group_field": "status"}),
        "calendar": lambda: company.call(company.boss, "POST", "/records/lead/calendar", {
            "date_field": "created_at", "from": day, "to": day}),
        "search": lambda: company.call(company.boss, "GET", "/search?q=13857101234"),
        "lines": lambda: company.call(company.boss, "GET", f"/records/lead/{lead['id']}/lines"),
        "file": lambda: company.call(company.boss, "GET", f"/files/{file}")}
    for way, ask in ways.items():
        before = len(told(company))
        assert ask().status_code == 200, way
        [entry] = told(company)[before:]
        assert entry["actor"]["id"] == company.boss, way
        assert entry["detail"]["fields"] == (["papers"] if way == "file" else ["phone"] if way == "search"
                                             else ["phone", "papers"]), way
    before = len(told(company))
    company.call(company.boss, "GET", "/search?q=Mei")
    company.call(company.boss, "POST", "/records/lead/kanban", {"group_field": "status", "fields": ["name"]})
    assert len(told(company)) == before, "nothing sensitive was shown"
