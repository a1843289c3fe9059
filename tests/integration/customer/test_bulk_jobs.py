"""Bulk jobs: all records that match, exactly once each, under the rights of who started them, with a way back."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.clock import utcnow
from chassis.db.tables import job as job_table
from chassis.jobs import JobRunner
from services.customer.usecases.bulk import work
from tests.integration.customer.conftest import Company, grant

JOBS = "/bulk-jobs"
NEW = {"field": "status", "op": "eq", "value": "new"}


class Killed(BaseException):
    """What ends a worker without a word."""


def started(company: Company, who: str, **asked: Any) -> Any:
    """The answer of beginning a job."""
    return company.call(who, "POST", JOBS, {"object": "lead", "action": "update", **asked})


def begun(company: Company, who: str, **asked: Any) -> str:
    """The id of a job that waits for its worker."""
    answer = started(company, who, **asked)
    assert answer.status_code == 202, answer.json
    return answer.json["id"]


def finished(company: Company, who: str, **asked: Any) -> dict[str, Any]:
    """A job after its work."""
    id = begun(company, who, **asked)
    do_work(company)
    return company.call(who, "GET", f"{JOBS}/{id}").json


def do_work(company: Company) -> None:
    """Work every job that waits."""
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass


def undone(company: Company, who: str, id: str) -> dict[str, Any]:
    """A job after its undoing."""
    answer = company.call(who, "POST", f"{JOBS}/{id}/undo")
    assert answer.status_code == 202, answer.json
    do_work(company)
    return company.call(who, "GET", f"{JOBS}/{id}").json


def states(company: Company) -> dict[str, str | None]:
    """Name → state of every lead."""
    answer = company.call(company.admin, "POST", "/records/lead/query", {"limit": 200})
    return {one["name"]: one["status"] for one in answer.json["items"]}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many units of work for few records."""
    monkeypatch.setattr(work, "CHUNK", 3)


@pytest.fixture
def leads(company: Company) -> Company:
    """Seven new leads of one person, two of another, one that is in work already."""
    for number in range(7):
        company.lead(company.wang, name=f"W{number}", status="new", region="east")
    for number in range(2):
        company.lead(company.li, name=f"L{number}", status="new")
    company.lead(company.wang, name="busy", status="working")
    return company


def test_all_that_match_are_changed_and_nothing_else(leads: Company) -> None:
    job = finished(leads, leads.admin, values={"status": "working"}, criteria=NEW)
    assert (job["state"], job["counts"]) == ("finished", {"changed": 9, "unchanged": 0, "refused": 0})
    assert set(states(leads).values()) == {"working"}


def test_a_job_reaches_what_its_person_may_see_and_no_further(leads: Company) -> None:
    job = finished(leads, leads.wang, values={"status": "converted"})
    assert job["counts"]["changed"] == 8
    assert {name for name, state in states(leads).items() if state == "new"} == {"L0", "L1"}


def test_what_a_record_does_not_allow_is_refused_for_it_alone_and_can_be_downloaded(leads: Company) -> None:
    customer = leads.call(leads.admin, "POST", "/records/customer", {"name": "远山"}).json
    for name in ("A", "B"):
        leads.call(leads.admin, "POST", "/records/contact", {"name": name, "customer_id": customer["id"]})
    leads.call(leads.admin, "POST", "/records/customer", {"name": "Free"})
    job = finished(leads, leads.admin, object="customer", action="delete")
    assert job["counts"] == {"changed": 1, "unchanged": 0, "refused": 1}
    [line] = leads.call(leads.admin, "GET", f"{JOBS}/{job['id']}/refused").json["items"]
    assert (line["id"], line["title"], line["code"]) == (customer["id"], "远山", "in_use")
    sheet = leads.call(leads.admin, "GET", f"{JOBS}/{job['id']}/refused.csv").get_data(as_text=True)
    assert "远山" in sheet
    assert line["detail"] in sheet
    assert leads.call(leads.admin, "GET", f"{JOBS}/{job['id']}/refused.xlsx").data[:2] == b"PK"


