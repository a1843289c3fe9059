"""Whom a campaign reaches: slices of recipients asked of the customer service in the name of who runs it.

The count before the start and the run itself judge by this one code, so they agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chassis.clock import from_wire
from services.notify.model.campaigns import reason_against
from services.notify.usecases.mails.bouncing import undeliverable
from services.notify.usecases.mails.composing import CustomerAway, Unsendable, checked_address
from services.notify.usecases.mails.leaving import who_left

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 1000


class Refused(Exception):
    """The customer service does not let this person ask so; `status` and `body` are its answer."""

    def __init__(self, status: int, body: Any) -> None:
        code = body.get("code") if isinstance(body, Mapping) else None
        super().__init__(f"{status} {code or ''}".strip())
        self.status, self.code = status, str(code or status)


@dataclass(frozen=True)
class Judged:
    """A record, its address, and why it gets nothing; None for who is written to."""

    id: str
    address: str
    reason: str | None


@dataclass(frozen=True)
class Slice:
    """Some records in the order of their ids; `next` is None at the end."""

    items: Sequence[Judged]
    next: str | None


def ask_slice(service: Service, campaign: Mapping[str, Any], person: str, purpose: str, *, after: str | None,
              limit: int) -> Slice:
    """Ask for a slice and judge it; raises CustomerAway and Refused."""
    answer = service.calls.request("customer", "POST", "/v1/recipients", json={
        "person": person, "object": campaign["object"], "field": campaign["field"], "purpose": purpose,
        "after": after, "limit": min(limit, MOST), **campaign["audience"]})
    if answer.status in (403, 404, 409, 422):
        raise Refused(answer.status, answer.json)
    if answer.status != 200:
        raise CustomerAway(f"{answer.status}")
    items = answer.json["items"]
    agreed = {one["id"]: (one["address"], from_wire(one["agreed_at"])) for one in items
              if one["address"] and one["granted"]}
    left = who_left(service, agreed, purpose)
    failed = undeliverable(service, [address for address, _ in agreed.values()])
    return Slice([_judged(one, left, failed) for one in items], answer.json["next"])


def _judged(one: Mapping[str, Any], left: frozenset[str], failed: frozenset[str]) -> Judged:
    address = str(one["address"] or "")
    reason = reason_against(one) or _wrong(address) or ("opted_out" if one["id"] in left else None) or (
        "undeliverable" if address in failed else None)
    return Judged(one["id"], address, reason)


def _wrong(address: str) -> str | None:
    try:
        checked_address(address)
    except Unsendable as problem:
        return problem.code
    return None
