"""Addresses and lists of references: written, found, shown, sorted, and kept right when targets go."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from chassis.db.copying import is_empty
from chassis.testkit import contracts
from services.customer.usecases import settle_schema, unlink_records

from .test_records import event_body

HANGZHOU = {"country": "CN", "province": "浙江省", "city": "杭州市", "district": "西湖区", "street": "文三路1号",
            "postal_code": "310012"}
BEIJING = {"country": "CN", "province": "北京市", "city": "北京市", "district": "朝阳区", "street": "建国路88号"}
OAKLAND = {"country": "US", "province": "California", "city": "Oakland", "street": "1 Market Street"}
PROJECT = {"name": "project", "label": {"en": "Project", "zh-CN": "项目"}, "list_fields": ["name", "site"], "fields": [
    {"name": "name", "type": "text", "required": True}, {"name": "site", "type": "address"},
    {"name": "partner_ids", "type": "reference_list", "options": {"object": "customer", "max_links": 3}},
    {"name": "before_ids", "type": "reference_list", "options": {"object": "project"}}]}


@pytest.fixture
def projects(company: Any) -> Any:
    answer = company.call(company.admin, "POST", "/objects", PROJECT)
    assert answer.status_code == 201, answer.json
    return company


def made(company: Any, **values: Any) -> dict[str, Any]:
    answer = company.call(company.admin, "POST", "/records/project", {"name": "P", **values})
    assert answer.status_code == 201, answer.json
    return answer.json


def customers(company: Any, *names: str) -> list[str]:
    rows = [{"action": "create", "values": {"name": name}} for name in names]
    answer = company.call(company.admin, "POST", "/records/customer/batch", {"operations": rows}).json
    return [one["record"]["id"] for one in answer["results"]]


def found(company: Any, criteria: dict[str, Any], **more: Any) -> list[str]:
    answer = company.call(company.admin, "POST", "/records/project/query", {"criteria": criteria, **more})
    assert answer.status_code == 200, answer.json
    return [one["name"] for one in answer.json["items"]]


def clause(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def test_an_address_is_found_by_its_parts_and_as_it_is_written(projects: Any) -> None:
    for name, site in (("a", HANGZHOU), ("b", BEIJING), ("c", OAKLAND), ("d", None)):
        assert made(projects, name=name, site=site)["site"] == site
    for expected, criteria in (
            ("a", clause("site.city", "eq", "杭州市")), ("c", clause("site.country", "eq", "US")),
            ("ab", clause("site.country", "in", ["CN"])), ("b", clause("site", "contains", "北京市朝阳区")),
            ("c", clause("site", "contains", "oakland 1 market")), ("d", clause("site", "is_empty")),
            ("abc", clause("site", "is_set")), ("bcd", clause("site.postal_code", "is_empty")),
            ("bcd", clause("site", "not_contains", "西湖"))):
        assert "".join(sorted(found(projects, criteria))) == expected, criteria
    listed = projects.call(projects.admin, "GET", "/records/project?filter[site.district]=朝阳区").json["items"]
    assert [one["name"] for one in listed] == ["b"]
    searched = projects.call(projects.admin, "GET", "/records/project?q=浙江省杭州").json["items"]
    assert [one["name"] for one in searched] == ["a"]


def test_addresses_are_sorted_by_pinyin_and_page_without_gaps(projects: Any) -> None:
    for name, site in (("a", HANGZHOU), ("b", BEIJING), ("c", OAKLAND), ("d", None)):
        made(projects, name=name, site=site)
    names, cursor = "", None
    while True:
        page = projects.call(projects.admin, "POST", "/records/project/query",
                             {"sort": ["site"], "limit": 1, "cursor": cursor}).json
        names += page["items"][0]["name"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == "bacd"


def test_an_address_changes_as_a_whole_and_says_what_is_wrong(projects: Any) -> None:
    id = made(projects, site=HANGZHOU)["id"]
    changed = projects.call(projects.admin, "PATCH", f"/records/project/{id}", {"site": {"city": "宁波市"}})
    assert changed.json["site"] == {"city": "宁波市"}
    assert found(projects, clause("site.street", "is_set")) == []
    line = projects.call(projects.admin, "GET", f"/records/project/{id}/timeline").json["items"][0]
    assert line["changes"] == [{"field": "site", "before": HANGZHOU, "after": {"city": "宁波市"}}]
    refused = projects.call(projects.admin, "PATCH", f"/records/project/{id}", {"site": {"country": "XYZ"}})
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == [("/site", "too_long")]


def test_a_list_of_references_keeps_its_order_and_is_shown_with_names(projects: Any) -> None:
    acme, brick, clay = customers(projects, "Acme", "Brick", "Clay")
    record = made(projects, partner_ids=[brick, acme, brick])
    assert record["partner_ids"] == [brick, acme]
    path = f"/records/project/{record['id']}"
    shown = projects.call(projects.admin, "GET", f"{path}?expand=labels").json
    assert shown["_labels"]["partner_ids"] == {brick: "Brick", acme: "Acme"}
    changed = projects.call(projects.admin, "PATCH", path, {"partner_ids": [clay, acme]}).json
    assert (changed["partner_ids"], changed["version"]) == ([clay, acme], 2)
    assert projects.call(projects.admin, "PATCH", path, {"partner_ids": []}).json["partner_ids"] is None
    event = event_body(projects.harness.published("freehold.customer.record.changed.v1")[-1])
    assert contracts.violations(event) == []


def test_lists_of_references_are_asked_through_their_links(projects: Any) -> None:
    acme, brick, clay = customers(projects, "Acme", "Brick", "Clay")
    for name, partners in (("a", [acme]), ("b", [acme, brick]), ("c", [clay]), ("d", None)):
        made(projects, name=name, partner_ids=partners)
    for expected, criteria in (
            ("ab", clause("partner_ids", "has", acme)), ("abc", clause("partner_ids", "has_any", [acme, clay])),
            ("b", clause("partner_ids", "has_all", [brick, acme])), ("cd", clause("partner_ids", "has_none", [acme])),
            ("d", clause("partner_ids", "is_empty")), ("acd", {"not": clause("partner_ids", "has", brick)})):
        assert "".join(sorted(found(projects, criteria))) == expected, criteria
    listed = projects.call(projects.admin, "GET", f"/records/project?filter[partner_ids]={brick}").json["items"]
    assert [one["name"] for one in listed] == ["b"]
    refused = projects.call(projects.admin, "GET", "/records/project?sort=partner_ids")
    assert refused.json["errors"][0]["code"] == "cannot_sort"


def test_a_list_refuses_what_is_not_there_or_too_much(projects: Any) -> None:
    one, two, three, four = customers(projects, "1", "2", "3", "4")
    nobody = made(projects)["id"]
    for value, code in (([nobody], "unknown_reference_list"), ([one, two, three, four], "too_many_values"),
                        (one, "not_list"), (["x"], "not_an_id")):
        refused = projects.call(projects.admin, "POST", "/records/project", {"name": "x", "partner_ids": value})
        assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [("/partner_ids", code)]
        assert not refused.json["errors"][0]["detail"].startswith("error.")


def test_what_somebody_else_put_into_a_list_may_stay_there(projects: Any) -> None:
    hidden, mine = customers(projects, "Hidden", "Mine")
    record = made(projects, partner_ids=[hidden])
    role = {"actions": ["read", "update"], "scope": "all", "fields": {}}
    seller = projects.harness.user("S", projects.east, (projects.harness.role(
        {"project": role, "customer": {**role, "scope": "own"}}),))
    path = f"/records/project/{record['id']}"
    projects.call(projects.admin, "PATCH", f"/records/customer/{mine}", {"owner_id": seller})
    kept = projects.call(seller, "PATCH", path, {"partner_ids": [hidden, mine]})
    assert kept.json["partner_ids"] == [hidden, mine]
    assert projects.call(seller, "GET", f"{path}?expand=labels").json["_labels"]["partner_ids"] == {mine: "Mine"}
    projects.call(seller, "PATCH", path, {"partner_ids": [mine]})
    assert projects.call(seller, "PATCH", path, {"partner_ids": [hidden]}).status_code == 422


def test_a_deleted_record_leaves_the_lists_that_name_it(projects: Any, monkeypatch: Any) -> None:
    acme, brick = customers(projects, "Acme", "Brick")
    both, only = made(projects, name="both", partner_ids=[acme, brick]), made(projects, name="only", partner_ids=[acme])
    monkeypatch.setattr(unlink_records, "MOST", 1)
    refused = projects.call(projects.admin, "DELETE", f"/records/customer/{acme}")
    assert (refused.status_code, refused.json["code"]) == (409, "linked_too_often")
    monkeypatch.undo()
    assert projects.call(projects.admin, "DELETE", f"/records/customer/{acme}").status_code == 204
    now = [projects.call(projects.admin, "GET", f"/records/project/{one['id']}").json for one in (both, only)]
    assert [(one["partner_ids"], one["version"]) for one in now] == [([brick], 2), (None, 2)]
    assert found(projects, clause("partner_ids", "is_set")) == ["both"]
    line = projects.call(projects.admin, "GET", f"/records/project/{only['id']}/timeline").json["items"][0]
    assert line["changes"] == [{"field": "partner_ids", "before": [acme], "after": None}]


def test_records_that_name_each_other_go_together(projects: Any) -> None:
    first = made(projects)["id"]
    second = made(projects, before_ids=[first])["id"]
    projects.call(projects.admin, "PATCH", f"/records/project/{first}", {"before_ids": [second]})
    operations = [{"action": "delete", "id": one} for one in (first, second)]
    answer = projects.call(projects.admin, "POST", "/records/project/batch", {"operations": operations}).json
    assert [one["status"] for one in answer["results"]] == [204, 204]


def test_a_list_of_references_can_be_added_later_and_taken_away(projects: Any, monkeypatch: Any) -> None:
    projects.harness.service.settings._values["bin_days"] = 0
    field = {"name": "friend_ids", "type": "reference_list", "options": {"object": "customer"}}
    assert projects.call(projects.admin, "POST", "/objects/project/fields", field).json["state"] == "ready"
    acme, = customers(projects, "Acme")
    made(projects, friend_ids=[acme])
    table = projects.harness.service.parts["types"].renewed()["project"].link_tables["friend_ids"]
    with projects.harness.service.db.read() as connection:
        assert len(connection.execute(select(table)).all()) == 1
    assert projects.call(projects.admin, "DELETE", "/objects/project/fields/friend_ids").status_code == 204
    monkeypatch.setattr(settle_schema, "NOTICED", settle_schema.NOTICED * 0)
    settle_schema.settle(projects.harness.service)
    assert projects.call(projects.admin, "DELETE", f"/records/customer/{acme}").status_code == 204
    again = projects.call(projects.admin, "POST", "/objects/project/fields", {"name": "friend_ids", "type": "text"})
    assert again.status_code == 201


def test_an_unused_list_has_no_links(projects: Any) -> None:
    made(projects)
    tables = projects.harness.service.parts["types"].renewed()["project"].link_tables
    with projects.harness.service.db.read() as connection:
        assert all(is_empty(connection, table) for table in tables.values())


def test_both_types_are_exported_as_people_read_them(projects: Any) -> None:
    acme, brick = customers(projects, "Acme", "Brick")
    made(projects, site=HANGZHOU, partner_ids=[acme, brick])
    answer = projects.call(projects.admin, "POST", "/records/project/export",
                           {"format": "csv", "fields": ["site", "partner_ids"]})
    assert answer.get_data().decode("utf-8-sig").splitlines()[1] == '浙江省杭州市西湖区文三路1号 310012,"Acme, Brick"'
