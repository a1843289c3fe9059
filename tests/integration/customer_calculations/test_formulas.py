"""Formula fields: right with every write, right again when something else changes, and never a leak."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from services.customer.usecases.calculations import recalculate, values
from tests.integration.customer_calculations.conftest import Shop, formula, grant, rollup

TOTAL = formula("total", "ROUND(price * quantity * (1 - COALESCE(discount, 0)), 2)", "money")
PRICE = {"amount": "10.00", "currency": "CNY"}


@pytest.fixture
def priced(shop: Shop) -> Shop:
    shop.define("deal", TOTAL, formula("size", 'IF(total > 1000, "big", "small")', "text"))
    return shop


def test_a_formula_is_worked_out_when_a_record_is_written(priced: Shop) -> None:
    deal = priced.create("deal", price=PRICE, quantity=3, discount="10")
    assert (deal["total"], deal["size"]) == ({"amount": "27.00", "currency": "CNY"}, "small")
    changed = priced.change("deal", deal["id"], quantity=200)
    assert (changed["total"], changed["size"], changed["version"]) == (
        {"amount": "1800.00", "currency": "CNY"}, "big", 2)
    assert priced.change("deal", deal["id"], price=None)["total"] is None
    assert priced.get("deal", deal["id"])["size"] == "small"


def test_nobody_gives_a_calculated_value(priced: Shop) -> None:
    answer = priced.call("POST", "/records/deal", {"name": "x", "total": PRICE})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] == "read_only"


def test_lists_filter_and_sort_by_formulas(priced: Shop) -> None:
    for quantity in (5, 500, 50):
        priced.create("deal", price=PRICE, quantity=quantity)
    found = priced.query("deal", criteria={"field": "total", "op": "gte", "value": "500"}, sort=["-total"])
    assert [deal["quantity"] for deal in found] == [500, 50]
    page = priced.good("POST", "/records/deal/query", {"sort": ["total"], "limit": 2})
    rest = priced.good("POST", "/records/deal/query", {"sort": ["total"], "limit": 2, "cursor": page["next_cursor"]})
    assert [deal["quantity"] for deal in page["items"] + rest["items"]] == [5, 50, 500]
    assert [deal["quantity"] for deal in priced.query("deal",
        criteria={"field": "size", "op": "eq", "value": "big"})] == [500]


def test_a_formula_gives_a_choice_that_lists_filter_and_kanbans_group_by(shop: Shop) -> None:
    sizes = [{"value": "big", "label": {"en": "Big"}, "color": "#dc2626"}, {"value": "small", "label": {"en": "Small"}}]
    size = formula("size", 'IF(quantity > 9, "big", IF(quantity > 0, "small", "tiny"))', "choice", choices=sizes)
    shop.define("deal", size)
    for quantity in (20, 3, 10, 0):
        shop.create("deal", quantity=quantity)
    assert [deal["quantity"] for deal in shop.query("deal", sort=["quantity"], criteria={
        "field": "size", "op": "in", "value": ["big"]})] == [10, 20]
    board = shop.good("POST", "/records/deal/kanban", {"group_field": "size"})["columns"]
    assert {one["value"]: len(one["items"]) for one in board} == {"big": 2, "small": 1, None: 1}
    more = [*sizes, {"value": "tiny", "label": {"en": "Tiny"}}]
    changed = {"options": {**size["options"], "choices": more}}
    field = shop.good("PATCH", "/objects/deal/fields/size", changed, shop.admin)
    assert [one["value"] for one in field["options"]["choices"]] == ["big", "small", "tiny"]
    shop.settle()
    assert [deal["size"] for deal in shop.query("deal", sort=["quantity"])] == ["tiny", "small", "big", "big"]
    shop.define("deal", formula("plain", '"big"', "choice"), status=422)


def test_the_history_and_the_event_tell_what_was_calculated(priced: Shop) -> None:
    deal = priced.create("deal", price=PRICE, quantity=1)
    priced.change("deal", deal["id"], quantity=2)
    newest = priced.good("GET", f"/records/deal/{deal['id']}/timeline")["items"][0]
    assert {one["field"] for one in newest["changes"]} == {"quantity", "total"}
    event = priced.harness.published("freehold.customer.record.changed.v1")[-1].data["changes"][0]
    assert set(event["changed"]) == {"quantity", "total"}
    assert event["after"]["total"] == {"amount": "20.00", "currency": "CNY"}


def test_a_batch_is_worked_out_record_by_record(priced: Shop) -> None:
    done = priced.good("POST", "/records/deal/batch", {"operations": [
        {"action": "create", "values": {"name": str(one), "price": PRICE, "quantity": one}} for one in range(1, 4)]})
    assert [one["record"]["total"]["amount"] for one in done["results"]] == ["10.00", "20.00", "30.00"]


def test_a_new_formula_reaches_old_records_and_a_changed_one_too(shop: Shop) -> None:
    deals = [shop.create("deal", quantity=one) for one in range(3)]
    shop.define("deal", formula("double", "quantity * 2", "integer"))
    assert [deal["double"] for deal in shop.query("deal")] == [None] * 3
    shop.settle()
    assert [shop.get("deal", deal["id"])["double"] for deal in deals] == [0, 2, 4]
    shop.good("PATCH", "/objects/deal/fields/double",
        {"options": {"expression": "quantity * 3", "result": "integer"}}, shop.admin)
    shop.settle()
    found = shop.get("deal", deals[2]["id"])
    assert (found["double"], found["version"]) == (6, 3)
    assert found["updated_at"] == deals[2]["updated_at"]


def test_a_formula_follows_the_record_that_it_looks_at(shop: Shop) -> None:
    shop.define("deal", formula("rank", 'customer_id.level & "/" & customer_id.parent_id.name', "text"))
    top, other = shop.create("customer", name="Top"), shop.create("customer", name="Other", level="B")
    customer = shop.create("customer", name="C", level="A", parent_id=top["id"])
    deal = shop.create("deal", customer_id=customer["id"])
    assert deal["rank"] == "A/Top"
    shop.change("customer", customer["id"], level="B")
    shop.settle()
    assert shop.get("deal", deal["id"])["rank"] == "B/Top"
    shop.change("customer", top["id"], name="Roof")
    shop.settle()
    assert shop.get("deal", deal["id"])["rank"] == "B/Roof"
    shop.change("customer", customer["id"], parent_id=other["id"])
    shop.settle()
    assert shop.get("deal", deal["id"])["rank"] == "B/Other"
    assert shop.change("deal", deal["id"], customer_id=None)["rank"] == "/"


def test_many_records_that_look_at_one_are_reached_piece_by_piece(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.customer.usecases.calculations.work._PIECE", 7)
    shop.define("deal", formula("rank", "customer_id.level", "text"))
    customer = shop.create("customer", level="A")
    operations = [{"action": "create", "values": {"name": "x", "customer_id": customer["id"]}} for _ in range(30)]
    shop.good("POST", "/records/deal/batch", {"operations": operations})
    shop.settle()
    shop.change("customer", customer["id"], level="B")
    shop.settle()
    assert {deal["rank"] for deal in shop.query("deal", limit=100)} == {"B"}


def test_an_edit_is_not_stale_because_of_a_calculation(shop: Shop) -> None:
    shop.define("deal", formula("rank", "customer_id.level", "text"))
    customer = shop.create("customer", level="A")
    deal = shop.create("deal", customer_id=customer["id"])
    shop.change("customer", customer["id"], level="B")
    shop.settle()
    assert shop.get("deal", deal["id"])["version"] == 2
    edit = {"headers": {"If-Match": '"1"'}}
    first = shop.call("PATCH", f"/records/deal/{deal['id']}", {"quantity": 1}, **edit)
    second = shop.call("PATCH", f"/records/deal/{deal['id']}", {"quantity": 2}, **edit)
    assert (first.status_code, second.status_code) == (200, 412)
    assert shop.call("DELETE", f"/records/deal/{deal['id']}", **edit).status_code == 412


def test_a_formula_that_looks_at_the_calendar_is_renewed_every_day(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.define("deal", formula("age", "DAYS(TODAY(), due)", "integer"))
    today = values.company_scope(shop.harness.service).today
    deal = shop.create("deal", due=(today - timedelta(days=3)).isoformat())
    assert deal["age"] == 3
    recalculate.start_new_day(shop.harness.service)
    shop.settle()
    assert shop.get("deal", deal["id"])["version"] == 1
    tomorrow = values.utcnow() + timedelta(days=1)
    monkeypatch.setattr(values, "utcnow", lambda: tomorrow)
    monkeypatch.setattr(recalculate, "utcnow", lambda: tomorrow)
    recalculate.start_new_day(shop.harness.service)
    recalculate.start_new_day(shop.harness.service)
    shop.settle()
    assert [one["age"] for one in shop.query("deal", criteria={"field": "age", "op": "eq", "value": 4})] == [4]
    lines = shop.good("GET", f"/records/deal/{deal['id']}/timeline")["items"]
    assert [line["action"] for line in lines] == ["created"]


@pytest.mark.parametrize(("field", "code", "suggestion"), [
    (formula("f", "quantiti * 2", "integer"), "formula_unknown_field", "quantity"),
    (formula("f", "quantity +", "integer"), "formula_unexpected_end", None),
    (formula("f", "name", "integer"), "formula_wrong_result", None),
    (formula("f", "price", "money", currency="USD"), "formula_currencies_differ", None),
    (formula("f", "NOW()", "datetime"), "formula_not_available", None),
    (formula("f", "f + 1", "integer"), "circular_formula", None),
    (formula("f", "customer_id.parent_id.parent_id.parent_id.name", "text"), "formula_too_many_hops", None),
    (formula("f", "1", "choice"), "required", None), (formula("f", "1", "user"), "not_one_of", None),
    (formula("f", "", "text"), "formula_empty", None),
    ({"name": "f", "type": "formula", "options": {"result": "text"}}, "required", None),
    ({**formula("f", "1", "integer"), "required": True}, "given_by_system", None),
    ({**formula("f", "1", "integer"), "unique": True}, "cannot_be_unique", None),
])  # fmt: skip
def test_a_wrong_formula_is_refused_with_its_place(shop: Shop, field: dict[str, Any], code: str,
                                                   suggestion: str | None) -> None:
    body = shop.define("deal", field, status=422)
    found = body["errors"][0]
    assert (found["code"], found.get("suggestion")) == (code, suggestion)
    assert "{" not in found["detail"]
    assert not found["detail"].startswith("error.")
    chinese = shop.call("POST", "/objects/deal/fields", field, shop.admin, headers={"Accept-Language": "zh-CN"})
    assert chinese.status_code == 422


def test_a_circle_is_refused_and_named(shop: Shop) -> None:
    shop.define("deal", formula("a", "quantity + 1", "integer"), formula("b", "a * 2", "integer"))
    circle = {"options": {"expression": "b + 1", "result": "integer"}}
    answer = shop.call("PATCH", "/objects/deal/fields/a", circle, shop.admin)
    assert answer.status_code == 422
    assert "deal.a → deal.b → deal.a" in answer.json["errors"][0]["detail"]
    shop.define("customer", rollup("sum_b", "sum", "b", result="integer"))
    body = shop.define("deal", formula("c", "customer_id.sum_b", "integer"))
    assert body["name"] == "c"
    answer = shop.call("PATCH", "/objects/deal/fields/b", {"options": {"expression": "c", "result": "integer"}},
        shop.admin)
    assert answer.status_code == 422
    assert "customer.sum_b" in answer.json["errors"][0]["detail"]


def test_what_a_formula_needs_is_not_taken_away(shop: Shop) -> None:
    shop.define("deal", formula("rank", "customer_id.level", "text"), formula("double", "quantity * 2", "integer"))
    for path in ("/objects/deal/fields/quantity", "/objects/customer/fields/level", "/objects/deal/fields/customer_id"):
        answer = shop.call("DELETE", path, who=shop.admin)
        assert (answer.status_code, answer.json["code"]) == (409, "used_in_formulas")
    shop.good("DELETE", "/objects/deal/fields/double", who=shop.admin)
    shop.good("DELETE", "/objects/deal/fields/quantity", who=shop.admin)


def test_a_formula_reveals_nothing_that_its_reader_may_not_read(shop: Shop) -> None:
    shop.define("deal", formula("double", "quantity * 2", "integer"), formula("more", "double + 1", "integer"),
                formula("peek", "customer_id.secret", "integer"), formula("open", "weight + 1", "decimal"))
    customer = shop.create("customer", secret=7)
    deal = shop.create("deal", quantity=2, weight="1", customer_id=customer["id"])
    role = shop.harness.role({"deal": grant(quantity="none"), "customer": grant(secret="none")})
    reader = shop.harness.user("Reader", None, (role,))
    seen = shop.get("deal", deal["id"], reader)
    assert {"double", "more", "peek", "quantity"}.isdisjoint(seen)
    assert seen["open"] == "2.00"
    for name in ("double", "more", "peek"):
        wanted = {"criteria": {"field": name, "op": "is_set"}}
        assert shop.call("POST", "/records/deal/query", wanted, reader).status_code == 422
        assert shop.call("POST", "/records/deal/query", {"sort": [name]}, reader).status_code == 422
        assert shop.call("POST", "/records/deal/export", {"format": "csv", "fields": [name]}, reader).status_code == 422
    lines = shop.good("GET", f"/records/deal/{deal['id']}/timeline", who=reader)["items"]
    assert {"double", "more", "peek"}.isdisjoint(one["field"] for line in lines for one in line["changes"])
    definition = shop.good("GET", "/objects/deal", who=reader)
    assert {"double", "more", "peek"}.isdisjoint(field["name"] for field in definition["fields"])
    blind = shop.harness.user("Blind", None, (shop.harness.role({"deal": grant()}),))
    assert "peek" not in shop.get("deal", deal["id"], blind)


def test_formulas_leave_as_values_of_their_type(priced: Shop) -> None:
    priced.create("deal", price=PRICE, quantity=3)
    answer = priced.call("POST", "/records/deal/export", {"format": "csv", "fields": ["name", "total", "size"]})
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1] == ["One", "30.00", "CNY", "small"]
    schema = priced.good("GET", "/openapi.json")["components"]["schemas"]
    assert "total" in schema["record_deal"]["properties"]
    assert "total" not in schema["values_deal"]["properties"]
