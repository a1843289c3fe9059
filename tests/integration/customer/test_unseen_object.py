"""An object that nobody has seen before, with a field of every type that people give: all of it works without code."""

from __future__ import annotations

from typing import Any

import pytest

from services.customer.model.types import FIELD_TYPES

from .conftest import grant

CHOICES = {"choices": [{"value": "a", "label": {"en": "Alpha"}}, {"value": "b", "label": {"en": "Beta"}}]}
OPTIONS: dict[str, Any] = {"choice": CHOICES, "multi_choice": CHOICES, "reference": {"object": "customer"},
                           "reference_list": {"object": "customer"}}
PLAIN: dict[str, Any] = {
    "text": "机床", "long_text": "line\nline", "integer": 7, "decimal": "1.50", "percent": "12.5000",
    "money": {"amount": "9.00", "currency": "CNY"}, "date": "2026-03-01", "datetime": "2026-03-01T08:00:00.000Z",
    "boolean": True, "choice": "a", "multi_choice": ["a", "b"], "phone": "+8613800138000", "email": "a@example.com",
    "url": "https://example.com", "region": "浙江省/杭州市", "address": {"city": "杭州市"},
}
WRONG: dict[str, Any] = {kind: {"no": "value"} for kind in FIELD_TYPES}
FOUND: dict[str, tuple[str, str, Any]] = {
    "text": ("", "contains", "床"), "long_text": ("", "contains", "line"), "integer": ("", "between", [7, 8]),
    "decimal": ("", "gt", "1.4"), "percent": ("", "lte", "12.5"), "money": (".currency", "eq", "CNY"),
    "date": ("", "lt", "2026-03-02"), "datetime": ("", "gte", "2026-03-01"), "boolean": ("", "eq", True),
    "choice": ("", "in", ["a"]), "multi_choice": ("", "has_all", ["b", "a"]), "phone": ("", "starts_with", "+86"),
    "email": ("", "eq", "a@example.com"), "url": ("", "contains", "EXAMPLE"), "region": ("", "starts_with", "浙江"),
    "address": (".city", "eq", "杭州市"), "auto_number": ("", "eq", "000001")}


def given_types() -> list[str]:
    return [name for name, row in FIELD_TYPES.items() if row.given]


@pytest.fixture
def machines(company: Any) -> Any:
    fields = [{"name": f"f_{kind}", "type": kind, "options": OPTIONS.get(kind, {})} for kind in given_types()]
    fields.append({"name": "f_auto_number", "type": "auto_number"})
    definition = {"name": "machine", "title_field": "f_text", "list_fields": ["f_text"], "fields": fields}
    answer = company.call(company.admin, "POST", "/objects", definition)
    assert answer.status_code == 201, answer.json
    return company


def values(company: Any) -> dict[str, Any]:
    """A value of every type."""
    customer = company.call(company.admin, "POST", "/records/customer", {"name": "Acme"}).json["id"]
    file = company.call(company.admin, "POST", "/files", data=b"\x89PNG\r\n\x1a\n", query_string={
        "object": "machine", "field": "f_image", "name": "p.png"}).json["id"]
    paper = company.call(company.admin, "POST", "/files", data=b"%PDF-1.7", query_string={
        "object": "machine", "field": "f_file", "name": "p.pdf"}).json["id"]
    more = {"user": company.wang, "department": company.east, "reference": customer, "reference_list": [customer],
            "image": [file], "file": [paper]}
    return {f"f_{kind}": (PLAIN | more)[kind] for kind in given_types()}


def test_an_object_with_a_field_of_every_type_works_without_a_line_of_code(machines: Any) -> None:
    wanted = values(machines)
    made = machines.call(machines.admin, "POST", "/records/machine", wanted)
    assert made.status_code == 201, made.json
    record = machines.call(machines.admin, "GET", f"/records/machine/{made.json['id']}?expand=labels").json
    for name, value in wanted.items():
        shown = [one["id"] for one in record[name]] if name in ("f_file", "f_image") else record[name]
        assert shown == value, name
    assert record["_labels"]["f_reference_list"] == {wanted["f_reference"]: "Acme"}
    machines.call(machines.admin, "POST", "/records/machine", {"f_text": "other"})
    _every_type_is_filtered_and_sorted(machines, wanted)
    assert _ids(machines, "GET", "/records/machine?q=机床") == [record["id"]]
    lines = machines.call(machines.admin, "GET", f"/records/machine/{record['id']}/timeline").json["items"]
    assert {one["field"] for one in lines[0]["changes"]} >= set(wanted)
    exported = machines.call(machines.admin, "POST", "/records/machine/export", {"format": "csv"})
    assert exported.get_data().decode("utf-8-sig").count("Acme") == 2
    document = machines.call(machines.admin, "GET", "/openapi.json").json
    assert set(document["components"]["schemas"]["values_machine"]["properties"]) == {*wanted, "owner_id"}


def _every_type_is_filtered_and_sorted(company: Any, wanted: dict[str, Any]) -> None:
    for kind in (*given_types(), "auto_number"):
        part, op, value = FOUND.get(kind, ("", "is_set", None))
        if kind in ("user", "department", "reference"):
            op, value = "eq", wanted[f"f_{kind}"]
        if kind == "reference_list":
            op, value = "has", wanted["f_reference"]
        clause = {"field": f"f_{kind}{part}", "op": op} | ({} if value is None else {"value": value})
        assert len(_ids(company, "POST", "/records/machine/query", {"criteria": clause})) == 1, kind
        sorted_by = company.call(company.admin, "GET", f"/records/machine?sort=-f_{kind}&limit=1")
        assert sorted_by.status_code == (200 if FIELD_TYPES[kind].sortable else 422), kind


def _ids(company: Any, method: str, path: str, body: Any = None) -> list[str]:
    answer = company.call(company.admin, method, path, body)
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["items"]]


def test_every_type_refuses_what_it_cannot_hold_and_hides_from_who_may_not_read(machines: Any) -> None:
    sent = {f"f_{kind}": WRONG[kind] for kind in given_types()}
    refused = machines.call(machines.admin, "POST", "/records/machine", sent)
    assert {one["pointer"] for one in refused.json["errors"]} == {f"/{name}" for name in sent}
    assert not [one for one in refused.json["errors"] if one["detail"].startswith("error.")]
    id = machines.call(machines.admin, "POST", "/records/machine", values(machines)).json["id"]
    hidden = {f"f_{kind}": "none" for kind in given_types() if kind != "text"}
    blind = machines.harness.user("B", machines.east, (machines.harness.role({"machine": grant("all", **hidden)}),))
    assert not hidden.keys() & machines.call(blind, "GET", f"/records/machine/{id}").json.keys()
    for name in hidden:
        clause = {"criteria": {"field": name, "op": "is_set"}}
        assert machines.call(blind, "POST", "/records/machine/query", clause).status_code == 422
