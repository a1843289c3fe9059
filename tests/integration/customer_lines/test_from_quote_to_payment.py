"""A quote becomes a contract with its lines, terms become instalments, payments are matched and never exceed them."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.customer_lines.conftest import Office, money


def a_quote(office: Office, price: str = "1000.01") -> dict[str, Any]:
    term = office.save("term", {"name": "30/60/10"}, term_line=[
        {"name": "A", "share": "30"}, {"name": "B", "share": "60"}, {"name": "C", "share": "10"}])["record"]
    return office.save("quote", {"name": "Q", "term_id": term["id"]}, quote_line=[
        {"name": "Press", "unit_price": money(price), "quantity": "3", "discount": "7"},
        {"name": "Visit", "unit_price": money("0.05")}])["record"]


def instalments(office: Office, quote: dict[str, Any]) -> list[dict[str, Any]]:
    contract = office.convert("quote", quote["id"], "contract")["contract"]
    plan = office.convert("contract", contract, "plan")["plan"]
    return office.good("GET", f"/records/plan/{plan}/lines")["lines"]["instalment"]


def pay(office: Office, amount: str, *matches: tuple[str, str], currency: str = "CNY") -> Any:
    lines = [{"instalment_id": id, "amount": money(part, currency)} for id, part in matches]
    return office.call("POST", "/records/payment/lines", {
        "values": {"name": "P", "amount": money(amount, currency)}, "lines": {"match": lines}})


def test_a_contract_has_the_lines_and_the_total_of_its_quote_and_leads_back(office: Office) -> None:
    quote = a_quote(office)
    made = office.good("GET", f"/records/contract/{office.convert('quote', quote['id'], 'contract')['contract']}/lines")
    assert (made["record"]["gross"], made["record"]["quote_id"]) == (quote["gross"], quote["id"])
    assert [one["name"] for one in made["lines"]["contract_line"]] == ["Press", "Visit"]
    after = office.get("quote", quote["id"])
    assert (after["status"], after["contracts"]) == ("accepted", 1)


def test_a_conversion_is_refused_once_its_criteria_do_not_hold(office: Office) -> None:
    quote = a_quote(office)
    office.convert("quote", quote["id"], "contract")
    again = office.call("POST", f"/records/quote/{quote['id']}/convert", {"conversion": "contract"})
    assert (again.status_code, again.json["code"]) == (409, "conversion_not_possible")
    unknown = office.call("POST", f"/records/quote/{quote['id']}/convert", {"conversion": "planet"})
    assert (unknown.status_code, unknown.json["code"]) == (409, "no_conversion")


def test_two_people_who_convert_at_once_make_one_contract(office: Office) -> None:
    quote, statuses = a_quote(office), []

    def convert() -> None:
        answer = office.call("POST", f"/records/quote/{quote['id']}/convert", {"conversion": "contract"})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=convert) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]


@pytest.mark.parametrize("price", ["0.01", "0.33", "1000.01", "99999.99"])
def test_instalments_add_up_to_the_contract(office: Office, price: str) -> None:
    quote = a_quote(office, price)
    parts = instalments(office, quote)
    assert [one["name"] for one in parts] == ["A", "B", "C"]
    assert sum(Decimal(one["amount"]["amount"]) for one in parts) == Decimal(quote["gross"]["amount"])


def test_a_payment_pays_one_instalment_and_a_part_of_the_next(office: Office) -> None:
    first, second, _ = instalments(office, a_quote(office))
    amount = Decimal(first["amount"]["amount"]) + 5
    answer = pay(office, f"{amount}", (first["id"], first["amount"]["amount"]), (second["id"], "5"))
    assert answer.status_code == 201, answer.json
    assert answer.json["record"]["matched"] == money(f"{amount}")
    assert office.get("instalment", first["id"])["outstanding"] == money("0.00")
    assert office.get("instalment", second["id"])["received"] == money("5.00")


def test_no_more_is_matched_than_was_paid_nor_than_is_asked_for(office: Office) -> None:
    first, *_ = instalments(office, a_quote(office))
    asked = first["amount"]["amount"]
    beyond = pay(office, "1", (first["id"], "1.01"))
    assert (beyond.status_code, beyond.json["errors"][0]["code"], beyond.json["errors"][0]["detail"]) == (
        422, "limit_exceeded", "Too much.")
    assert pay(office, "999999", (first["id"], f"{Decimal(asked) + 1}")).status_code == 422
    paid = pay(office, asked, (first["id"], asked)).json["record"]
    assert pay(office, "1", (first["id"], "0.01")).status_code == 422
    less = office.call("PATCH", f"/records/payment/{paid['id']}", {"amount": money("0.01")})
    assert (less.status_code, less.json["errors"][0]["code"]) == (422, "limit_exceeded")
    assert office.get("instalment", first["id"])["received"] == first["amount"]


def test_two_payments_at_once_cannot_pay_an_instalment_twice(office: Office) -> None:
    first, *_ = instalments(office, a_quote(office))
    asked, statuses = first["amount"]["amount"], []

    def paying() -> None:
        statuses.append(pay(office, asked, (first["id"], asked)).status_code)

    threads = [threading.Thread(target=paying) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 422, 422]
    assert office.get("instalment", first["id"])["received"] == first["amount"]


def test_an_instalment_is_overdue_until_it_is_paid(office: Office) -> None:
    first, *others = instalments(office, a_quote(office))
    office.change("instalment", first["id"], due_on="2020-01-01")
    assert office.get("instalment", first["id"])["is_overdue"] is True
    pay(office, first["amount"]["amount"], (first["id"], first["amount"]["amount"]))
    assert office.get("instalment", first["id"])["is_overdue"] is False
    assert office.get("instalment", others[0]["id"])["is_overdue"] is False


def test_lines_that_are_summed_up_in_one_currency_are_in_that_one(office: Office) -> None:
    office.good("POST", "/objects/quote/fields", {"name": "in_yuan", "type": "rollup", "options": {
        "object": "quote_line", "reference": "quote_id", "function": "sum", "field": "net", "result": "money",
        "currency": "CNY"}}, office.admin)
    dollars = {"amount": "100.00", "currency": "USD"}
    line = {"name": "Press", "unit_price": dollars}
    refused = office.call("POST", "/records/quote/lines", {"values": {"name": "Q"}, "lines": {"quote_line": [line]}})
    assert (refused.status_code, [(one["pointer"], one["code"]) for one in refused.json["errors"]]) == (
        422, [("/lines/quote_line/0/unit_price", "other_currency")])
    quote = a_quote(office)
    lines = office.good("GET", f"/records/quote/{quote['id']}/lines")["lines"]["quote_line"]
    alone = office.call("PATCH", f"/records/quote_line/{lines[0]['id']}", {"unit_price": dollars})
    assert (alone.status_code, alone.json["errors"][0]["code"]) == (422, "other_currency")
    assert office.get("quote", quote["id"])["gross"] == quote["gross"]


def test_another_currency_is_no_way_around_a_limit(office: Office) -> None:
    first, *_ = instalments(office, a_quote(office))
    paid = office.call("POST", "/records/payment/lines", {
        "values": {"name": "P", "amount": {"amount": "999999.00", "currency": "USD"}},
        "lines": {"match": [{"instalment_id": first["id"], "amount": money("1")}]}})
    assert (paid.status_code, paid.json["errors"][0]["code"]) == (422, "limit_exceeded")
    matched = pay(office, "1", (first["id"], "1")).json["record"]
    changed = office.call("PATCH", f"/records/payment/{matched['id']}", {
        "amount": {"amount": "999999.00", "currency": "USD"}})
    assert (changed.status_code, changed.json["errors"][0]["code"]) == (422, "limit_exceeded")
    foreign = office.call("POST", "/records/payment/lines", {
        "values": {"name": "P", "amount": {"amount": "5.00", "currency": "USD"}}, "lines": {"match": []}})
    assert foreign.status_code == 201, "a payment in dollars that nothing is matched with"
