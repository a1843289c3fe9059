"""A document is in the currency of its lines, from the quote to the payment; two of them are never mixed."""

from __future__ import annotations

from typing import Any

from tests.integration.customer_lines.conftest import Office, money
from tests.integration.customer_lines.test_from_quote_to_payment import instalments, pay


def dollars(amount: str) -> dict[str, str]:
    return money(amount, "USD")


def a_quote(office: Office) -> dict[str, Any]:
    term = office.save("term", {"name": "40/60"}, term_line=[
        {"name": "A", "share": "40"}, {"name": "B", "share": "60"}])["record"]
    return office.save("quote", {"name": "Q", "term_id": term["id"]}, quote_line=[
        {"name": "Press", "unit_price": dollars("1000"), "quantity": "2", "discount": "10"},
        {"name": "Visit", "unit_price": money("0"), "tax_rate": "0"},
        {"name": "Crate", "unit_price": dollars("50.5"), "tax_rate": "0"}])["record"]


def refusal(answer: Any) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(one["pointer"], one["code"]) for one in answer.json["errors"]]


def test_a_deal_in_dollars_stays_in_dollars_until_it_is_paid(office: Office) -> None:
    quote = a_quote(office)
    assert (quote["net"], quote["tax"], quote["gross"]) == (dollars("1850.50"), dollars("234.00"), dollars("2084.50"))
    first, second = instalments(office, quote)
    assert (first["amount"], first["outstanding"], second["amount"]) == (
        dollars("833.80"), dollars("833.80"), dollars("1250.70"))
    office.change("instalment", first["id"], due_on="2020-01-01")
    assert office.get("instalment", first["id"])["is_overdue"] is True
    assert pay(office, "900", (first["id"], "833.80"), currency="USD").status_code == 201
    paid = office.get("instalment", first["id"])
    assert (paid["received"], paid["outstanding"], paid["is_overdue"]) == (
        dollars("833.80"), dollars("0.00"), False)
    owing = office.query("instalment", criteria={"field": "outstanding", "op": "gt", "value": 0})
    assert [one["id"] for one in owing] == [second["id"]], "more than 0 is more than 0 in every currency"


def test_lines_in_two_currencies_are_refused_at_the_second(office: Office) -> None:
    lines = [{"name": "A", "unit_price": dollars("1")}, {"name": "B", "unit_price": money("1")}]
    mixed = office.call("POST", "/records/quote/lines", {"values": {"name": "Q"}, "lines": {"quote_line": lines}})
    assert refusal(mixed) == (422, [("/lines/quote_line/1/unit_price", "other_currency")])
    assert "USD" in mixed.json["errors"][0]["detail"]
    quote = a_quote(office)
    other = office.call("POST", "/records/quote_line", {
        "name": "C", "quote_id": quote["id"], "unit_price": money("1")})
    assert refusal(other) == (422, [("/unit_price", "other_currency")])
    press, visit, crate = office.good("GET", f"/records/quote/{quote['id']}/lines")["lines"]["quote_line"]
    alone = office.call("PATCH", f"/records/quote_line/{press['id']}", {"unit_price": money("7")})
    assert refusal(alone) == (422, [("/unit_price", "other_currency")])
    together = office.edit("quote", quote["id"], quote_line=[
        {"id": press["id"], "unit_price": money("7")}, {"id": visit["id"]},
        {"id": crate["id"], "unit_price": money("1")}])
    assert together["record"]["net"] == money("13.60")


def test_an_instalment_is_not_paid_in_another_currency_for_want_of_a_rate(office: Office) -> None:
    first, _ = instalments(office, a_quote(office))
    assert refusal(pay(office, "5", (first["id"], "5"))) == (422, [("/received", "limit_exceeded")])
    assert pay(office, "5", (first["id"], "5"), currency="USD").status_code == 201
    assert refusal(pay(office, "5", (first["id"], "5"))) == (422, [("/received", "limit_exceeded")])
    assert office.get("instalment", first["id"])["received"] == dollars("5.00")
