"""A field gets another type while records are written: a preview first, then a job, and the way back from the bin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from chassis.db.tables import job as job_table
from chassis.jobs import JobRunner
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from services.customer.usecases import change_type

from .conftest import grant

LEVELS = {"choices": [{"value": "a", "label": {"en": "Good", "zh-CN": "好"}},
                      {"value": "b", "label": {"en": "Bad", "zh-CN": "差"}}]}


@pytest.fixture
def desk(company: Any, monkeypatch: Any) -> Any:
    monkeypatch.setattr(change_type, "NOTICED", timedelta())
    monkeypatch.setattr(change_type, "_PIECE", 3)
    answer = company.call(company.admin, "POST", "/objects/lead/fields", {
        "name": "grade", "type": "text", "label": {"en": "Grade"}, "indexed": True, "default": "good"})
    assert answer.status_code == 201, answer.json
    return company


def ask(desk: Any, path: str, body: Any, status: int = 200, name: str = "grade") -> Any:
    answer = desk.call(desk.admin, "POST", f"/objects/lead/fields/{name}/{path}", body)
    assert answer.status_code == status, answer.json
    return answer.json


def run_jobs(desk: Any) -> None:
    runner = JobRunner(desk.harness.service)
    while runner.run_one():
        pass


def grade_of(desk: Any, id: str) -> Any:
    return desk.call(desk.admin, "GET", f"/records/lead/{id}").json["grade"]


def field(desk: Any, name: str = "grade") -> dict[str, Any]:
    fields = desk.call(desk.admin, "GET", "/objects/lead").json["fields"]
    return next(one for one in fields if one["name"] == name)


def test_a_preview_counts_what_fits_and_shows_what_does_not(desk: Any) -> None:
    for grade in ("好", "bad", "GOOD", "?", "?", None):
        desk.lead(desk.wang, grade=grade)
    shown = ask(desk, "type/preview", {"type": "choice", "options": LEVELS})
    assert (shown["fits"], shown["unfit"], shown["complete"]) == (3, 2, True)
    assert [(one["value"], one["title"]) for one in shown["examples"]] == [("?", "王五")] * 2
    assert shown["examples"][0]["detail"]
    assert field(desk)["type"] == "text"


def test_examples_stay_within_what_the_caller_may_read(desk: Any) -> None:
    desk.lead(desk.wang, grade="?")
    shaper = desk.harness.user("Shaper", desk.north, (desk.harness.role(
        {"lead": grant("own")}, permissions=("objects.manage",)),))
    body = {"type": "integer"}
    shown = desk.call(shaper, "POST", "/objects/lead/fields/grade/type/preview", body).json
    assert (shown["unfit"], shown["examples"]) == (1, [])
    blind = desk.harness.user("Blind", desk.north, (desk.harness.role(
        {"lead": grant("all", grade="none")}, permissions=("objects.manage",)),))
    guesses = {"type": "choice", "options": {"choices": [{"value": "x"}]}}
    for given in (body, guesses):
        assert desk.call(blind, "POST", "/objects/lead/fields/grade/type/preview", given).json == {
            "fits": None, "unfit": None, "complete": False, "examples": []}


def test_values_are_converted_piece_by_piece_and_what_does_not_fit_is_empty(desk: Any) -> None:
    ids = [desk.lead(desk.wang, grade=grade)["id"] for grade in ("好", "bad", "?", None, "Good", "差", "a", "x")]
    versions = {id: desk.call(desk.admin, "GET", f"/records/lead/{id}").json["version"] for id in ids}
    made = ask(desk, "type", {"type": "choice", "options": LEVELS}, 202)
    assert (made["state"], made["type"], field(desk)["type"]) == ("converting", "choice", "text")
    settling = desk.call(desk.admin, "GET", "/objects/lead/settling").json
    assert [(one["field"], one["type"]) for one in settling["conversions"]] == [("grade", "choice")]
    refused = desk.call(desk.admin, "PATCH", "/objects/lead/fields/grade", {"required": True})
    assert refused.json["code"] == "type_changing"
    run_jobs(desk)
    assert [grade_of(desk, id) for id in ids] == ["a", "b", None, None, "a", "b", "a", None]
    after = field(desk)
    assert (after["type"], after["default"], after["indexed"], after["label"]) == ("choice", "a", True, {"en": "Grade"})
    assert {id: desk.call(desk.admin, "GET", f"/records/lead/{id}").json["version"] for id in ids} == versions
    (event,) = [one.data for one in desk.harness.published("freehold.customer.object.changed.v1")
                if one.data.get("reread")]
    assert {one["name"]: one["type"] for one in event["object"]["fields"]}["grade"] == "choice"
    assert desk.call(desk.admin, "GET", "/objects/lead/settling").json["settled"]
    found = desk.call(desk.admin, "GET", "/records/lead?filter[grade]=b").json["items"]
    assert {one["id"] for one in found} == {ids[1], ids[5]}
    with desk.harness.service.db.read() as connection:
        progress = connection.execute(select(job_table.c.progress).where(
            job_table.c.kind == change_type.CHANGE_TYPE)).scalar_one()
    assert (progress["total"], progress["seen"], progress["unfit"]) == (8, 8, 2)


def test_a_record_of_the_bin_comes_back_without_a_value_of_the_former_type(desk: Any) -> None:
    good, bad = (desk.lead(desk.wang, grade=grade)["id"] for grade in ("a", "?"))
    for id in (good, bad):
        assert desk.call(desk.admin, "DELETE", f"/records/lead/{id}").status_code == 204
    ask(desk, "type", {"type": "choice", "options": LEVELS}, 202)
    run_jobs(desk)
    answers = [desk.call(desk.admin, "POST", f"/bin/lead/{id}/restore", {}) for id in (good, bad)]
    assert [(answer.status_code, answer.json["lost"]) for answer in answers] == [(200, []), (200, ["grade"])]
    assert (grade_of(desk, good), grade_of(desk, bad)) == ("a", None)


def test_what_is_written_while_values_are_copied_arrives(desk: Any) -> None:
    """Also by a process that has not noticed the swap yet."""
    first = desk.lead(desk.wang, grade="bad")["id"]
    ask(desk, "type", {"type": "choice", "options": LEVELS}, 202)
    other = Harness(SPEC, desk.harness.folder, str(desk.harness.database_url))
    try:
        late = other.call(desk.admin, "POST", "/v1/records/lead", {"name": "x", "grade": "差"}).json["id"]
        assert desk.call(desk.admin, "PATCH", f"/records/lead/{first}", {"grade": "good"}).status_code == 200
        many = [{"action": "create", "values": {"name": f"n{n}", "grade": "bad"}} for n in range(60)]
        results = desk.call(desk.admin, "POST", "/records/lead/batch", {"operations": many}).json["results"]
        stale = other.service.parts["types"]
        stale.all()
        run_jobs(desk)
        stale._looked_at = float("inf")  # this process still believes that the field is a text
        slow = other.call(desk.admin, "PATCH", f"/v1/records/lead/{late}", {"grade": "好"})
        assert (slow.status_code, slow.json["grade"]) == (200, "好")
    finally:
        other.close()
    assert (grade_of(desk, first), grade_of(desk, late)) == ("a", "a")
    assert {grade_of(desk, one["record"]["id"]) for one in results} == {"b"}


def test_the_old_values_come_back_in_place_for_some_days(desk: Any) -> None:
    ids = [desk.lead(desk.wang, grade=grade)["id"] for grade in ("good", "?")]
    ask(desk, "type", {"type": "choice", "options": LEVELS}, 202)
    run_jobs(desk)
    (old,) = desk.call(desk.admin, "GET", "/objects/lead/bin").json["items"]
    assert (old["name"], old["type"]) == ("grade", "text")
    answer = desk.call(desk.admin, "POST", f"/objects/lead/bin/{old['id']}/restore", {"replace": True})
    assert (answer.status_code, answer.json["type"]) == (200, "text")
    assert [grade_of(desk, id) for id in ids] == ["good", "?"]
    (new,) = desk.call(desk.admin, "GET", "/objects/lead/bin").json["items"]
    assert new["type"] == "choice"
    ask(desk, "type", {"type": "integer"}, 202)
    run_jobs(desk)
    assert field(desk)["type"] == "integer"


def test_money_and_several_columns_are_converted_both_ways(desk: Any) -> None:
    id = desk.lead(desk.wang, expected_amount={"amount": "12.50", "currency": "USD"})["id"]
    empty = desk.lead(desk.wang)["id"]
    ask(desk, "type", {"type": "text"}, 202, "expected_amount")
    run_jobs(desk)
    assert desk.call(desk.admin, "GET", f"/records/lead/{id}").json["expected_amount"] == "12.50 USD"
    ask(desk, "type", {"type": "money", "options": {"currency": "CNY"}}, 202, "expected_amount")
    desk.call(desk.admin, "PATCH", f"/records/lead/{empty}", {"expected_amount": "7"})
    run_jobs(desk)
    shown = [desk.call(desk.admin, "GET", f"/records/lead/{one}").json["expected_amount"] for one in (id, empty)]
    assert shown == [{"amount": "12.50", "currency": "USD"}, {"amount": "7.00", "currency": "CNY"}]


def test_a_type_that_something_needs_is_not_changed(desk: Any) -> None:
    assert ask(desk, "type", {"type": "integer"}, 409, "name")["code"] == "field_in_use"
    answer = desk.call(desk.admin, "POST", "/objects/lead/fields", {
        "name": "twice", "type": "formula", "options": {"expression": "score * 2", "result": "integer"}})
    assert answer.status_code == 201, answer.json
    assert ask(desk, "type/preview", {"type": "date"}, 409, "score")["code"] == "used_in_formulas"
    ask(desk, "type", {"type": "text"}, 404, "nix")
    problem = ask(desk, "type", {"type": "choice"}, 422)
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [("/options/choices", "required")]
    for path in ("type", "type/preview"):
        assert desk.call(desk.wang, "POST", f"/objects/lead/fields/grade/{path}", {"type": "date"}).status_code == 403


def test_a_change_can_be_called_off_while_it_runs(desk: Any) -> None:
    lead = desk.lead(desk.wang, grade="good")["id"]
    ask(desk, "type", {"type": "choice", "options": LEVELS}, status=202)
    path = "/objects/lead/fields/grade/type"
    assert desk.call(desk.wang, "DELETE", path).status_code == 403
    assert desk.call(desk.admin, "DELETE", path).status_code == 204
    again = desk.call(desk.admin, "DELETE", path)
    assert (again.status_code, again.json["code"]) == (409, "no_type_change")
    assert desk.call(desk.admin, "PATCH", f"/records/lead/{lead}", {"grade": "fair"}).status_code == 200
    run_jobs(desk)
    assert (field(desk)["type"], grade_of(desk, lead)) == ("text", "fair")
    assert desk.call(desk.admin, "GET", "/objects/lead/settling").json["conversions"] == []
    ask(desk, "type", {"type": "choice", "options": LEVELS}, status=202)
    run_jobs(desk)
    assert field(desk)["type"] == "choice"
