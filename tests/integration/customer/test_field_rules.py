"""Rules of fields: patterns, ranges and sentences of one's own; and the bin that deleted fields lie in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, update

from chassis.clock import utcnow
from services.customer.store.tables import field_def
from services.customer.usecases import settle_schema

PLATE = {"name": "plate", "type": "text", "options": {"pattern": r"[\u4e00-\u9fff][A-Z]\d{5}"},
         "message": {"en": "A plate is like 浙A12345.", "zh-CN": "车牌号形如浙A12345。"}}


def add(company: Any, field: dict[str, Any], status: int = 201) -> Any:
    answer = company.call(company.admin, "POST", "/objects/lead/fields", field)
    assert answer.status_code == status, answer.json
    return answer.json


def refused(company: Any, **values: Any) -> dict[str, Any]:
    answer = company.call(company.admin, "POST", "/records/lead", {"name": "x", **values})
    assert answer.status_code == 422, answer.json
    return answer.json["errors"][0]


def test_a_value_must_match_the_pattern_and_the_refusal_says_the_fields_own_sentence(company: Any) -> None:
    assert add(company, PLATE)["message"] == PLATE["message"]
    assert company.lead(company.admin, plate="浙A12345")["plate"] == "浙A12345"
    for value in ("浙A1234", "x浙A12345", "浙A12345 浙A12345", 5):
        error = refused(company, plate=value)
        assert (error["pointer"], error["detail"]) == ("/plate", "A plate is like 浙A12345.")
    chinese = company.harness.user("中", roles=(company.harness.role({"lead": {
        "actions": ["create"], "scope": "all", "fields": {}}}),), locale="zh-CN")
    answer = company.call(chinese, "POST", "/records/lead", {"name": "x", "plate": "?"}).json
    assert answer["errors"][0]["detail"] == "车牌号形如浙A12345。"


def test_patterns_that_cannot_be_checked_safely_are_refused(company: Any) -> None:
    for pattern in ("(", r"(a)\1", "(?=a)", "x" * 501, "", 5, r"(?:a{1000}){1000}"):
        problem = add(company, {"name": "p", "type": "text", "options": {"pattern": pattern}}, 422)
        assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/options/pattern", "bad_pattern")], pattern
    add(company, {"name": "slow", "type": "text", "options": {"pattern": "(a*)*b"}})
    assert refused(company, slow="a" * 200)["code"] == "pattern_mismatch"


def test_days_and_moments_have_limits(company: Any) -> None:
    add(company, {"name": "born_on", "type": "date", "options": {"min": "1900-01-01", "max": "2020-12-31"}})
    add(company, {"name": "met_at", "type": "datetime", "options": {"min": "2026-01-01T00:00:00+08:00"}})
    assert refused(company, born_on="1899-12-31")["code"] == "too_early"
    assert refused(company, born_on="2021-01-01")["detail"] == "The latest possible value is 2020-12-31."
    assert refused(company, met_at="2025-12-31T15:59:59Z")["code"] == "too_early"
    assert company.lead(company.admin, born_on="1900-01-01", met_at="2025-12-31T16:00:00Z")["born_on"] == "1900-01-01"
    problem = add(company, {"name": "d", "type": "date", "options": {"min": "2021-01-01", "max": "2020-01-01"}}, 422)
    assert problem["errors"][0]["code"] == "max_below_min"


def binned(company: Any) -> list[dict[str, Any]]:
    return company.call(company.admin, "GET", "/objects/lead/bin").json["items"]


def remove(company: Any, name: str) -> None:
    assert company.call(company.admin, "DELETE", f"/objects/lead/fields/{name}").status_code == 204


def restore(company: Any, id: str, name: str | None = None, status: int = 200) -> Any:
    answer = company.call(company.admin, "POST", f"/objects/lead/bin/{id}/restore", {"name": name})
    assert answer.status_code == status, answer.json
    return answer.json


def test_a_deleted_field_comes_back_with_its_values(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(settle_schema, "NOTICED", settle_schema.NOTICED * 0)
    id = company.lead(company.wang, score=7, code="c1")["id"]
    for name in ("score", "code"):
        remove(company, name)
    settle_schema.settle(company.harness.service)
    assert "score" not in company.call(company.wang, "GET", f"/records/lead/{id}").json
    assert company.call(company.wang, "GET", "/records/lead?sort=score").status_code == 422
    assert {one["name"] for one in binned(company)} == {"score", "code"}
    for name in ("score", "code"):
        assert restore(company, name)["state"] == "ready"
    again = company.call(company.wang, "GET", f"/records/lead/{id}").json
    assert (again["score"], again["code"], binned(company)) == (7, "c1", [])
    assert company.call(company.wang, "POST", "/records/lead", {"name": "x", "code": "c1"}).status_code == 409


def test_a_name_can_be_used_again_and_the_old_field_comes_back_under_another(company: Any) -> None:
    id = company.lead(company.wang, score=7)["id"]
    remove(company, "score")
    add(company, {"name": "score", "type": "text"})
    assert restore(company, "score", None, 409)["code"] == "name_taken"
    assert restore(company, "score", "Bad Name", 422)["errors"][0]["code"] == "bad_name"
    assert restore(company, "score", "old_score")["name"] == "old_score"
    record = company.call(company.wang, "GET", f"/records/lead/{id}").json
    assert (record["old_score"], record["score"]) == (7, None)
    assert restore(company, "score", None, 404)["code"] == "not_in_bin"


def test_the_bin_is_emptied_by_hand_and_by_time(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(settle_schema, "NOTICED", settle_schema.NOTICED * 0)
    for name in ("score", "rate"):
        remove(company, name)
    assert company.call(company.wang, "DELETE", "/objects/lead/bin/score").status_code == 403
    assert company.call(company.admin, "DELETE", "/objects/lead/bin/score").status_code == 204
    assert [one["name"] for one in binned(company)] == ["rate"]
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(update(field_def).where(field_def.c.column == "rate").values(
            updated_at=utcnow() - timedelta(days=31)))
    for _ in range(2):
        settle_schema.settle(company.harness.service)
    assert binned(company) == []
    with company.harness.service.db.read() as connection:
        assert not {"score", "rate"} & {column["name"] for column in inspect(connection).get_columns("r_lead")}


@pytest.mark.parametrize("kind", ["reference", "reference_list"])
def test_what_a_binned_field_points_at_can_be_deleted(company: Any, kind: str) -> None:
    add(company, {"name": "friend", "type": kind, "options": {"object": "customer"}})
    one, two = (company.call(company.admin, "POST", "/records/customer", {"name": name}).json["id"] for name in "ab")
    lead = company.lead(company.wang, friend=one if kind == "reference" else [one, two])["id"]
    remove(company, "friend")
    company.harness.service.parts["types"].renewed()
    assert company.call(company.admin, "DELETE", f"/records/customer/{one}").status_code == 204
    restore(company, "friend")
    expected = None if kind == "reference" else [two]
    assert company.call(company.wang, "GET", f"/records/lead/{lead}").json["friend"] == expected
