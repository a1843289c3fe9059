"""Questions are read against an object, and the shipped dashboards are questions that can be asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chassis.auth.principal import EVERYTHING, Principal
from services.report.api.schemas import DashboardBody, QuerySchema, query_schema
from services.report.model.access import Access
from services.report.model.objects import ObjectModel
from services.report.model.questions import read_question, read_stages
from services.report.queries.labels import bucket_label
from services.report.queries.values import ratio

PACK = Path(__file__).resolve().parents[3] / "packs" / "crm"
EVERYBODY = Principal(kind="service", name="test", policy_of=lambda _: EVERYTHING)


def documents(folder: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((PACK / folder).glob("*.json"))]


def objects() -> dict[str, ObjectModel]:
    return {body["name"]: ObjectModel({**body, "version": 1}, 1) for body in documents("objects")}


@pytest.mark.parametrize("board", documents("dashboards"), ids=lambda board: board["key"])
def test_every_widget_of_a_shipped_dashboard_can_be_asked(board: dict[str, Any]) -> None:
    known = objects()
    for widget in DashboardBody().load(board)["widgets"]:
        asked = query_schema(widget["kind"]).load(widget["query"])
        access = Access(EVERYBODY, known[asked["object"]])
        if widget["kind"] == "funnel":
            assert read_stages(access, asked)
        else:
            assert read_question(access, asked).measures


def test_every_type_of_the_shipped_objects_has_a_column() -> None:
    for model in objects().values():
        kept = {field["name"] for field in model.definition["fields"] if field["type"] not in ("file", "image")}
        assert kept <= set(model.fields)


def test_calculated_fields_are_columns_of_what_they_are_worked_out_to() -> None:
    quote = objects()["quote"].fields
    assert (quote["gross"].kind, quote["contract_count"].kind, quote["is_expired"].kind) == (
        "money", "integer", "boolean")


def test_a_field_with_a_word_of_sql_as_its_name_is_only_a_field() -> None:
    names = ["select", "order", "deleted_at", "pivot"]
    fields = [{"name": name, "type": "text"} for name in names]
    model = ObjectModel({"name": "table", "version": 1, "fields": fields}, 1)
    assert {f"f_{name}" for name in names} <= set(model.table.c.keys())


def test_names_that_no_table_can_have_are_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        ObjectModel({"name": 'x"; DROP TABLE state', "version": 1, "fields": []}, 1)


def test_fields_of_unknown_types_are_left_out() -> None:
    model = ObjectModel({"name": "lead", "version": 1, "fields": [{"name": "shape", "type": "polygon"}]}, 1)
    assert "shape" not in model.fields
    assert "shape" in model.members


def test_money_is_two_columns_of_one_member() -> None:
    model = ObjectModel({"name": "lead", "version": 1, "fields": [{"name": "amount", "type": "money"}]}, 1)
    found = {plan.name: (plan.member, plan.text) for plan in model.plans if plan.name.startswith("f_")}
    assert found == {"f_amount": ("amount", 'row."amount".amount'),
                     "f_amount__currency": ("amount", 'row."amount".currency')}


@pytest.mark.parametrize(("key", "bucket", "label"), [
    ("2027-01-01", "week", "2026-W53"), ("2026-12-28", "week", "2026-W53"), ("2026-10-01", "quarter", "2026 Q4"),
    ("0001-01-01", "year", "0001"), ("0001-12-31 (BC)", "day", "0001-12-31 (BC)")])
def test_periods_are_named(key: str, bucket: str, label: str) -> None:
    from chassis.i18n import add_catalogue

    add_catalogue("services.report")
    assert bucket_label(key, bucket, "en") == label


def test_ratios_are_rounded_half_up_and_of_nothing_there_is_none() -> None:
    assert (ratio(1, 3), ratio(1, 20_000), ratio(5, 0)) == ("0.3333", "0.0001", None)


@pytest.mark.parametrize("asked", [
    {"object": "lead", "limit": "5"}, {"object": "lead", "limit": 1.0}, {"object": "lead", "measures": {}},
    {"object": 5}, {"object": "lead", "dimensions": [{"field": "a", "empty": "yes"}]}, {"object": "lead", "sort": [1]},
    {"object": "lead", "criteria": []}, {"object": "lead", "dimensions": [{"field": "a"}] * 4}])
def test_wrong_shapes_are_refused(asked: dict[str, Any]) -> None:
    assert QuerySchema().validate(asked)
