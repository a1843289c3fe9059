"""An object that nobody has seen before, with a field of every type: all of it works without a line of code."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from chassis.jobs import JobRunner
from services.customer.model.types import FIELD_TYPES
from services.customer.usecases.calculations.work import calculate_due

from .conftest import grant

PROMISED = {  # what an administrator is promised, and the types that are it
    "text": "text", "long text": "long_text", "integer": "integer", "decimal": "decimal", "money": "money",
    "percent": "percent", "date": "date", "datetime": "datetime", "boolean": "boolean", "single choice": "choice",
    "multi choice": "multi_choice", "phone": "phone", "email": "email", "URL": "url", "address": "address",
    "region": "region", "user": "user", "department": "department", "reference (to one)": "reference",
    "list of references": "reference_list", "file": "file", "image": "image", "auto number": "auto_number",
    "formula": "formula", "roll-up over related records": "rollup"}
CALCULATED = (
    {"name": "f_formula", "type": "formula", "options": {"expression": "f_integer * 2", "result": "integer"}},
    {"name": "f_rollup", "type": "rollup", "options": {
        "object": "visit", "reference": "machine_id", "function": "count"}})
VISIT = {"name": "visit", "fields": [{"name": "name", "type": "text", "required": True},
                                     {"name": "machine_id", "type": "reference", "options": {"object": "machine"}}]}
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
    "address": (".city", "eq", "杭州市"), "auto_number": ("", "eq", "000001"), "formula": ("", "eq", 14),
    "rollup": ("", "gte", 1)}


def given_types() -> list[str]:
    return [name for name, row in FIELD_TYPES.items() if row.given]


@pytest.fixture
def machines(company: Any) -> Any:
    fields = [{"name": f"f_{kind}", "type": kind, "options": OPTIONS.get(kind, {})} for kind in given_types()]
    fields.append({"name": "f_auto_number", "type": "auto_number"})
    definition = {"name": "machine", "title_field": "f_text", "list_fields": ["f_text"], "fields": fields}
    parts = [("/objects", definition), ("/objects", VISIT)]
    parts += [("/objects/machine/fields", field) for field in CALCULATED]
    for path, body in parts:
        answer = company.call(company.admin, "POST", path, body)
        assert answer.status_code == 201, answer.json
    work(company)
    return company


def work(company: Any) -> None:
    """Let the worker do everything that waits."""
    runner = JobRunner(company.harness.service)
    while runner.run_one() or calculate_due(company.harness.service):
        pass


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
    visit = {"name": "First", "machine_id": made.json["id"]}
    assert machines.call(machines.admin, "POST", "/records/visit", visit).status_code == 201
    work(machines)
    record = machines.call(machines.admin, "GET", f"/records/machine/{made.json['id']}?expand=labels").json
    assert (record["f_auto_number"], record["f_formula"], record["f_rollup"]) == ("000001", 14, 1)
    listed = machines.call(machines.admin, "GET", "/records/machine").json["items"]
    assert {name: listed[0][name] for name in record if name in listed[0]} == {
        name: value for name, value in record.items() if name != "_labels"}
    for name, value in wanted.items():
        shown = [one["id"] for one in record[name]] if name in ("f_file", "f_image") else record[name]
        assert shown == value, name
    assert record["_labels"]["f_reference_list"] == {wanted["f_reference"]: "Acme"}
    machines.call(machines.admin, "POST", "/records/machine", {"f_text": "other"})
    _every_type_is_filtered_and_sorted(machines, wanted)
    assert _ids(machines, "GET", "/records/machine?q=机床") == [record["id"]]
    lines = machines.call(machines.admin, "GET", f"/records/machine/{record['id']}/timeline").json["items"]
    assert {one["field"] for one in lines[-1]["changes"]} >= set(wanted), "calculated ones follow by themselves"
    exported = machines.call(machines.admin, "POST", "/records/machine/export", {"format": "csv"})
    assert exported.get_data().decode("utf-8-sig").count("Acme") == 2
    document = machines.call(machines.admin, "GET", "/openapi.json").json
    assert set(document["components"]["schemas"]["values_machine"]["properties"]) == {*wanted, "owner_id"}
    assert {f"f_{kind}" for kind in FIELD_TYPES} <= set(_read_schema(document)["properties"])


def _every_type_is_filtered_and_sorted(company: Any, wanted: dict[str, Any]) -> None:
    for kind in FIELD_TYPES:
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


def _read_schema(document: Any) -> Any:
    """The schema of a machine as it is read."""
    answer = document["paths"]["/v1/records/machine/{id}"]["get"]["responses"]["200"]
    reference = answer["content"]["application/json"]["schema"]["$ref"]
    return document["components"]["schemas"][reference.rpartition("/")[2]]


def test_every_type_that_is_promised_is_there_and_no_other() -> None:
    assert set(PROMISED.values()) == set(FIELD_TYPES)


def test_every_type_comes_out_of_an_export_and_in_again_by_an_import(machines: Any) -> None:
    wanted = values(machines)
    first = machines.call(machines.admin, "POST", "/records/machine", wanted).json["id"]
    work(machines)
    exported = machines.call(machines.admin, "POST", "/records/machine/export", {"format": "csv", "for_import": True})
    header, *rows = csv.reader(io.StringIO(exported.get_data().decode("utf-8-sig")))
    assert len(rows) == 1
    id = _imported(machines, [header[1:], rows[0][1:]])  # without the id: as a sheet of somebody else
    [made] = [one for one in machines.call(machines.admin, "GET", "/records/machine").json["items"]
              if one["id"] != first]
    kept = {name: value for name, value in wanted.items() if name not in ("f_file", "f_image")}  # sheets hold no files
    assert {name: made[name] for name in kept} == kept
    assert (made["f_auto_number"], made["f_formula"]) == ("000002", 14)
    assert machines.call(machines.admin, "POST", f"/imports/{id}/undo").status_code == 202
    work(machines)
    assert [one["id"] for one in machines.call(machines.admin, "GET", "/records/machine").json["items"]] == [first]


def _imported(company: Any, lines: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    boundary, body = encode_multipart(MultiDict({"object": "machine", "file": FileStorage(
        io.BytesIO(text.getvalue().encode()), "machines.csv")}))
    sent = company.call(company.admin, "POST", "/imports", data=body,
                        content_type=f"multipart/form-data; boundary={boundary}")
    assert sent.status_code == 201, sent.json
    suggested = set(sent.json["mapping"].values())
    assert suggested >= {f"f_{kind}" for kind in given_types() if kind not in ("file", "image")}
    id = str(sent.json["id"])
    company.call(company.admin, "PATCH", f"/imports/{id}", {"duplicates": "create", "key": None})
    company.call(company.admin, "POST", f"/imports/{id}/start")
    work(company)
    run = company.call(company.admin, "GET", f"/imports/{id}").json
    errors = company.call(company.admin, "GET", f"/imports/{id}/errors").json["items"]
    assert (run["state"], run["summary"]["create"], errors) == ("finished", 1, [])
    return id
