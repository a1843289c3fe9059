"""A record and its lines: written together or not at all, counted at once, gone together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.customer.store.record_bin import record_bin
from tests.integration.customer_calculations.conftest import grant
from tests.integration.customer_lines.conftest import Office, money


def line(name: str, price: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "unit_price": money(price), **more}


def test_a_quote_is_made_with_its_lines_in_their_order_and_counted_at_once(office: Office) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[
        line("Press", "1000.00", quantity="2", discount="10"), line("Visit", "99.99", tax_rate="6")])
    assert [(one["name"], one["position"], one["gross"]["amount"]) for one in made["lines"]["quote_line"]] == [
        ("Press", 1, "2034.00"), ("Visit", 2, "105.99")]
    record = made["record"]
    assert (record["net"], record["tax"], record["gross"]) == (money("1899.99"), money("240.00"), money("2139.99"))
    assert {one["owner_id"] for one in made["lines"]["quote_line"]} == {record["owner_id"]}


def test_a_list_of_lines_is_the_whole_list_as_it_shall_be(office: Office) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1"), line("B", "2"), line("C", "3")])
    a, _, c = made["lines"]["quote_line"]
    after = office.edit("quote", made["record"]["id"], {"name": "R"}, quote_line=[
        {"id": c["id"], "quantity": "10"}, line("D", "4"), {"id": a["id"]}])
    assert [(one["name"], one["position"]) for one in after["lines"]["quote_line"]] == [("C", 1), ("D", 2), ("A", 3)]
    assert (after["record"]["name"], after["record"]["net"]) == ("R", money("35.00"))
    assert office.good("GET", f"/records/quote/{made['record']['id']}/lines")["lines"] == after["lines"]


def test_lines_that_are_not_spoken_of_stay(office: Office) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1")])
    after = office.edit("quote", made["record"]["id"], {"name": "R"})
    assert [one["name"] for one in after["lines"]["quote_line"]] == ["A"]


def test_one_wrong_line_and_nothing_is_written(office: Office) -> None:
    answer = office.call("POST", "/records/quote/lines", {"values": {"name": "Q"}, "lines": {"quote_line": [
        line("A", "1"), {"name": "B", "unit_price": {"amount": "x"}}, {"name": "C"}]}})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [
        "/lines/quote_line/1/unit_price", "/lines/quote_line/2/unit_price"]
    assert office.query("quote") == []


@pytest.mark.parametrize(("lines", "pointer"), [
    ([], "/lines"), ({"contract_line": []}, "/lines/contract_line"), ({"quote_line": {}}, "/lines/quote_line"),
    ({"quote_line": ["x"]}, "/lines/quote_line/0"), ({"quote_line": [{"id": "x"}]}, "/lines/quote_line/0/id"),
    ({"quote_line": [{"nowhere": 1, "name": "A", "unit_price": money("1")}]}, "/lines/quote_line/0/nowhere")])
def test_what_are_no_lines_of_this_record_is_pointed_at(office: Office, lines: Any, pointer: str) -> None:
    answer = office.call("POST", "/records/quote/lines", {"values": {"name": "Q"}, "lines": lines or [0]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_line_of_another_record_cannot_be_taken_over(office: Office) -> None:
    one = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1")])
    other = office.save("quote", {"name": "R"}, quote_line=[line("B", "1")])
    answer = office.call("PATCH", f"/records/quote/{one['record']['id']}/lines", {
        "lines": {"quote_line": [{"id": other["lines"]["quote_line"][0]["id"]}]}})
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "unknown_line")


def test_who_has_not_seen_the_latest_lines_is_refused(office: Office) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1")])
    path, seen = f"/records/quote/{made['record']['id']}/lines", f'"{made["record"]["version"]}"'
    kept = made["lines"]["quote_line"][0]["id"]
    swapped = {"lines": {"quote_line": [{"id": kept, "name": "Z"}]}}
    first = office.call("PATCH", path, swapped, headers={"If-Match": seen})
    assert first.status_code == 200
    assert first.headers["ETag"] != seen
    assert office.call("PATCH", path, {"lines": {"quote_line": []}}, headers={"If-Match": seen}).status_code == 412


def test_nothing_changes_when_nothing_is_different(office: Office) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1")])
    same = office.edit("quote", made["record"]["id"], {"name": "Q"}, quote_line=[
        {"id": made["lines"]["quote_line"][0]["id"], "name": "A"}])
    assert same["record"]["version"] == made["record"]["version"]


def test_lines_go_with_their_record(office: Office) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1"), line("B", "2")])
    assert office.call("DELETE", f"/records/quote/{made['record']['id']}").status_code == 204
    assert office.query("quote_line") == []


def test_lines_come_back_with_their_record(office: Office) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1"), line("B", "2")])
    id, single = made["record"]["id"], made["lines"]["quote_line"][1]["id"]
    office.edit("quote", id, quote_line=[{"id": made["lines"]["quote_line"][0]["id"]}, line("C", "7.5")])
    before, lines = office.good("GET", f"/records/quote/{id}"), office.query("quote_line")
    assert office.call("DELETE", f"/records/quote/{id}").status_code == 204
    shown = [one["id"] for one in office.good("GET", "/bin/quote_line", who=office.admin)["items"]]
    assert shown == [single], "a line that was deleted by itself can come back by itself, the others only with theirs"
    office.good("POST", f"/bin/quote/{id}/restore")
    after = office.good("GET", f"/records/quote/{id}")
    moving = {"version", "updated_at", "updated_by"}
    assert {**after, **{name: before[name] for name in moving}} == before
    stays = [[{name: value for name, value in one.items() if name not in moving} for one in some]
             for some in (office.query("quote_line"), lines)]
    assert stays[0] == stays[1]
    assert office.good("GET", "/bin/quote_line", who=office.admin)["items"][0]["id"] == single


def test_lines_leave_the_bin_with_their_record(office: Office) -> None:
    id = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1")])["record"]["id"]
    assert office.call("DELETE", f"/records/quote/{id}").status_code == 204
    assert office.call("DELETE", f"/bin/quote/{id}", who=office.admin).status_code == 204
    with office.harness.service.db.read() as connection:
        assert connection.execute(select(record_bin)).all() == []


def test_a_record_that_others_point_at_keeps_its_lines(office: Office) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1")])
    office.create("contract", quote_id=made["record"]["id"])
    assert office.call("DELETE", f"/records/quote/{made['record']['id']}").status_code == 409
    assert len(office.query("quote_line")) == 1


def test_lines_follow_their_record_to_a_new_owner(office: Office) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[line("A", "1")])
    office.change("quote", made["record"]["id"], owner_id=office.admin)
    assert [one["owner_id"] for one in office.query("quote_line")] == [office.admin]


def test_whoever_may_write_the_record_may_write_its_lines_and_sees_only_his_fields_of_them(office: Office) -> None:
    harness = office.harness
    role = harness.role({"quote": grant("own"), "quote_line": {
        "actions": ["read"], "scope": "own", "fields": {"discount": "none", "unit_price": "read"}}})
    rep = harness.user("Rep", None, (role,))
    answer = office.call("POST", "/records/quote/lines", {"values": {"name": "Q"}, "lines": {
        "quote_line": [line("A", "1")]}}, rep)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "read_only")
    made = office.save("quote", {"name": "Q", "owner_id": rep}, quote_line=[line("A", "5", discount="1")])
    shown = office.good("GET", f"/records/quote/{made['record']['id']}/lines", who=rep)["lines"]["quote_line"][0]
    assert (shown["unit_price"], "discount" in shown) == (money("5.00"), False)
    stranger = harness.user("Stranger", None, (role,))
    assert office.call("GET", f"/records/quote/{made['record']['id']}/lines", who=stranger).status_code == 404


def test_prices_come_from_the_list_of_the_quote_valid_on_its_day_and_by_quantity(office: Office) -> None:
    press = office.create("product", name="Press", list_price=money("100"))
    listed = office.create("price_list")

    def price(amount: str, least: str, **days: str) -> dict[str, Any]:
        return {"name": amount, "product_id": press["id"], "least": least, "amount": money(amount), **days}

    office.edit("price_list", listed["id"], price=[
        price("90", "1", since="2026-01-01"), price("80", "10", since="2026-01-01"),
        price("70", "10", since="2026-06-01", until="2026-06-30"), price("1", "1", until="2025-12-31")])

    def filled(quantity: str, day: str, **parent: Any) -> dict[str, Any]:
        return office.good("POST", "/records/quote_line/fill", {
            "values": {"product_id": press["id"], "quantity": quantity},
            "parent": {"price_list_id": listed["id"], "day": day, **parent}})["values"]

    assert filled("9", "2026-03-01") == {"name": "Press", "unit_price": money("90.00")}
    assert filled("10", "2026-03-01")["unit_price"] == money("80.00")
    assert filled("10", "2026-06-15")["unit_price"] == money("70.00")
    assert filled("10", "2026-03-01", price_list_id=None)["unit_price"] == money("100.00")
    only = office.good("POST", "/records/quote_line/fill", {
        "values": {"product_id": press["id"], "quantity": "10"}, "changed": ["quantity"],
        "parent": {"price_list_id": listed["id"], "day": "2026-03-01"}})["values"]
    assert only == {"unit_price": money("80.00")}
    made = office.save("quote", {"name": "Q", "price_list_id": listed["id"], "day": "2026-03-01"}, quote_line=[
        {"product_id": press["id"], "quantity": "10"}, {"product_id": press["id"], "unit_price": money("5")}])
    assert [(one["name"], one["unit_price"]["amount"]) for one in made["lines"]["quote_line"]] == [
        ("Press", "80.00"), ("Press", "5.00")]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(
    st.decimals("0", "99999", places=2), st.decimals("0", "999", places=2), st.integers(0, 100),
    st.sampled_from(["0", "6", "9", "13"])), min_size=1, max_size=8))
def test_the_totals_are_the_sums_of_the_lines_to_the_cent(office: Office, rows: list[Any]) -> None:
    made = office.save("quote", {"name": "Q"}, quote_line=[
        line("A", f"{price}", quantity=f"{quantity}", discount=str(discount), tax_rate=tax)
        for price, quantity, discount, tax in rows])
    for name in ("net", "tax", "gross"):
        parts = [Decimal(one[name]["amount"]) for one in made["lines"]["quote_line"]]
        assert sum(parts) == Decimal(made["record"][name]["amount"])
    assert Decimal(made["record"]["net"]["amount"]) + Decimal(made["record"]["tax"]["amount"]) == Decimal(
        made["record"]["gross"]["amount"])


@pytest.mark.parametrize(("described", "pointer"), [
    ({"line_of": {"reference": "name"}}, "/line_of/reference"),
    ({"line_of": {"order": "position"}}, "/line_of/reference"), ({"line_of": []}, "/line_of"),
    ({"fills": [{"reference": "product_id", "set": {"name": "nothing"}}]}, "/fills/0/set/name"),
    ({"fills": [{"object": "planet", "match": {"a": "name"}, "set": {"name": "b"}}]}, "/fills/0/object"),
    ({"fills": [{"object": "price", "match": {"product_id": "quote_id.nothing"}, "set": {"name": "name"}}]},
     "/fills/0/match"),
    ({"limits": [{"field": "name", "at_most": "net"}]}, "/limits/0/field"), ({"fills": [{"set": {}}, 1]}, "/fills/1")])
def test_a_wrong_declaration_is_pointed_at(office: Office, described: Any, pointer: str) -> None:
    answer = office.call("PATCH", "/objects/quote_line", described, office.admin)
    assert answer.status_code == 422, answer.json
    assert pointer in [one["pointer"] for one in answer.json["errors"]]