def test_tags_are_set_and_taken_away_on_all_that_match_and_given_back(leads: Company) -> None:
    for key in ("vip", "risk", "fair"):
        assert leads.call(leads.admin, "POST", "/tags", {"key": key, "label": {"en": key}}).status_code == 201
    field = leads.call(leads.admin, "POST", "/objects/lead/tags").json["field"]
    items = leads.call(leads.admin, "GET", "/records/lead").json["items"]
    some = {one["id"] for one in items if one["name"] in ("W0", "W1")}
    leads.call(leads.admin, "POST", "/records/lead/tags", {"ids": sorted(some), "add": ["risk", "fair"]})

    def held() -> dict[str, Any]:
        items = leads.call(leads.admin, "GET", "/records/lead").json["items"]
        return {one["name"]: one[field] for one in items}

    before = held()
    job = finished(leads, leads.admin, action="tag", values={"add": ["vip"], "remove": ["risk"]}, criteria=NEW)
    assert (job["state"], job["counts"]) == ("finished", {"changed": 9, "unchanged": 0, "refused": 0})
    assert (held()["W0"], held()["W5"], held()["busy"]) == (["vip", "fair"], ["vip"], None)
    assert leads.call(leads.admin, "POST", f"{JOBS}/{job['id']}/undo").status_code == 202
    do_work(leads)
    assert held() == before


@pytest.mark.parametrize(("values", "pointer"), [
    ({}, "/values"), ({"add": [], "remove": []}, "/values"), ({"add": "vip"}, "/values/add"),
    ({"add": [1]}, "/values/add"), ({"add": ["nothing"]}, "/values/add/0"), ({"set": ["vip"]}, "/values/set")])
def test_a_wrong_tagging_is_said_with_its_place(leads: Company, values: Any, pointer: str) -> None:
    assert started(leads, leads.admin, action="tag", values={"add": ["vip"]}).status_code == 409
    assert leads.call(leads.admin, "POST", "/tags", {"key": "vip", "label": {"en": "vip"}}).status_code == 201
    leads.call(leads.admin, "POST", "/objects/lead/tags")
    answer = started(leads, leads.admin, action="tag", values=values)
    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, [pointer])


def test_who_may_not_write_tags_starts_no_tagging(leads: Company) -> None:
    assert leads.call(leads.admin, "POST", "/tags", {"key": "vip", "label": {"en": "vip"}}).status_code == 201
    field = leads.call(leads.admin, "POST", "/objects/lead/tags").json["field"]
    reader = leads.seller(leads.east_team, grant("all", **{field: "read"}))
    assert started(leads, reader, action="tag", values={"add": ["vip"]}).status_code == 422
    looker = leads.seller(leads.east_team, grant("all", ["read"]))
    assert started(leads, looker, action="tag", values={"add": ["vip"]}).status_code == 403


def test_rules_of_fields_hold(leads: Company) -> None:
    leads.call(leads.admin, "PATCH", "/objects/lead/fields/region", {"required": True})
    answer = started(leads, leads.admin, values={"region": None})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/values/region")
    answer = started(leads, leads.admin, values={"score": 101})
    assert answer.json["errors"][0]["pointer"] == "/values/score"


def test_one_id_stands_for_all_events_of_a_job(leads: Company) -> None:
    job = finished(leads, leads.wang, values={"status": "converted"})
    told = [message.data for message in leads.harness.published("freehold.customer.record.changed.v1")
            if message.data["bulk"] is not None]
    assert {one["bulk"] for one in told} == {job["id"]}
    assert {one["origin"]["kind"] for one in told} == {"person"}
    assert sum(len(one["changes"]) for one in told) == 8


