"""Objects and fields: made, changed and taken away while the service runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect

from chassis.testkit import contracts
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from services.customer.usecases import settle_schema

from .test_records import event_body

OBJECT_CHANGED = "freehold.customer.object.changed.v1"


def test_a_definition_comes_back_whole_and_is_published(company: Any) -> None:
    shown = company.call(company.admin, "GET", "/objects/lead")
    names = [field["name"] for field in shown.json["fields"]]
    assert names[:4] == ["name", "company", "phone", "email"]
    assert shown.json["fields"][0] == {
        "name": "name", "type": "text", "label": {"en": "Name", "zh-CN": "姓名"}, "help": {}, "required": True,
        "unique": False, "indexed": False, "default": None, "position": 0, "options": {"max_length": 255},
        "message": {}, "sensitive": False, "personal": None, "access": "write"}
    assert shown.headers["ETag"] == '"1"'
    events = company.harness.published(OBJECT_CHANGED)
    assert [contracts.violations(event_body(event)) for event in events] == [[], [], []]
    listed = company.call(company.admin, "GET", "/objects").json
    assert {one["name"] for one in listed["items"]} == {"customer", "contact", "lead"}


def test_a_new_field_takes_values_at_once_and_old_records_have_none(company: Any) -> None:
    old = company.lead(company.wang)["id"]
    for field in ({"name": "level", "type": "choice", "options": {"choices": [{"value": "a"}]}, "indexed": True},
                  {"name": "budget", "type": "money"}, {"name": "badge", "type": "text", "unique": True},
                  {"name": "parent_id", "type": "reference", "options": {"object": "lead"}},
                  {"name": "ticket", "type": "auto_number"}):
        added = company.call(company.admin, "POST", "/objects/lead/fields", field)
        assert (added.status_code, added.json["state"]) == (201, "ready"), added.json
    values = {"level": "a", "budget": {"amount": "1.50", "currency": "USD"}, "badge": "b1", "parent_id": old}
    made = company.lead(company.wang, **values)
    assert {name: made[name] for name in values} == values
    assert made["ticket"] == "000001"
    assert company.call(company.wang, "GET", f"/records/lead/{old}").json["budget"] is None
    assert company.call(company.wang, "POST", "/records/lead", {"name": "x", "badge": "b1"}).status_code == 409
    assert company.call(company.admin, "GET", "/objects/lead").json["version"] == 6


def test_a_field_is_taken_away_and_its_name_may_come_back_with_another_type(company: Any) -> None:
    id = company.lead(company.wang, score=5)["id"]
    assert company.call(company.admin, "DELETE", "/objects/lead/fields/score").status_code == 204
    assert "score" not in company.call(company.wang, "GET", f"/records/lead/{id}").json
    again = company.call(company.admin, "POST", "/objects/lead/fields", {"name": "score", "type": "text"})
    assert again.status_code == 201
    assert company.call(company.wang, "PATCH", f"/records/lead/{id}", {"score": "high"}).json["score"] == "high"


def test_settling_drops_what_nobody_speaks_of_and_is_repeatable(company: Any, monkeypatch: Any) -> None:
    company.harness.service.settings._values["bin_days"] = 0
    monkeypatch.setattr(settle_schema, "NOTICED", settle_schema.NOTICED * 0)
    for name in ("score", "region", "expected_amount", "partner_id"):
        assert company.call(company.admin, "DELETE", f"/objects/lead/fields/{name}").status_code == 204
    for _ in range(2):
        settle_schema.settle(company.harness.service)
    with company.harness.service.db.read() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("r_lead")}
    assert not columns & {"score", "region", "expected_amount", "expected_amount__currency", "partner_id"}
    assert company.lead(company.wang, phone="13800138000")["phone"] == "+8613800138000"


def test_a_missing_index_is_built_again(company: Any) -> None:
    database = company.harness.service.db
    with database.unit_of_work() as uow:
        uow.connection.exec_driver_sql('DROP INDEX "r_lead__code__unique"')
        uow.connection.exec_driver_sql('DROP INDEX "r_lead__newest"')
    if database.is_sqlite:
        return  # all indexes of SQLite are made inside transactions, so none can be missing
    settle_schema.settle(company.harness.service)
    with database.read() as connection:
        names = {index["name"] for index in inspect(connection).get_indexes("r_lead")}
    assert {"r_lead__code__unique", "r_lead__newest"} <= names


def test_a_field_changes_but_not_its_type(company: Any) -> None:
    path = "/objects/lead/fields/company"
    assert company.call(company.admin, "PATCH", path, {"type": "integer"}).status_code == 422
    assert company.call(company.admin, "PATCH", path, {"options": {"max_length": 10}}).status_code == 422
    longer = company.call(company.admin, "PATCH", path, {"options": {"max_length": 400}, "required": True})
    assert (longer.status_code, longer.json["options"]["max_length"]) == (200, 400)
    assert company.call(company.wang, "POST", "/records/lead", {"name": "x"}).status_code == 422
    assert company.lead(company.wang, company="y" * 300)["company"] == "y" * 300


def test_a_field_becomes_unique_only_when_its_values_are(company: Any) -> None:
    for _ in range(2):
        company.lead(company.wang, company="same")
    refused = company.call(company.admin, "PATCH", "/objects/lead/fields/company", {"unique": True})
    assert (refused.status_code, refused.json["code"]) == (409, "values_not_unique")
    unique = company.call(company.admin, "PATCH", "/objects/lead/fields/email", {"unique": True})
    assert unique.status_code == 200
    company.lead(company.wang, email="a@example.com")
    again = company.call(company.wang, "POST", "/records/lead", {"name": "x", "email": "a@example.com"})
    assert again.status_code == 409


WRONG_DEFINITIONS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "Big"}, "/name", "bad_name"), ({"name": "a__b"}, "/name", "bad_name"),
    ({"name": "records"}, "/name", "reserved_name"), ({"more": 1}, "/more", "unknown_field"),
    ({"fields": []}, "/fields", "bad_fields"), ({"fields": [5]}, "/fields/0/type", "unknown_type"),
    ({"fields": [{"name": "id", "type": "text"}]}, "/fields/0/name", "reserved_name"),
    ({"title_field": "nothing"}, "/title_field", "bad_title"),
    ({"list_fields": ["nothing"]}, "/list_fields/0", "unknown_field"),
    ({"label": "Thing"}, "/label", "bad_label"), ({"label": {"fr": "Chose"}}, "/label", "bad_label"),
    ({"fields": [{"name": "name", "type": "text", "options": {"max_length": 0}}]},
     "/fields/0/options/max_length", "too_small"),
    ({"fields": [{"name": "name", "type": "text"}, {"name": "r", "type": "reference", "options": {"object": "nix"}}]},
     "/fields/1/options/object", "unknown_object"),
    ({"fields": [{"name": "name", "type": "text"}, {"name": "c", "type": "choice"}]},
     "/fields/1/options/choices", "required"),
    ({"fields": [{"name": "name", "type": "text"}, {"name": "n", "type": "long_text", "indexed": True}]},
     "/fields/1/indexed", "cannot_be_indexed"),
    ({"fields": [{"name": "name", "type": "text", "default": 5}]}, "/fields/0/default", "not_text"),
    ({"duplicate_rules": [{"fields": ["nix"]}]}, "/duplicate_rules/0/fields/0", "unknown_field"),
    ({"conversion": {"creates": [{"object": "customer", "fields": {"name": "nix"}}]}},
     "/conversion/creates/0/fields/name", "unknown_field"),
    ({"form_sections": [{"columns": 9}]}, "/form_sections/0/columns", "bad_columns"),
]


def test_a_wrong_definition_is_refused_with_its_place(company: Any) -> None:
    sound = {"name": "thing", "label": {"en": "Thing"}, "fields": [{"name": "name", "type": "text"}]}
    for change, pointer, code in WRONG_DEFINITIONS:
        answer = company.call(company.admin, "POST", "/objects", {**sound, **change})
        found = [(error["pointer"], error["code"]) for error in answer.json["errors"]]
        assert (answer.status_code, (pointer, code) in found) == (422, True), (change, found)
        assert all("{" not in error["detail"] and "error." not in error["detail"] for error in answer.json["errors"])
    assert company.call(company.admin, "POST", "/objects", {**sound, "name": "lead"}).status_code == 409
    assert company.call(company.admin, "POST", "/objects", [1]).status_code == 422
    assert company.call(company.admin, "GET", "/objects/thing").status_code == 404


def test_an_object_goes_only_when_nothing_needs_it(company: Any) -> None:
    assert company.call(company.admin, "DELETE", "/objects/customer").json["code"] == "object_in_use"
    assert company.call(company.admin, "DELETE", "/objects/lead", headers={"If-Match": '"9"'}).status_code == 412
    assert company.call(company.admin, "DELETE", "/objects/lead").status_code == 204
    assert company.call(company.admin, "GET", "/records/lead").status_code == 404


def test_the_title_field_is_not_taken_away(company: Any) -> None:
    refused = company.call(company.admin, "DELETE", "/objects/lead/fields/name")
    assert (refused.status_code, refused.json["code"]) == (409, "field_in_use")


def test_changing_an_object_keeps_the_rest(company: Any) -> None:
    changed = company.call(company.admin, "PATCH", "/objects/lead", {"label": {"en": "Prospect"}})
    assert (changed.json["label"], changed.json["version"]) == ({"en": "Prospect"}, 2)
    assert len(changed.json["fields"]) == 20
    same = company.call(company.admin, "PATCH", "/objects/lead", {"label": {"en": "Prospect"}})
    assert same.json["version"] == 2
    assert company.call(company.admin, "PATCH", "/objects/lead", {"fields": []}).status_code == 422


def test_the_document_describes_each_object_to_who_may_read_it(company: Any) -> None:
    document = company.call(company.admin, "GET", "/openapi.json").json
    assert "/v1/records/lead/{id}" in document["paths"]
    schema = document["components"]["schemas"]["record_lead"]
    assert schema["properties"]["tags"]["type"] == ["array", "null"]
    assert "/v1/records/lead" not in company.call(None, "GET", "/openapi.json").json["paths"]


def test_another_process_knows_a_new_field_at_once(company: Any) -> None:
    harness = company.harness
    other = Harness(SPEC, harness.folder, str(harness.database_url))
    try:
        assert other.call(company.admin, "GET", "/v1/records/lead").status_code == 200
        company.call(company.admin, "POST", "/objects/lead/fields", {"name": "fresh", "type": "text", "indexed": True})
        created = other.call(company.admin, "POST", "/v1/records/lead", {"name": "x", "fresh": "yes"})
        assert (created.status_code, created.json["fresh"]) == (201, "yes")
        company.call(company.admin, "POST", "/objects/lead/fields", {"name": "newer", "type": "text"})
        criteria = {"all": [{"field": "newer", "op": "is_empty"}]}
        found = other.call(company.admin, "POST", "/v1/records/lead/query", {"criteria": criteria, "sort": ["newer"]})
        assert len(found.json["items"]) == 1
    finally:
        other.close()
