"""How far leads and deals have come, by their age: younger ones stand at the front of the funnel.

Read each row as the shares of a hundred records of that age. All rows together give a funnel that narrows from stage
to stage, which a test holds.
"""

from __future__ import annotations

from collections.abc import Mapping

Shares = Mapping[str, float]

_LEADS: tuple[tuple[int, Shares], ...] = (
    (30, {"new": 58, "working": 28, "qualified": 9, "unqualified": 5}),
    (90, {"new": 44, "working": 30, "qualified": 16, "unqualified": 10}),
    (10_000, {"new": 34, "working": 28, "qualified": 22, "unqualified": 16}),
)
_DEALS: tuple[tuple[int, Shares], ...] = (
    (30, {"first_contact": 62, "needs": 27, "proposal": 9, "negotiation": 2}),
    (90, {"first_contact": 36, "needs": 27, "proposal": 18, "negotiation": 10, "won": 4, "lost": 5}),
    (180, {"first_contact": 25, "needs": 22, "proposal": 18, "negotiation": 15, "won": 11, "lost": 9}),
    (10_000, {"first_contact": 22, "needs": 20, "proposal": 18, "negotiation": 16, "won": 13, "lost": 11}),
)
TALKS_BY_STAGE = {"first_contact": (1, 2), "needs": (1, 3), "proposal": (2, 4), "negotiation": (3, 6), "won": (3, 7),
                  "lost": (2, 4)}
TALKS_BY_STATUS = {"working": (1, 2), "qualified": (1, 3), "unqualified": (1, 2), "converted": (1, 2)}
CHANNELS_BY_STAGE: Mapping[str, Shares] = {
    "first_contact": {"phone": 40, "wecom": 25, "exhibition": 20, "email": 15},
    "needs": {"visit": 40, "phone": 35, "wecom": 25},
    "proposal": {"demo": 40, "meeting": 25, "email": 35},
    "negotiation": {"meeting": 50, "email": 25, "phone": 25}}
PROBABILITIES = {"first_contact": "10", "needs": "30", "proposal": "50", "negotiation": "70", "won": "100", "lost": "0"}
LOST_REASONS: Shares = {"price": 38, "competitor": 22, "budget": 18, "no_need": 10, "timing": 8, "other": 4}


def lead_shares(age_days: int) -> Shares:
    """The shares of states among leads of this age that were not converted."""
    return _row(_LEADS, age_days)


def deal_shares(age_days: int) -> Shares:
    """The shares of stages among deals of this age."""
    return _row(_DEALS, age_days)


def _row(table: tuple[tuple[int, Shares], ...], age_days: int) -> Shares:
    return next(shares for limit, shares in table if age_days < limit)
