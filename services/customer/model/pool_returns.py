"""Rules by which records go back to their pool by themselves: nobody followed up, or nothing came of it, for so long.

The days are counted from when the owner got the record, or from a later moment that a field says ("last followed up").
Records that meet `unless` stay. Before a record goes, its owner is warned; and after a rule is switched on nothing goes
before everybody could have been warned.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.clock import from_wire, to_wire, utcnow
from chassis.ids import is_id, new_id
from services.customer.model.faults import Fault, pointer_to, unknown_members

MAX_RULES, MOST_DAYS = 5, 3_650
MEMBERS = ("id", "field", "days", "unless", "warn_days", "all_owned", "active", "since")


@dataclass(frozen=True)
class ReturnRule:
    """One rule of a pool; `since` is when it was switched on."""

    id: str
    days: int
    field: str | None = None  # a moment that puts the end off; None: only the day counts when the owner got it
    unless: Mapping[str, Any] | None = None
    warn_days: int = 0
    all_owned: bool = False  # also records that came from no pool, when they meet the criteria of this one
    active: bool = False
    since: str | None = None

    def cutoff(self, now: datetime, ahead: int = 0) -> datetime:
        """What a record's last moment must lie before so that it goes `ahead` days from now."""
        return now - timedelta(days=self.days - ahead)

    def bites(self, now: datetime) -> bool:
        """Whether records go by now: everybody had the time of the warning."""
        return self.active and self.since is not None and from_wire(self.since) + timedelta(days=self.warn_days) <= now

    def to_wire(self) -> dict[str, Any]:
        """The rule as it is kept and shown."""
        return {name: getattr(self, name) for name in MEMBERS}


def rule_of(body: Mapping[str, Any]) -> ReturnRule:
    """The rule that was kept."""
    return ReturnRule(**body)


def read_rules(given: Any, before: Sequence[Mapping[str, Any]], moments: Collection[str],
               faults: list[Fault]) -> tuple[Mapping[str, Any], ...]:
    """The rules of a request; one that was active already keeps since when."""
    if given in (None, [], ()):
        return ()
    if not isinstance(given, list | tuple) or len(given) > MAX_RULES:
        faults.append(Fault("/returns", "bad_list", {"max": MAX_RULES}))
        return ()
    known = {one["id"]: one for one in before}
    found = []
    for place, one in enumerate(given):
        at, wrong = pointer_to("returns", place), []
        rule = read_rule(one, moments, wrong)
        faults += [fault.below(at) for fault in wrong]
        old = known.get(rule.id)
        since = (old["since"] if old and old["active"] else to_wire(utcnow())) if rule.active else None
        found.append(rule.to_wire() | {"since": since})
    return tuple(found)


def read_rule(given: Any, moments: Collection[str], faults: list[Fault]) -> ReturnRule:
    """One rule; its criteria are checked elsewhere."""
    if not isinstance(given, dict):
        faults.append(Fault("", "not_an_object"))
        return ReturnRule(new_id(), 1)
    faults += unknown_members(given, MEMBERS)
    days, warn = given.get("days"), given.get("warn_days") or 0
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        faults.append(Fault("/days", "bad_whole", {"min": 1, "max": MOST_DAYS}))
        days = 1
    elif type(warn) is not int or not 0 <= warn < days:
        faults.append(Fault("/warn_days", "bad_whole", {"min": 0, "max": days - 1}))
        warn = 0
    field, unless = given.get("field"), given.get("unless")
    if field is not None and (not isinstance(field, str) or field not in moments):
        faults.append(Fault("/field", "not_a_moment_there", {"field": str(field)[:100]}))
    if unless is not None and not isinstance(unless, dict):
        faults.append(Fault("/unless", "not_an_object"))
    faults += [Fault(f"/{name}", "not_boolean") for name in ("all_owned", "active")
               if not isinstance(given.get(name, False), bool)]
    id = given["id"] if is_id(given.get("id")) else new_id()
    return ReturnRule(id, days, field, unless, warn, given.get("all_owned") is True, given.get("active") is True)
