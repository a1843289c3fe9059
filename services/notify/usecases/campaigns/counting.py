"""How many a campaign would reach, and how many it would leave out and why, counted as it would be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chassis.http.problem import Problem
from services.notify.model.mail_links import address_digest
from services.notify.usecases.campaigns.asking import MOST, Refused, ask_slice
from services.notify.usecases.campaigns.managing import audience_refused
from services.notify.usecases.mails.composing import CustomerAway
from services.notify.usecases.mails.leaving import secret_of

if TYPE_CHECKING:
    from chassis.service import Service

_MOST_SLICES = 100


def count_recipients(service: Service, row: Mapping[str, Any], person: str, purpose: str) -> dict[str, Any]:
    """Count slice by slice, to a bound; raises 403, 422 and 503."""
    counts: Counter[str] = Counter()
    told: set[str] = set()
    after: str | None = None
    secret = secret_of(service)
    for _ in range(_MOST_SLICES):
        try:
            found = ask_slice(service, row, person, purpose, after=after, limit=MOST)
        except CustomerAway:
            raise Problem(503, "unavailable", headers={"Retry-After": "2"}) from None
        except Refused as refused:
            raise audience_refused(refused) from None
        for one in found.items:
            digest = address_digest(one.address, secret) if one.reason is None else ""
            counts[one.reason or ("same_address" if digest in told else "reached")] += 1
            told.add(digest)
        after = found.next
        if after is None:
            break
    reached = counts.pop("reached", 0)
    return {"recipients": reached, "left_out": dict(counts), "exact": after is None}