@pytest.mark.parametrize("dies_at", [1, 2, 3])
def test_a_killed_worker_leaves_whole_chunks_and_the_next_goes_on_behind_them(
        leads: Company, monkeypatch: pytest.MonkeyPatch, dies_at: int) -> None:
    id = begun(leads, leads.admin, values={"status": "working"}, criteria=NEW)
    keep, calls = work._keep, []

    def deadly(*given: Any) -> None:
        keep(*given)
        calls.append(1)
        if len(calls) == dies_at:
            raise Killed

    monkeypatch.setattr(work, "_keep", deadly)
    with pytest.raises(Killed):
        JobRunner(leads.harness.service).run_one()
    monkeypatch.setattr(work, "_keep", keep)
    assert list(states(leads).values()).count("new") == 9 - 3 * (dies_at - 1)
    _forget_the_lease(leads)
    do_work(leads)
    job = leads.call(leads.admin, "GET", f"{JOBS}/{id}").json
    assert (job["state"], job["counts"]["changed"], job["progress"]["done"]) == ("finished", 9, 9)
    answer = leads.call(leads.admin, "POST", "/records/lead/query", {"limit": 200, "criteria": {
        "field": "name", "op": "ne", "value": "busy"}})
    assert {one["version"] for one in answer.json["items"]} == {2}


