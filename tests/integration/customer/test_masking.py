"""Masked fields: shown on every path by a little of themselves, known on none; one value on request, for a reason."""

from __future__ import annotations

from typing import Any

import pytest

from services.customer.model.masking import mask_for

from .conftest import EVERY_ACTION, grant

MASKED = {"phone": "masked", "email": "masked", "expected_amount": "masked", "code": "masked", "region": "masked",
          "partner_id": "masked", "customer_id": "masked"}
SHOWN = {"phone": "138****8000", "email": "w***@example.com", "expected_amount": "****", "region": "****",
         "code": "110***********123X", "partner_id": "****", "customer_id": "****"}


@pytest.fixture
def masked(company: Any) -> tuple[Any, str, str]:
    person = company.seller(company.east_team, grant("all", EVERY_ACTION, **MASKED))
    customer = company.call(company.admin, "POST", "/records/customer", {"name": "Acme"}).json["id"]
    lead = company.lead(company.admin, name="王五", phone="13800138000", email="wang@example.com", region="east",
                        code="110" + "0" * 11 + "123X", expected_amount={"amount": "5.00", "currency": "CNY"},
                        partner_id=company.li, customer_id=customer)["id"]
    return company, person, lead


def test_a_masked_value_is_masked_on_every_path(masked: tuple[Any, str, str]) -> None:
    company, person, lead = masked
    call = company.call
    answers = [call(person, "GET", f"/records/lead/{lead}?expand=labels").json,
               call(person, "GET", "/records/lead?expand=labels").json["items"][0],
               call(person, "GET", "/records/lead?fields=" + ",".join(MASKED)).json["items"][0],
               call(person, "POST", "/records/lead/query", {"expand": ["labels"]}).json["items"][0],
               call(person, "PATCH", f"/records/lead/{lead}", {"score": 5}).json]
    for answer in answers:
        assert {name: answer[name] for name in MASKED} == SHOWN
        assert not MASKED.keys() & answer.get("_labels", {}).keys()
    sheet = call(person, "POST", "/records/lead/export", {"format": "csv", "fields": list(MASKED)}).text
    assert set(SHOWN.values()) <= set(sheet.replace("\r\n", ",").split(","))
    told = call(person, "GET", f"/records/lead/{lead}/timeline").text
    found = call(person, "GET", "/search?q=王五").text
    for secret in ("13800138000", "8613800138000", "wang@", "5.00", "110" + "0" * 11, company.li):
        assert secret not in sheet + told + found, secret
    fields = {one["name"]: one["access"] for one in call(person, "GET", "/objects/lead").json["fields"]}
    assert {name: fields[name] for name in MASKED} == dict.fromkeys(MASKED, "masked")


def test_nothing_can_be_learned_about_a_masked_value_by_asking(masked: tuple[Any, str, str]) -> None:
    company, person, lead = masked
    call = company.call
    for name in MASKED:
        assert call(person, "POST", "/records/lead/query", {
            "criteria": {"field": name, "op": "is_set"}}).status_code == 422, name
        assert call(person, "GET", f"/records/lead?sort={name}").status_code == 422
        assert call(person, "POST", "/records/lead/export", {
            "format": "csv", "criteria": {"field": name, "op": "is_set"}}).status_code == 422
    assert call(person, "GET", "/records/lead?q=13800138000").json["items"] == []
    assert call(person, "GET", "/search?q=13800138000").json["items"] == []
    assert call(person, "POST", "/records/lead/duplicates", {"values": {"phone": "13800138000"}}).status_code == 422
    refused = call(person, "PATCH", f"/records/lead/{lead}", {"phone": "138****8000"})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "read_only")


def test_one_value_is_shown_for_a_reason_that_is_told_and_so_many_in_an_hour(masked: tuple[Any, str, str]) -> None:
    company, _, lead = masked
    harness, call = company.harness, company.call
    role = harness.role({"lead": grant("all", None, **MASKED)}, ("values.unmask",))
    person, path = harness.user("Person", company.north, (role,)), f"/records/lead/{lead}/unmask"
    asked = {"field": "phone", "reason": "回访客户"}
    assert call(company.wang, "POST", path, asked).status_code == 403
    assert call(person, "POST", path, asked).json == {"value": "+8613800138000"}
    told = [one for one in harness.published() if one.type.endswith("audit.recorded.v1")][-1].data
    assert (told["action"], told["target"]["id"], told["detail"]) == (
        "value.unmasked", lead, {"field": "phone", "reason": "回访客户"})
    assert "13800138000" not in str(told)
    wrong = call(person, "POST", path, {"field": "name", "reason": "x"})
    assert {(one["pointer"], one["code"]) for one in wrong.json["errors"]} == {
        ("/field", "not_masked"), ("/reason", "bad_reason")}
    for _ in range(harness.service.settings.unmask_per_hour - 1):
        assert call(person, "POST", path, asked).status_code == 200
    over = call(person, "POST", path, asked)
    assert (over.status_code, over.json["code"], "Retry-After" in over.headers) == (429, "unmask_too_often", True)


@pytest.mark.parametrize(("kind", "value", "shown"), [
    ("phone", "+8613800138000", "138****8000"), ("phone", "+442071234567", "+44****67"), ("phone", "12345", "****"),
    ("email", "a@b.cn", "a***@b.cn"), ("text", "王小明", "王***"), ("text", "11010519491231002X", "110***********002X"),
    ("region", "华东/上海", "华东/****"), ("integer", 5, "****"), ("boolean", False, "****"), ("text", None, None),
    ("phone", 5, "****"), ("address", "of another type once", "****")])
def test_each_kind_has_its_mask(kind: str, value: Any, shown: Any) -> None:
    assert mask_for(kind)(value) == shown
