"""Making the demo company: customers with contacts, then leads and deals, then the follow-ups that tie them together.

`make_company` is a pure function of its arguments. The order of the steps matters, because each draws from the same
chance: a change here makes another company, never a broken one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from freehold.demo import words
from freehold.demo.chance import Chance, workday
from freehold.demo.dates import add_dates
from freehold.demo.funnels import LOST_REASONS, PROBABILITIES, deal_shares, lead_shares
from freehold.demo.model import OBJECTS, DemoCompany, Draft
from freehold.demo.names import Contact, Firm, Names
from freehold.demo.people import DEPARTMENTS, OWNERS, PEOPLE
from freehold.demo.service import Around
from freehold.demo.talks import Talks
from freehold.demo.trade import Trade

LEADS_PER_CUSTOMER = 1.5
CONVERTED_SHARE = 0.085
DEALS_PER_CUSTOMER = 0.65
LEVELS = {"A": 8, "B": 27, "C": 65}
LATE_DAYS, PUT_OFF_DAYS = 14, 110
DEAL_SIZES = {"A": 420_000, "B": 190_000, "C": 95_000}


@dataclass
class Account:
    """A customer while the company is being made."""

    key: str
    firm: Firm
    level: str
    owner: str
    since: date
    draft: Draft
    people: list[tuple[str, Contact]] = field(default_factory=list)


def make_company(today: date, *, seed: int = 20, customers: int = 2000) -> DemoCompany:
    """The company with its history up to `today`; equal arguments make equal companies."""
    maker = _Maker(Chance(seed, today))
    for number in range(customers):
        maker.add_customer(number)
    maker.add_deals(round(customers * DEALS_PER_CUSTOMER), round(customers * LEADS_PER_CUSTOMER * CONVERTED_SHARE))
    maker.add_leads(round(customers * LEADS_PER_CUSTOMER * (1 - CONVERTED_SHARE)))
    maker.add_care()
    Trade(Chance(seed + 1, today), maker.records, ("li.mingyuan",)).make()
    Around(Chance(seed + 2, today), maker.records).make()
    add_dates(Chance(seed + 3, today), maker.records)
    return DemoCompany(seed, today, DEPARTMENTS, PEOPLE, maker.records)


class _Maker:
    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.names = Names(chance)
        self.accounts: list[Account] = []
        self.records: dict[str, list[Draft]] = {name: [] for name in OBJECTS}
        self.talks = Talks(chance, self.records["activity"])

    def add_customer(self, number: int) -> None:
        """A customer with one or more contacts."""
        chance, firm = self.chance, self.names.firm()
        level, since = chance.weighted(LEVELS), chance.day()
        draft = self._draft("customer", OWNERS[firm.region], since, {
            "name": firm.name, "short_name": firm.short_name, "level": level,
            "status": chance.weighted({"potential": 62, "active": 20, "dormant": 14, "lost": 4}),
            "industry": firm.industry, "source": chance.weighted(words.SOURCE_WEIGHTS), "region": firm.region,
            "phone": firm.landline, "email": f"info@{firm.host}", "website": f"https://www.{firm.host}",
            "employees": int(float(chance.amount({"A": 900, "B": 260, "C": 70}[level], 0.7, 5))),
            "annual_revenue": _money(chance.amount({"A": 6e8, "B": 9e7, "C": 1.6e7}[level], 0.7, 100_000)),
            "address": firm.city})
        account = Account(draft.key, firm, level, draft.owner, since, draft)
        self.accounts.append(account)
        for place in range(1 + chance.between(0, {"A": 3, "B": 2, "C": 1}[level])):
            self._add_contact(account, place)

    def add_deals(self, count: int, converted: int) -> None:
        """Deals of customers; the first `converted` of them began as leads."""
        chosen = self.chance.random.sample(self.accounts, converted)
        for account in chosen:
            self._add_converted_lead(account, self._add_deal(account))
        weights = [{"A": 5, "B": 2, "C": 1}[account.level] for account in self.accounts]
        for account in self.chance.random.choices(self.accounts, weights, k=count - converted):
            self._add_deal(account)

    def add_leads(self, count: int) -> None:
        """Leads that are not, or not yet, customers."""
        for _ in range(count):
            firm = self.names.firm()
            since = self.chance.day()
            status = self.chance.weighted(lead_shares((self.chance.today - since).days))
            draft = self._lead(firm, self.names.contact(firm), since, status)
            if status != "unqualified":
                self._keep_current(draft)
            self.talks.about_lead(draft, firm, status)

    def add_care(self) -> None:
        """Follow-ups with customers who have no deal at present."""
        for account in self.accounts:
            if "last_follow_up_at" not in account.draft.values and self.chance.happens(0.45):
                self.talks.care(account.draft, account.firm, account.people[0][0])

    def _add_contact(self, account: Account, place: int) -> None:
        person = self.names.contact(account.firm)
        draft = self._draft("contact", (account.owner,), account.since, {
            "name": person.name, "job_title": person.title, "role": words.ROLE_OF_TITLE[person.title],
            "is_primary": place == 0, "phone": person.phone, "email": person.email},
            {"customer_id": ("customer", account.key)})
        account.people.append((draft.key, person))

    def _add_deal(self, account: Account) -> Draft:
        chance = self.chance
        since = min(chance.later(account.since, 0, 240), chance.later(account.since, 0, 20)
                    if chance.happens(0.3) else chance.today)
        stage = chance.weighted(deal_shares((chance.today - since).days))
        product = chance.one(words.ENGLISH_PRODUCTS if account.firm.foreign else words.PRODUCTS)
        deal = self._draft("opportunity", (account.owner,), since, {
            "name": f"{account.firm.short_name} {product}", "stage": stage,
            "amount": _money(chance.amount(DEAL_SIZES[account.level])), "probability": PROBABILITIES[stage],
            "source": account.draft.values["source"], "region": account.firm.region,
            "expected_close_on": chance.later(since, 45, 200).isoformat()},
            {"customer_id": ("customer", account.key), "contact_id": ("contact", account.people[0][0])})
        self._close(deal, account, since, stage)
        if "closed_on" not in deal.values:
            self._keep_current(deal)
        self.talks.about_deal(deal, account.draft, account.firm, account.people[0][0], product, since)
        return deal

    def _close(self, deal: Draft, account: Account, since: date, stage: str) -> None:
        if stage not in ("won", "lost"):
            return
        age = (self.chance.today - since).days
        closed = min(self.chance.later(since, min(20, age), min(150, age)), self.chance.today)
        deal.values["closed_on"] = closed.isoformat()
        if stage == "lost":
            deal.values["lost_reason"] = self.chance.weighted(LOST_REASONS)
            deal.values["competitor"] = self.chance.one(words.COMPETITORS)
        else:
            account.draft.values["status"] = "active"

    def _keep_current(self, draft: Draft) -> None:
        """What is still open was put off when its day passed, so most is due in the coming months."""
        expected, today = date.fromisoformat(draft.values["expected_close_on"]), self.chance.today
        if (late := (today - expected).days) > LATE_DAYS:
            day = today + timedelta(days=late % PUT_OFF_DAYS - LATE_DAYS)
            draft.values["expected_close_on"] = workday(day).isoformat()

    def _add_converted_lead(self, account: Account, deal: Draft) -> None:
        key, person = account.people[0]
        lead = self._lead(account.firm, person, account.since, "converted", account)
        lead.values["expected_amount"] = deal.values["amount"]
        lead.links = {"converted_customer_id": ("customer", account.key), "converted_contact_id": ("contact", key),
                      "converted_opportunity_id": ("opportunity", deal.key)}
        self.talks.about_lead(lead, account.firm, "converted")

    def _lead(self, firm: Firm, person: Contact, since: date, status: str, account: Account | None = None) -> Draft:
        chance = self.chance
        values: dict[str, Any] = {
            "name": person.name, "company": firm.name, "job_title": person.title, "phone": person.phone,
            "email": person.email, "region": firm.region, "industry": firm.industry, "status": status,
            "source": account.draft.values["source"] if account else chance.weighted(words.SOURCE_WEIGHTS),
            "expected_amount": _money(chance.amount(90_000, 0.9)),
            "expected_close_on": chance.later(since, 40, 220).isoformat(), "address": firm.city}
        owners = (account.owner,) if account else OWNERS[firm.region]
        return self._draft("lead", owners, since, values)

    def _draft(self, name: str, owners: tuple[str, ...], day: date, values: dict[str, Any],
               links: dict[str, tuple[str, str]] | None = None) -> Draft:
        created: datetime = self.chance.moment(day)
        draft = Draft(f"{name}-{len(self.records[name])}", self.chance.one(owners), created, values, links or {})
        self.records[name].append(draft)
        return draft


def _money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}
