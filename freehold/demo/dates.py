"""What is to come with customers: birthdays of their contacts, and when somebody is to call next.

It is drawn from a chance of its own after everything else, so the rest of the company is as it would be without.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from freehold.demo.chance import Chance
from freehold.demo.model import Draft

KNOWN_BIRTHDAYS, PLANNED_CALLS = 0.4, {"A": 0.6, "B": 0.25, "C": 0.05}
YOUNGEST, OLDEST = 24, 58
BACK_DAYS, AHEAD_DAYS = 6, 35


def add_dates(chance: Chance, records: Mapping[str, list[Draft]]) -> None:
    """Add them to the contacts and customers of a company."""
    for contact in records["contact"]:
        if chance.happens(KNOWN_BIRTHDAYS):
            contact.values["birthday"] = _birthday(chance).isoformat()
    for customer in records["customer"]:
        values = customer.values
        if values["status"] in ("potential", "active") and chance.happens(PLANNED_CALLS[values["level"]]):
            day = chance.later(chance.today, -BACK_DAYS, AHEAD_DAYS)
            planned = datetime.combine(day, customer.created_at.timetz())
            values["next_follow_up_at"] = planned.strftime("%Y-%m-%dT%H:%M:%SZ")


def _birthday(chance: Chance) -> date:
    return chance.today - timedelta(days=chance.between(YOUNGEST * 365, OLDEST * 365))
