"""From the quote to the payment: every won deal was quoted, contracted, ordered and is paid; open ones are quoted.

Amounts are reckoned with exact decimals by the same rules as the formulas of the pack, so that plans add up to their
contracts and payments to their instalments. All chance here is a source of its own: the rest of the company stays the
same whatever changes in this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from freehold.demo import words
from freehold.demo.catalogue import EXTRAS, PRICE_LISTS, PRODUCTS, TERMS, TIERS, Product
from freehold.demo.chance import Chance
from freehold.demo.model import Draft

Links = dict[str, tuple[str, str]]
Records = dict[str, list[Draft]]
CENT = Decimal("0.01")
DRAFT_DAYS, WAITING_DAYS, SENDING_DAYS = 4, 16, 60
QUOTED = {"proposal": "sent", "negotiation": "sent", "won": "accepted", "lost": "declined"}


class Trade:
    """Writes everything between a quote and its payments into `records`."""

    def __init__(self, chance: Chance, records: Records, owners: tuple[str, ...]) -> None:
        self._chance, self._records, self._owners = chance, records, owners
        self._customers = {draft.key: draft for draft in records["customer"]}

    def make(self) -> None:
        """The catalogue first, then what became of every deal."""
        self._catalogue()
        for deal in list(self._records["opportunity"]):
            if deal.values["stage"] in QUOTED:
                self._sell(deal)

    def _catalogue(self) -> None:
        day = self._chance.start + timedelta(days=1)
        for one in PRODUCTS:
            self._add("product", self._owners[0], day, {
                "name": one.name, "code": one.code, "category": one.category, "status": "active", "unit": one.unit,
                "list_price": money(one.price), "cost": money(one.cost), "tax_rate": one.tax,
                "warranty_months": one.warranty})
        for name, factor in PRICE_LISTS:
            self._price_list(name, factor, day)
        for customer in self._records["customer"]:
            if customer.values["level"] == "A":
                customer.links["price_list_id"] = ("price_list", "price_list-0")
        for name, shares in TERMS:
            term = self._add("payment_term", self._owners[0], day, {"name": name})
            for place, (part, share, days) in enumerate(shares, 1):
                self._add("payment_term_line", term.owner, day, {
                    "name": part, "share": str(share), "days": days, "position": place}, payment_term_id=term)

    def _price_list(self, name: str, factor: Decimal, day: date) -> None:
        made = self._add("price_list", self._owners[0], day, {
            "name": name, "status": "active", "valid_from": day.isoformat()})
        place = 0
        for product, draft in zip(PRODUCTS, self._records["product"], strict=True):
            for least, tier in TIERS if product.category in ("spare_part", "module") else TIERS[:1]:
                place += 1
                self._add("price_list_entry", made.owner, day, {
                    "min_quantity": str(least), "price": money((product.price * factor * tier).quantize(CENT)),
                    "position": place, "valid_from": day.isoformat()}, price_list_id=made, product_id=draft)

    def _sell(self, deal: Draft) -> None:
        customer = self._customers[deal.links["customer_id"][1]]
        closed = deal.values.get("closed_on")
        known = (date.fromisoformat(closed) if closed else self._chance.today) - deal.created_at.date()
        quoted = deal.created_at.date() + timedelta(days=min(known.days, self._chance.between(5, 40)))
        lines = list(self._lines(deal, customer.values["level"]))
        term = self._chance.between(0, len(TERMS) - 1)
        parties = {"customer_id": deal.links["customer_id"], "contact_id": deal.links["contact_id"],
                   "opportunity_id": ("opportunity", deal.key)}
        terms = {"payment_term_id": ("payment_term", f"payment_term-{term}")}
        quote = self._add("quote", deal.owner, quoted, {
            "name": deal.values["name"], "status": self._quoted(deal, quoted), "quoted_on": quoted.isoformat(),
            "valid_until": (quoted + timedelta(days=30)).isoformat(), "delivery_weeks": self._chance.between(6, 16)},
            **parties, **terms)
        self._add_lines("quote", quote, lines, quoted)
        if closed and deal.values["stage"] == "won":
            self._sign(quote, lines, date.fromisoformat(closed), term, {**parties, **terms})

    def _quoted(self, deal: Draft, day: date) -> str:
        status = QUOTED[deal.values["stage"]]
        return "draft" if status == "sent" and (self._chance.today - day).days < DRAFT_DAYS else status

    def _lines(self, deal: Draft, level: str) -> Iterator[dict[str, Any]]:
        """The machine that the deal is about, and often something beside it."""
        place = next((number for number, pair in enumerate(zip(words.PRODUCTS, words.ENGLISH_PRODUCTS, strict=True))
                      if any(deal.values["name"].endswith(word) for word in pair)), 0)
        wanted = Decimal(deal.values["amount"]["amount"]) / Decimal("1.13")
        quantity = max(1, round(wanted / PRODUCTS[place].price))
        yield self._line(place, quantity, {"A": "8", "B": "5", "C": "2"}[level])
        for extra in self._chance.random.sample(EXTRAS, self._chance.between(0, 3)):
            yield self._line(extra, self._chance.between(1, 6), None)

    def _line(self, place: int, quantity: int, discount: str | None) -> dict[str, Any]:
        one: Product = PRODUCTS[place]
        return {"name": one.name, "quantity": str(quantity), "unit": one.unit, "unit_price": money(one.price),
                "discount": discount, "tax_rate": one.tax, "product": ("product", f"product-{place}")}

    def _add_lines(self, parent: str, draft: Draft, lines: list[dict[str, Any]], day: date) -> None:
        for place, line in enumerate(lines, 1):
            values = {name: value for name, value in line.items() if name != "product" and value is not None}
            self._add(f"{parent}_line", draft.owner, day, values | {"position": place},
                      **{f"{parent}_id": draft, "product_id": line["product"]})

    def _sign(self, quote: Draft, lines: list[dict[str, Any]], day: date, term: int, links: Links) -> None:
        finished = day < self._chance.today - timedelta(days=430)
        contract = self._add("contract", quote.owner, day, {
            "name": quote.values["name"], "kind": "sale", "status": "completed" if finished else "effective",
            "signed_on": day.isoformat(), "starts_on": day.isoformat(),
            "ends_on": (day + timedelta(days=730)).isoformat()}, quote_id=quote, **links)
        self._add_lines("contract", contract, lines, day)
        self._order(contract, quote, lines, day)
        self._plan(contract, term, sum(map(gross, lines), Decimal(0)), day)

    def _order(self, contract: Draft, quote: Draft, lines: list[dict[str, Any]], day: date) -> None:
        due = day + timedelta(days=7 * int(quote.values["delivery_weeks"]))
        gone = due <= self._chance.today and self._chance.happens(0.93)
        order = self._add("order", contract.owner, day, {
            "subject": contract.values["name"], "ordered_on": day.isoformat(), "deliver_by": due.isoformat(),
            "status": "completed" if gone else self._chance.weighted({"confirmed": 4, "producing": 6}),
            **({"delivered_on": due.isoformat()} if gone else {})},
            contract_id=contract, quote_id=quote, customer_id=contract.links["customer_id"],
            contact_id=contract.links["contact_id"])
        sold = [{**line, "delivered_quantity": line["quantity"] if gone else "0"} for line in lines]
        self._add_lines("order", order, sold, day)

    def _plan(self, contract: Draft, term: int, total: Decimal, day: date) -> None:
        links = {"customer_id": contract.links["customer_id"], "contract_id": contract}
        plan = self._add("payment_plan", contract.owner, day, {
            "name": contract.values["name"], "starts_on": day.isoformat(), "amount": money(total)},
            payment_term_id=contract.links["payment_term_id"], **links)
        for place, ((name, share, days), amount) in enumerate(zip(TERMS[term][1], shared(total, term), strict=True), 1):
            due = day + timedelta(days=days)
            part = self._add("instalment", contract.owner, day, {
                "name": name, "share": str(share), "due_on": due.isoformat(), "amount": money(amount),
                "position": place}, payment_plan_id=plan)
            self._pay(part, amount, due, links)

    def _pay(self, part: Draft, amount: Decimal, due: date, links: dict[str, Any]) -> None:
        """Most pay in time, some late, a few in two parts or not yet; nobody pays in the future."""
        received = self._chance.later(due, -6, 12)
        if received >= self._chance.today or self._chance.happens(0.06):
            return
        pieces = [amount]
        if self._chance.happens(0.12):
            first = (amount * Decimal("0.6")).quantize(CENT)
            pieces = [first, amount - first][:self._chance.between(1, 2)]
        for piece in pieces:
            paid = self._add("payment", part.owner, received, {
                "received_on": received.isoformat(), "amount": money(piece), "status": "confirmed",
                "method": self._chance.weighted({"transfer": 78, "acceptance": 18, "cheque": 4}),
                "bank_reference": f"FH{received:%y%m%d}{len(self._records['payment']):05d}"}, **links)
            self._add("payment_match", part.owner, received, {"amount": money(piece), "position": 1},
                      payment_id=paid, instalment_id=part)
        if self._chance.happens(0.7):
            self._invoice(part, amount, received, links)

    def _invoice(self, part: Draft, amount: Decimal, asked: date, links: dict[str, Any]) -> None:
        """What was asked for in the last days still waits; what is older has been issued, and then sent."""
        customer, age = self._customers[links["customer_id"][1]], (self._chance.today - asked).days
        issued = {"issued_on": asked.isoformat(), "invoice_number": f"{self._chance.between(10_000_000, 99_999_999)}"}
        status = "requested" if age < WAITING_DAYS else "issued" if age < SENDING_DAYS else "sent"
        self._add("invoice_request", part.owner, asked, {
            "kind": "special", "status": status, "amount": money(amount), "buyer": customer.values["name"],
            "requested_on": asked.isoformat(), **(issued if status != "requested" else {})}, **links)

    def _add(self, name: str, owner: str, day: date, values: dict[str, Any],
             **links: Draft | tuple[str, str]) -> Draft:
        drafts = self._records[name]
        led = {field: (to if isinstance(to, tuple) else (to.key.rsplit("-", 1)[0], to.key))
               for field, to in links.items()}
        draft = Draft(f"{name}-{len(drafts)}", owner, self._chance.moment(day), values, led)
        drafts.append(draft)
        return draft


def gross(line: dict[str, Any]) -> Decimal:
    """What a line comes to with tax, as the pack's formulas reckon it."""
    discount = Decimal(line["discount"] or 0) / 100
    net = _cents(Decimal(line["unit_price"]["amount"]) * Decimal(line["quantity"]) * (1 - discount))
    return net + _cents(net * Decimal(line["tax_rate"]) / 100)


def shared(total: Decimal, term: int) -> list[Decimal]:
    """The total in the shares of a term; the last one takes what rounding leaves."""
    shares = [share for _, share, _ in TERMS[term][1]]
    parts = [_cents(total * share / 100) for share in shares[:-1]]
    return [*parts, total - sum(parts, Decimal(0))]


def money(amount: Decimal | int | str) -> dict[str, str]:
    """An amount as the API takes it."""
    return {"amount": f"{Decimal(amount):.2f}", "currency": "CNY"}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
