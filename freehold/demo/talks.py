"""Follow-ups: what was said, when, and what comes next. A record's last and next follow-up are set from them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from freehold.demo import words
from freehold.demo.chance import Chance
from freehold.demo.funnels import CHANNELS_BY_STAGE, TALKS_BY_STAGE, TALKS_BY_STATUS
from freehold.demo.model import Draft
from freehold.demo.names import Firm

STAGES = tuple(CHANNELS_BY_STAGE)
Links = dict[str, tuple[str, str]]


class Talks:
    """Writes follow-ups into `drafts`."""

    def __init__(self, chance: Chance, drafts: list[Draft]) -> None:
        self._chance, self._drafts = chance, drafts

    def about_deal(self, deal: Draft, customer: Draft, firm: Firm, contact: str, product: str, since: date) -> None:
        """The talks that brought a deal to its stage; those of a closed deal end before it was closed."""
        closed = deal.values.get("closed_on")
        end = date.fromisoformat(closed) if closed else self._chance.today - timedelta(days=1)
        stage = deal.values["stage"]
        links = {"customer_id": ("customer", customer.key), "contact_id": ("contact", contact),
                 "opportunity_id": ("opportunity", deal.key)}
        count = self._chance.between(*TALKS_BY_STAGE[stage])
        reached = STAGES.index(stage) if stage in STAGES else len(STAGES) - 1
        for number, day in enumerate(self._days(since, end, count)):
            step = STAGES[min(reached, number * (reached + 1) // count)]
            channel = self._chance.weighted(CHANNELS_BY_STAGE[step])
            last = number == count - 1 and not closed
            moment = self._write(deal.owner, day, channel, firm, product, links, last)
            _followed(deal, moment)
            _followed(customer, moment)
        if not closed:
            self._plan(deal)

    def about_lead(self, lead: Draft, firm: Firm, status: str) -> None:
        """The talks with a lead; a new one has none."""
        low, high = TALKS_BY_STATUS.get(status, (0, 0))
        count = self._chance.between(low, high)
        since = lead.created_at.date()
        product = self._chance.one(words.ENGLISH_PRODUCTS if firm.foreign else words.PRODUCTS)
        end = min(since + timedelta(days=60), self._chance.today - timedelta(days=1))
        for number, day in enumerate(self._days(since, end, count)):
            channel = self._chance.weighted(CHANNELS_BY_STAGE[STAGES[min(number, 1)]])
            last = number == count - 1 and status in ("working", "qualified")
            _followed(lead, self._write(lead.owner, day, channel, firm, product, {"lead_id": ("lead", lead.key)}, last,
                                        declined=status == "unqualified" and number == count - 1))
        if status in ("working", "qualified"):
            self._plan(lead)

    def care(self, customer: Draft, firm: Firm, contact: str) -> None:
        """One or two talks without a deal."""
        links = {"customer_id": ("customer", customer.key), "contact_id": ("contact", contact)}
        since, product = customer.created_at.date(), ""
        for day in self._days(since, self._chance.today - timedelta(days=1), self._chance.between(1, 2)):
            _followed(customer, self._write(customer.owner, day, "other", firm, product, links))

    def _days(self, start: date, end: date, count: int) -> list[date]:
        span = max((end - start).days, 0)
        return sorted(min(self._chance.later(start, 0, span), max(end, start)) for _ in range(count))

    def _write(self, owner: str, day: date, channel: str, firm: Firm, product: str, links: Links, last: bool = False,
               declined: bool = False) -> datetime:
        chance = self._chance
        talks = words.ENGLISH_TALKS if firm.foreign else words.TALKS
        subjects = words.ENGLISH_SUBJECTS if firm.foreign else words.SUBJECTS
        moment = chance.moment(day)
        values: dict[str, Any] = {
            "subject": f"{subjects[channel]} · {firm.short_name}", "channel": channel, "happened_at": _wire(moment),
            "content": chance.one(talks[channel]).format(product=product),
            "outcome": "declined" if declined else chance.weighted({"progress": 62, "waiting": 26, "no_answer": 12})}
        if last:
            values["next_step"] = chance.one(words.ENGLISH_NEXT_STEPS if firm.foreign else words.NEXT_STEPS)
            values["next_step_at"] = _wire(moment + timedelta(days=chance.between(3, 21)))
        self._drafts.append(Draft(f"activity-{len(self._drafts)}", owner, moment, values, links))
        return moment

    def _plan(self, draft: Draft) -> None:
        """Most open records have a next date, some of them already overdue."""
        if self._chance.happens(0.7):
            day = self._chance.later(self._chance.today, -12, 30)
            draft.values["next_follow_up_at"] = _wire(datetime.combine(day, draft.created_at.timetz()))


def _followed(draft: Draft, moment: datetime) -> None:
    draft.values["last_follow_up_at"] = max(draft.values.get("last_follow_up_at", ""), _wire(moment))


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
