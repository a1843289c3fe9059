"""Groups of the navigation: declared in metadata, named by objects, gone only when nothing stands in them."""

from __future__ import annotations

from typing import Any

SALES = {"key": "field_sales", "label": {"en": "Field sales", "zh-CN": "外勤销售"}, "position": 20}
A = {"en": "A"}


def groups(company: Any, who: str) -> list[dict[str, Any]]:
    return company.call(who, "GET", "/object-groups").json["items"]


def test_an_object_stands_in_a_group_that_everybody_reads_in_its_order(company: Any) -> None:
    assert company.call(company.admin, "POST", "/object-groups", SALES).json == SALES
    made = company.call(company.admin, "POST", "/object-groups", {"label": {"zh-CN": "售后"}, "position": 10})
    assert made.status_code == 201
    assert [one["key"] for one in groups(company, company.wang)] == [made.json["key"], "field_sales"]
    changed = company.call(company.admin, "PATCH", "/objects/lead", {"group": "field_sales"})
    assert changed.json["group"] == "field_sales"
    assert company.call(company.wang, "GET", "/objects/lead").json["group"] == "field_sales"
    renamed = {"label": {"en": "Sales"}, "position": 5}
    assert company.call(company.admin, "PUT", "/object-groups/field_sales", renamed).json["label"] == {"en": "Sales"}
    assert groups(company, company.wang)[0] == {"key": "field_sales", **renamed}


def test_a_group_goes_only_when_no_object_stands_in_it(company: Any) -> None:
    company.call(company.admin, "POST", "/object-groups", SALES)
    company.call(company.admin, "PATCH", "/objects/lead", {"group": "field_sales"})
    refused = company.call(company.admin, "DELETE", "/object-groups/field_sales")
    assert (refused.status_code, refused.json["code"]) == (409, "group_in_use")
    assert "lead" in refused.json["detail"]
    company.call(company.admin, "PATCH", "/objects/lead", {"group": None})
    assert company.call(company.admin, "DELETE", "/object-groups/field_sales").status_code == 204
    assert company.call(company.admin, "DELETE", "/object-groups/field_sales").status_code == 404


def test_what_is_wrong_with_a_group_is_pointed_at(company: Any) -> None:
    company.call(company.admin, "POST", "/object-groups", SALES)
    taken = company.call(company.admin, "POST", "/object-groups", SALES)
    assert (taken.status_code, taken.json["code"]) == (409, "name_taken")
    for body, pointer in (({"label": {}, "position": 1}, "/label"), ({"label": A, "position": -1}, "/position"),
                          ({"key": "No Way", "label": A}, "/key"), ({"key": 7, "label": A}, "/key")):
        answer = company.call(company.admin, "POST", "/object-groups", body)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    for group in ("nowhere", 7, ""):
        answer = company.call(company.admin, "PATCH", "/objects/lead", {"group": group})
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "unknown_group")
    assert company.call(company.wang, "PUT", "/object-groups/mine", {"label": {"en": "A"}}).status_code == 403
