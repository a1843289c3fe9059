"""Campaigns: one text to many, at a pace, in states that people move.

draft → scheduled → sending → finished; sending ⇄ paused; all but a draft and what has ended can be cancelled. A draft
can be changed and deleted, nothing else can.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

DRAFT, SCHEDULED, SENDING, PAUSED, FINISHED, CANCELLED = (
    "draft", "scheduled", "sending", "paused", "finished", "cancelled")
PERSON_GONE = "person_gone"  # a problem: who ran it has left
STATES = (DRAFT, SCHEDULED, SENDING, PAUSED, FINISHED, CANCELLED)
FROM: Mapping[str, tuple[str, ...]] = {  # what may be done in which states
    "start": (DRAFT,), "recall": (SCHEDULED,), "pause": (SENDING,), "resume": (PAUSED,),
    "cancel": (SCHEDULED, SENDING, PAUSED), "change": (DRAFT,), "delete": (DRAFT,)}
SLOWEST, FASTEST = 1, 6000  # messages a minute
MOST_WAITING = 500  # of one campaign in the queue of messages, so that it is never long
TURNS_AHEAD = 2  # so few that were never tried wait, and go out at once when the sending was held up
_TURN = timedelta(seconds=5)

REASONS = ("no_address", "bad_address", "no_consent", "withdrawn", "opted_out", "undeliverable", "same_address",
           "not_visible")


def turn_of(per_minute: int) -> tuple[int, timedelta]:
    """How many recipients are taken in one turn, and how long a turn lasts, so that the pace is never exceeded."""
    take = max(int(per_minute * _TURN.total_seconds() / 60), 1)
    return take, max(_TURN, timedelta(seconds=60 * take / per_minute))


def reason_against(recipient: Mapping[str, Any]) -> str | None:
    """Why a record gets nothing, as far as the customer service knows; None for who may be written to."""
    if recipient["hidden"]:
        return "not_visible"
    if not recipient["address"]:
        return "no_address"
    if recipient["granted"] is None:
        return "no_consent"
    return None if recipient["granted"] else "withdrawn"
