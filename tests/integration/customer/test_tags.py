"""Tags: one list for the company, set by hand, in bulk and by rules, filtered like a field; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.jobs import JobRunner

from .conftest import grant


def work(company: Any) -> None:
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass


def make(company: Any, key: str, color: str | None = None, **label: str) -> Any:
    return company.call(company.admin, "POST", "/tags", {"key": key, "label": label or {"en": key}, "color": color})


def enabled(company: Any) -> str:
    for key in ("vip", "risk", "fair"):
        assert make(company, key).status_code == 201
    answer = company.call(company.admin, "POST", "/objects/lead/tags")
    assert answer.status_code == 201, answer.json
    return answer.json["field"]


def apply(company: Any, who: str, ids: list[str], **more: Any) -> Any:
    return company.call(who, "POST", "/records/lead/tags", {"ids": ids, **more})


def held(company: Any, id: str, field: str) -> Any:
    return company.call(company.admin, "GET", f"/records/lead/{id}").json[field]


def test_a_tag_reaches_every_object_that_has_tags_and_is_filtered_like_a_field(company: Any) -> None:
    field = enabled(company)
    assert field == "company_tags", "the object has a field named tags already"
    assert company.call(company.admin, "POST", "/objects/lead/tags").json["field"] == field
    lead, other = company.lead(company.wang, **{field: ["vip"]}), company.lead(company.wang)
    assert make(company, "new", "#3B82F6", en="New", **{"zh-CN": "新"}).status_code == 201
    assert apply(company, company.wang, [other["id"]], add=["new"]).json == {"changed": 1, "refused": []}
    for value, ids in (("vip", [lead["id"]]), ("new", [other["id"]])):
        found = company.call(company.wang, "POST", "/records/lead/query",
                             {"criteria": {"field": field, "op": "has", "value": value}}).json["items"]
        assert [one["id"] for one in found] == ids
    listed = company.call(company.wang, "GET", "/tags").json
    assert [one["key"] for one in listed["items"]] == ["vip", "risk", "fair", "new"]
    assert listed["objects"] == {"lead": field}
    assert company.call(company.admin, "PATCH", "/tags/new", {"color": None, "label": {"en": "Fresh"}}).json == {
        "key": "new", "label": {"en": "Fresh"}, "color": None}
    definition = company.call(company.admin, "GET", "/objects/lead").json
    [tags] = [one for one in definition["fields"] if one["name"] == field]
    assert tags["options"]["choices"][-1] == {"value": "new", "label": {"en": "Fresh"}}


def test_bulk_tagging_leaves_other_tags_alone_and_says_what_was_refused(company: Any) -> None:
    field = enabled(company)
    mine, foreign = company.lead(company.wang, **{field: ["vip"]}), company.lead(company.li)
    answer = apply(company, company.wang, [mine["id"], foreign["id"]], add=["risk"], remove=["fair"])
    assert answer.json["changed"] == 1
    assert [(one["id"], one["status"]) for one in answer.json["refused"]] == [(foreign["id"], 404)]
    assert held(company, mine["id"], field) == ["vip", "risk"]
    assert apply(company, company.wang, [mine["id"]], remove=["vip", "risk"]).json["changed"] == 1
    assert held(company, mine["id"], field) is None
    unknown = apply(company, company.wang, [mine["id"]], add=["vip", "nonsense"])
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "/add/1")
    reader = company.seller(company.east_team, grant("all", ["read"]))
    assert apply(company, reader, [mine["id"]], add=["vip"]).status_code == 403
    lines = company.call(company.wang, "GET", f"/records/lead/{mine['id']}/timeline").json["items"]
    assert lines[0]["changes"] == [{"field": field, "before": ["vip", "risk"], "after": None}]


def test_a_deleted_tag_goes_from_all_records(company: Any) -> None:
    field = enabled(company)
    leads = [company.lead(company.wang, **{field: keys}) for keys in (["vip"], ["vip", "risk"], ["fair"])]
    assert company.call(company.admin, "DELETE", "/tags/vip").status_code == 202
    work(company)
    assert [held(company, lead["id"], field) for lead in leads] == [None, ["risk"], ["fair"]]
    assert [one["key"] for one in company.call(company.wang, "GET", "/tags").json["items"]] == ["risk", "fair"]
    assert apply(company, company.wang, [leads[0]["id"]], add=["vip"]).status_code == 422
    assert company.call(company.admin, "DELETE", "/tags/vip").status_code == 404


def test_choices_of_tags_are_changed_among_the_tags_alone(company: Any) -> None:
    field = enabled(company)
    answer = company.call(company.admin, "PATCH", f"/objects/lead/fields/{field}",
                          {"label": {"en": "Labels"}, "options": {"choices": [{"value": "x"}]}})
    assert answer.status_code == 200, answer.json
    assert [one["value"] for one in answer.json["options"]["choices"]] == ["vip", "risk", "fair"]


@pytest.mark.parametrize(("given", "pointer"), [
    ({"key": "a b", "label": {"en": "X"}}, "/key"), ({"key": "x"}, "/label"), ({"label": {"fr": "X"}}, "/label"),
    ({"label": {"en": "X"}, "color": 7}, "/color"), ({"label": {"en": "X"}, "colour": "red"}, "/colour"),
])
def test_a_wrong_tag_is_refused_with_its_place(company: Any, given: dict[str, Any], pointer: str) -> None:
    answer = company.call(company.admin, "POST", "/tags", given)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer), answer.json


def test_there_are_no_tags_without_a_tag(company: Any) -> None:
    assert company.call(company.admin, "POST", "/objects/lead/tags").json["code"] == "no_tags"
    lead = company.lead(company.wang)
    assert apply(company, company.wang, [lead["id"]], add=["vip"]).json["code"] == "has_no_tags"
    assert make(company, "vip").status_code == 201
    assert make(company, "vip").status_code == 409