def test_a_cancelled_job_stops_and_what_it_did_can_be_undone(leads: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    id = begun(leads, leads.admin, values={"status": "working"}, criteria=NEW)
    keep = work._keep

    def then_cancelled(*given: Any) -> None:
        keep(*given)
        monkeypatch.setattr(work, "_do_chunk", lambda *_: False)

    monkeypatch.setattr(work, "_keep", then_cancelled)
    JobRunner(leads.harness.service).run_one()
    assert leads.call(leads.admin, "POST", f"{JOBS}/{id}/cancel").json["state"] == "cancelled"
    assert list(states(leads).values()).count("new") == 6
    assert undone(leads, leads.admin, id)["undo"] == {"restored": 3, "kept": 0}
    assert list(states(leads).values()).count("new") == 9


def test_undo_gives_back_what_nobody_has_changed_since_and_lists_the_rest(leads: Company) -> None:
    job = finished(leads, leads.admin, values={"status": "working", "score": 5}, criteria=NEW)
    changed = leads.call(leads.wang, "POST", "/records/lead/query", {
        "criteria": {"field": "name", "op": "eq", "value": "W3"}}).json["items"][0]
    assert leads.call(leads.wang, "PATCH", f"/records/lead/{changed['id']}", {"note": "mine"}).status_code == 200
    after = undone(leads, leads.admin, job["id"])
    assert (after["state"], after["undo"], after["can_undo"]) == ("undone", {"restored": 8, "kept": 1}, False)
    found = states(leads)
    assert (found["W3"], found["W4"], found["busy"]) == ("working", "new", "working")
    [line] = leads.call(leads.admin, "GET", f"{JOBS}/{job['id']}/kept").json["items"]
    assert (line["id"], line["title"], line["code"]) == (changed["id"], "W3", "undo_changed")


def test_what_a_job_deleted_comes_back_as_it_was(leads: Company) -> None:
    def everything() -> dict[str, Any]:
        found = leads.call(leads.admin, "POST", "/records/lead/query", {"limit": 200}).json["items"]
        return {one["id"]: {name: value for name, value in one.items()
                            if name not in ("version", "updated_at", "updated_by")} for one in found}

    before = everything()
    job = finished(leads, leads.admin, action="delete", criteria=NEW)
    assert (job["counts"]["changed"], set(states(leads))) == (9, {"busy"})
    assert undone(leads, leads.admin, job["id"])["undo"] == {"restored": 9, "kept": 0}
    assert everything() == before
    found = leads.call(leads.admin, "GET", "/search?q=W4").json
    assert "W4" in str(found)


def test_what_was_deleted_and_is_wanted_by_another_now_stays_away(leads: Company) -> None:
    leads.lead(leads.wang, name="coded", code="X-1")
    coded = {"field": "code", "op": "is_set"}
    job = finished(leads, leads.admin, action="delete", criteria=coded)
    leads.lead(leads.wang, name="again", code="X-1")
    assert undone(leads, leads.admin, job["id"])["undo"] == {"restored": 0, "kept": 1}


def test_a_job_of_somebody_who_left_fails_with_a_reason(leads: Company) -> None:
    id = begun(leads, leads.wang, values={"status": "converted"})
    leads.harness.update("users", {"id": leads.wang, "active": False})
    do_work(leads)
    job = leads.call(leads.admin, "GET", f"{JOBS}/{id}").json
    assert (job["state"], job["problem"]["code"], job["counts"]["changed"]) == ("failed", "bulk_person_gone", 0)


def test_records_that_come_later_are_not_meant(leads: Company) -> None:
    id = begun(leads, leads.admin, values={"status": "working"}, criteria=NEW)
    leads.lead(leads.wang, name="late", status="new")
    do_work(leads)
    assert states(leads)["late"] == "new"
    assert leads.call(leads.admin, "GET", f"{JOBS}/{id}").json["counts"]["changed"] == 9


def test_jobs_are_their_persons_own(leads: Company) -> None:
    id = begun(leads, leads.wang, values={"status": "converted"})
    assert leads.call(leads.li, "GET", f"{JOBS}/{id}").status_code == 404
    assert leads.call(leads.li, "GET", JOBS).json["items"] == []
    assert [one["id"] for one in leads.call(leads.wang, "GET", JOBS).json["items"]] == [id]
    shown = leads.call(leads.admin, "GET", f"{JOBS}/{id}").json
    assert shown["values"] is None
    assert leads.call(leads.admin, "POST", f"{JOBS}/{id}/cancel").status_code == 403
    assert leads.call(leads.li, "POST", f"{JOBS}/{id}/undo").status_code == 404


def test_a_job_needs_the_action_for_records(leads: Company) -> None:
    reader = leads.seller(leads.north, grant("all", ["read"]))
    for action in ("update", "delete"):
        values = {"values": {"status": "new"}} if action == "update" else {}
        assert started(leads, reader, action=action, **values).status_code == 403
    blind = leads.seller(leads.north, grant("all", status="none", score="read"))
    assert started(leads, blind, values={"note": "x"}, criteria=NEW).status_code == 422
    assert started(leads, blind, values={"score": 3}).status_code == 422


@pytest.mark.parametrize(("asked", "pointer"), [
    ({"action": "merge"}, "/action"), ({"values": {}}, "/values"), ({"values": 7}, "/values"),
    ({"values": {"nothing": 1}}, "/values/nothing"), ({"values": {"code": "X"}}, "/values/code"),
    ({"action": "delete", "values": {"name": "x"}}, "/values"), ({"object": None}, "/object"),
    ({"values": {"score": 1}, "criteria": {"field": "x", "op": "is_set"}}, "/criteria/field"), ({"all": True}, "/all"),
])
def test_a_job_that_can_not_be_is_told_at_its_place(company: Company, asked: dict[str, Any], pointer: str) -> None:
    answer = started(company, company.admin, **asked)
    assert answer.status_code == 422, answer.json
    assert answer.json["errors"][0]["pointer"] == pointer


def test_too_many_records_and_none_are_told_at_once(leads: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = {"field": "name", "op": "eq", "value": "nobody"}
    assert started(leads, leads.admin, values={"score": 1}, criteria=nothing).json["code"] == "bulk_nothing"
    monkeypatch.setattr(leads.harness.service.settings, "bulk_max_records", 3, raising=False)
    assert started(leads, leads.admin, values={"score": 1}).json["code"] == "bulk_too_many"


def _forget_the_lease(company: Company) -> None:
    """As when the time of a dead worker has run out."""
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(job_table.update().values(lease_until=utcnow()))


def test_a_record_that_may_not_go_stays_in_the_lists_that_name_it(company: Company) -> None:
    field = {"name": "known_to", "type": "reference_list", "options": {"object": "customer"}}
    assert company.call(company.admin, "POST", "/objects/contact/fields", field).status_code == 201
    held, free = (company.call(company.admin, "POST", "/records/customer", {"name": name}).json["id"]
                  for name in ("Held", "Free"))
    holder = company.call(company.admin, "POST", "/records/contact", {
        "name": "P", "customer_id": held, "known_to": [free, held]}).json["id"]
    job = finished(company, company.admin, object="customer", action="delete")
    assert job["counts"] == {"changed": 1, "unchanged": 0, "refused": 1}
    assert company.call(company.admin, "GET", f"/records/contact/{holder}").json["known_to"] == [held]
    undone(company, company.admin, job["id"])
    assert company.call(company.admin, "GET", f"/records/contact/{holder}").json["known_to"] == [free, held]
