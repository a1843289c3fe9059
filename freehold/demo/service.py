"""Around the sale: campaigns, tickets with surveys, knowledge, members with points, and the targets of sales."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from freehold.demo.catalogue import ARTICLES, CAMPAIGNS, TICKETS
from freehold.demo.chance import Chance
from freehold.demo.model import Draft
from freehold.demo.trade import Records, money

TICKETS_PER_CUSTOMER, MEMBERS_PER_CUSTOMER = 0.12, 0.03
TARGETS = {"chen.wei": 2_400_000, "liu.yang": 2_100_000, "zhao.jing": 2_600_000, "huang.zhiqiang": 3_000_000,
           "wang.fang": 1_800_000, "emily.carter": 1_500_000}
COMPANY = 15_000_000
TEAMS = {"farhill_east": 6_500_000, "farhill_north": 2_600_000, "farhill_south": 3_000_000}


class Around:
    """Writes what surrounds a sale into `records`."""

    def __init__(self, chance: Chance, records: Records) -> None:
        self._chance, self._records = chance, records

    def make(self) -> None:
        """Everything, in the order in which the records name each other."""
        self._campaigns()
        for title, category, keywords, text in ARTICLES:
            day = self._chance.day()
            self._add("knowledge_article", "wu.lei", day, {
                "title": title, "category": category, "status": "published", "keywords": keywords,
                "reviewed_on": day.isoformat(), "body": text})
        self._tickets()
        self._members()
        self._targets()

    def _campaigns(self) -> None:
        for name, kind, ago, lasts, budget in CAMPAIGNS:
            starts = self._chance.today - timedelta(days=ago)
            ends = starts + timedelta(days=lasts)
            cost = money(round(budget * self._chance.between(85, 108) / 100))
            self._add("campaign", "zhou.min", starts - timedelta(days=20), {
                "name": name, "kind": kind, "status": _status(starts, ends, self._chance.today),
                "starts_on": starts.isoformat(), "ends_on": ends.isoformat(), "budget": money(budget),
                **({"cost": cost} if starts <= self._chance.today else {}),
                "target_leads": self._chance.between(20, 120)})
            self._came_by(starts, max(ends, starts + timedelta(days=30)))

    def _came_by(self, starts: date, ends: date) -> None:
        """Some of the leads of these weeks came by the latest campaign."""
        key = self._records["campaign"][-1].key
        for lead in self._records["lead"]:
            free = starts <= lead.created_at.date() <= ends and "campaign_id" not in lead.links
            if free and self._chance.happens(0.4):
                lead.links["campaign_id"] = ("campaign", key)

    def _tickets(self) -> None:
        customers = [one for one in self._records["customer"] if one.values["status"] == "active"]
        products = self._records["product"]
        for customer in self._some(customers, TICKETS_PER_CUSTOMER * len(self._records["customer"])):
            subject, kind, priority = self._chance.one(TICKETS)
            day = max(self._chance.day(), customer.created_at.date())
            solved = (self._chance.today - day).days > 12 or self._chance.happens(0.4)
            ticket = self._add("ticket", "wu.lei", day, {
                "subject": subject, "kind": kind, "priority": priority,
                "status": "closed" if solved else self._chance.weighted({"new": 3, "in_progress": 5, "waiting": 2}),
                "channel": self._chance.weighted({"phone": 5, "wecom": 3, "email": 2})},
                customer_id=customer, product_id=products[len(self._records["ticket"]) % len(products)])
            ticket.values["due_at"] = wire(ticket, self._chance.between(8, 96))
            if solved:
                ticket.values |= {"first_reply_at": wire(ticket, 1),
                                  "solved_at": wire(ticket, self._chance.between(2, 90)),
                                  "satisfaction": self._chance.between(3, 5)}
                self._survey(ticket, customer, day)

    def _survey(self, ticket: Draft, customer: Draft, day: date) -> None:
        if self._chance.happens(0.45):
            score = int(self._chance.weighted({"10": 30, "9": 28, "8": 18, "7": 10, "6": 6, "4": 5, "2": 3}))
            self._add("survey_response", "wu.lei", day, {
                "survey": "服务回访 Service follow-up", "kind": "nps", "score": score, "answered_at": wire(ticket, 100),
                "wants_contact": score < 7}, customer_id=customer, ticket_id=ticket)

    def _members(self) -> None:
        contacts = self._records["contact"]
        for contact in self._some(contacts, MEMBERS_PER_CUSTOMER * len(self._records["customer"])):
            joined = max(self._chance.day(), contact.created_at.date())
            account = self._add("member_account", contact.owner, joined, {
                "name": contact.values["name"], "phone": contact.values["phone"], "joined_on": joined.isoformat(),
                "tier": self._chance.weighted({"standard": 6, "silver": 3, "gold": 1})},
                contact_id=contact, customer_id=contact.links["customer_id"])
            self._points(account, joined)

    def _points(self, account: Draft, joined: date) -> None:
        balance = 0
        for _ in range(self._chance.between(1, 4)):
            earned = self._chance.between(2, 40) * 50
            balance += earned
            self._entry(account, joined, "earn", earned, "下单积分 Points for an order")
        if self._chance.happens(0.4):
            self._entry(account, joined, "redeem", -(balance // 200) * 100, "兑换礼品 Redeemed for a gift")

    def _entry(self, account: Draft, joined: date, kind: str, points: int, reason: str) -> None:
        day = self._chance.later(joined, 0, max(0, (self._chance.today - joined).days - 4))
        self._add("points_entry", account.owner, day, {
            "reason": reason, "kind": kind, "points": points, "happened_on": day.isoformat()},
            member_account_id=account)

    def _targets(self) -> None:
        """This quarter and the one before: for people and the company by contracts, for teams by payments."""
        for starts, ends in _quarters(self._chance.today):
            title = f"{starts.year} Q{(starts.month + 2) // 3}"
            common = {"period": "quarter", "starts_on": starts.isoformat(), "ends_on": ends.isoformat()}
            self._add("sales_target", "li.mingyuan", starts, {
                **common, "name": title, "level": "company", "basis": "contract", "amount": money(COMPANY)})
            for person, amount in TARGETS.items():
                self._add("sales_target", person, starts, {
                    **common, "name": title, "level": "person", "basis": "contract", "amount": money(amount)},
                    person_id=("user", person))
            for team, amount in TEAMS.items():
                self._add("sales_target", "li.mingyuan", starts, {
                    **common, "name": title, "level": "department", "basis": "payment", "amount": money(amount)},
                    team_id=("department", team))

    def _some(self, drafts: list[Draft], count: float) -> list[Draft]:
        return self._chance.random.sample(drafts, min(len(drafts), max(1, round(count)))) if drafts else []

    def _add(self, name: str, owner: str, day: date, values: dict[str, Any],
             **links: Draft | tuple[str, str]) -> Draft:
        drafts = self._records[name]
        led = {field: (to if isinstance(to, tuple) else (to.key.rsplit("-", 1)[0], to.key))
               for field, to in links.items()}
        draft = Draft(f"{name}-{len(drafts)}", owner, self._chance.moment(day), values, led)
        drafts.append(draft)
        return draft


def _status(starts: date, ends: date, today: date) -> str:
    if starts > today:
        return "planned"
    return "finished" if ends < today else "running"


def wire(draft: Draft, hours: int) -> str:
    """A moment some hours after the draft was made."""
    return (draft.created_at + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quarters(today: date) -> list[tuple[date, date]]:
    month = (today.month - 1) // 3 * 3 + 1
    this = date(today.year, month, 1)
    before = date(today.year - (month == 1), (month + 8) % 12 + 1, 1)
    following = date(today.year + (month == 10), (month + 2) % 12 + 1, 1)
    return [(before, this - timedelta(days=1)), (this, following - timedelta(days=1))]
