"""What the designer asks for beside single fields: names by themselves, an order, what is still being made."""

from __future__ import annotations

from typing import Any

import pytest


def made(company: Any, field: dict[str, Any]) -> dict[str, Any]:
    answer = company.call(company.admin, "POST", "/objects/lead/fields", field)
    assert answer.status_code == 201, answer.json
    return answer.json


@pytest.mark.parametrize(("label", "name"), [
    ({"en": "Serial number"}, "serial_number"), ({"zh-CN": "设备编号"}, "shebeibianhao"),
    ({"en": "2nd Owner!"}, "nd_owner"),
    ({"en": "★", "zh-CN": "星级"}, "xingji"), ({"en": "Owner"}, "owner_2"), ({"en": "x" * 80}, "x" * 36)])
def test_a_field_without_a_name_gets_one_from_its_label(company: Any, label: dict[str, str], name: str) -> None:
    assert made(company, {"type": "text", "label": label})["name"] == name


def test_names_that_are_made_do_not_collide(company: Any) -> None:
    names = [made(company, {"type": "text", "label": {"en": "Extra"}})["name"] for _ in range(3)]
    assert names == ["extra", "extra_2", "extra_3"]


def test_an_object_without_a_name_gets_one_from_its_label(company: Any) -> None:
    given = {"label": {"zh-CN": "设备"}, "fields": [{"name": "name", "type": "text"}]}
    assert company.call(company.admin, "POST", "/objects", given).json["name"] == "shebei"
    assert company.call(company.admin, "POST", "/objects", {**given, "label": {"en": "★"}}).status_code == 422


def test_fields_are_brought_into_another_order_all_at_once(company: Any) -> None:
    lead = company.call(company.admin, "GET", "/objects/lead").json
    names = [one["name"] for one in lead["fields"]][::-1]
    answer = company.call(company.admin, "PUT", "/objects/lead/field-order", {"fields": names})
    assert [one["name"] for one in answer.json["fields"]] == names
    again = company.call(company.admin, "GET", "/objects/lead").json
    assert ([one["name"] for one in again["fields"]], again["version"]) == (names, lead["version"] + 1)
    same = company.call(company.admin, "PUT", "/objects/lead/field-order", {"fields": names}).json
    assert same["version"] == again["version"]
    for wrong in (names[1:], [*names, names[0]], [*names[1:], "no_such_field"], "name", None):
        problem = company.call(company.admin, "PUT", "/objects/lead/field-order", {"fields": wrong})
        assert (problem.status_code, problem.json["errors"][0]["code"]) == (422, "not_every_field"), wrong


def test_an_object_that_is_whole_has_settled(company: Any) -> None:
    made(company, {"name": "serial", "type": "text", "unique": True})
    shown = company.call(company.admin, "GET", "/objects/lead/settling").json
    assert shown == {"settled": True, "fields": [], "indexes": [], "conversions": []}
