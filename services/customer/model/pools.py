"""Public pools (公海): records of an object that nobody owns, for the people of the pool to claim.

An object with pools has two fields that the system keeps: `pool_id`, the pool that a record belongs to, and
`owner_since`, when its owner got it. A record of a pool without an owner lies in the pool; its members see it there and
may claim it, its managers may assign it to somebody and move it to another pool. Who claims it owns it, and it still
belongs to the pool: that is what limits count, and where it goes back to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from chassis.criteria import CriteriaError, Criterion, Field, parse
from services.customer.model.faults import BadValueError, Fault, InvalidError, pointer_to
from services.customer.model.labels import check_label
from services.customer.model.names import OWNER_SINCE, POOL
from services.customer.model.options import choice_list
from services.customer.model.pool_returns import ReturnRule, read_rules, rule_of
from services.customer.model.sharing import MAX_GRANTEES, READ, SharingRule, read_grantee

MAX_POOLS, MAX_REASONS, MAX_MASKED = 50, 50, 30
MOST_HELD, MOST_CLAIMS, MOST_DAYS = 100_000, 10_000, 3_650
MASKABLE = frozenset({"text", "long_text", "phone", "email", "url"})
EVERYTHING = {"all": []}
MEMBERS = ("name", "active", "members", "managers", "criteria", "takes_new", "max_held", "max_claims_per_day",
           "former_owner_days", "owners_return", "reasons", "reason_required", "masked", "returns")
_LISTS = ("members", "managers", "reasons", "masked", "returns")
_LIMITS = {"max_held": MOST_HELD, "max_claims_per_day": MOST_CLAIMS}
_FLAGS = {"active": True, "takes_new": False, "owners_return": True, "reason_required": False}


@dataclass(frozen=True)
class Pool:
    """One pool and its rules; `max_held` and `max_claims_per_day` are None for no limit."""

    id: str
    version: int
    object: str
    name: Mapping[str, str]
    members: tuple[str, ...]  # grantees who see and claim
    managers: tuple[str, ...] = ()  # grantees who assign, move and take back
    active: bool = True
    criteria: Mapping[str, Any] | None = None  # which records may come here; None: all
    takes_new: bool = False  # new records without an owner that meet the criteria come here
    max_held: int | None = None
    max_claims_per_day: int | None = None
    former_owner_days: int = 0  # so long whoever had a record before may not claim it
    owners_return: bool = True  # an owner may return his records; else only managers may
    reasons: tuple[Mapping[str, Any], ...] = ()
    reason_required: bool = False
    masked: tuple[str, ...] = ()  # fields that members see masked until they claim
    returns: tuple[Mapping[str, Any], ...] = ()  # rules by which records come back, see model.pool_returns

    @cached_property
    def inside(self) -> Mapping[str, Any]:
        """The criteria of records that lie in the pool."""
        return {"all": [{"field": POOL, "op": "eq", "value": self.id}, {"field": "owner_id", "op": "is_empty"}]}

    def criterion(self, fields: Mapping[str, Field]) -> Criterion | None:
        """Which records may come here; None when the object no longer has what the criteria speak of."""
        try:
            return parse(self.criteria or EVERYTHING, fields)
        except CriteriaError:
            return None

    @cached_property
    def return_rules(self) -> tuple[ReturnRule, ...]:
        """The rules by which records come back by themselves, while the pool is active."""
        return tuple(map(rule_of, self.returns)) if self.active else ()

    def has(self, grantees: Collection[str]) -> bool:
        """Whether one of them is a member."""
        return not set(self.members).isdisjoint(grantees)

    def is_led_by(self, grantees: Collection[str]) -> bool:
        """Whether one of them is a manager."""
        return not set(self.managers).isdisjoint(grantees)

    def rules(self, ids: tuple[str, str]) -> tuple[SharingRule, SharingRule]:
        """How members and managers see what lies in the pool; managers see it without masks."""
        shared = SharingRule(ids[0], self.version, self.object, self.name, self.inside, self.members, READ,
                             self.active, self.id, self.masked)
        return shared, replace(shared, id=ids[1], grantees=self.managers, masked=(),
                               active=self.active and bool(self.managers))

    def body(self) -> dict[str, Any]:
        """What is kept of the pool beside its id, version and object."""
        return {**{name: getattr(self, name) for name in MEMBERS}, "name": dict(self.name),
                **{name: list(getattr(self, name)) for name in _LISTS}}

    def to_wire(self) -> dict[str, Any]:
        """The pool as the API shows it to who manages it."""
        return {"id": self.id, "version": self.version, "object": self.object, **self.body()}


def pool_of(id: str, version: int, object: str, body: Mapping[str, Any]) -> Pool:
    """The pool that was kept."""
    lists = {name: tuple(body.get(name, ())) for name in _LISTS}
    return Pool(id, version, object, **{**body, **lists})


def read_pool(before: Pool, given: Mapping[str, Any], maskable: Collection[str], moments: Collection[str]) -> Pool:
    """The pool with some members replaced, or InvalidError with every fault; the criteria are checked elsewhere."""
    faults: list[Fault] = []
    wanted = {**before.body(), **given}
    made = replace(
        before, name=_label(wanted["name"], faults), criteria=_criteria(wanted["criteria"], faults),
        members=_grantees(wanted["members"], "members", 1, faults),
        managers=_grantees(wanted["managers"], "managers", 0, faults),
        reasons=_reasons(wanted["reasons"], faults), masked=_masked(wanted["masked"], maskable, faults),
        returns=read_rules(wanted["returns"], before.returns, moments, faults),
        former_owner_days=_whole(wanted["former_owner_days"] or 0, "former_owner_days", 0, MOST_DAYS, faults) or 0,
        **{name: _whole(wanted[name], name, 1, most, faults) for name, most in _LIMITS.items()},
        **{name: _flag(wanted[name], name, usual, faults) for name, usual in _FLAGS.items()})
    if made.reason_required and not made.reasons:
        faults.append(Fault("/reasons", "pool_reasons_missing"))
    if faults:
        raise InvalidError(faults)
    return made


def managed_fields(choices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields that an object with these pools needs."""
    return [{"name": POOL, "type": "choice", "label": {"en": "Public pool", "zh-CN": "公海"}, "indexed": True,
             "options": {"choices": choices, "managed": True}},
            {"name": OWNER_SINCE, "type": "datetime", "label": {"en": "Owned since", "zh-CN": "归属时间"},
             "options": {"managed": True}}]


def _label(value: Any, faults: list[Fault]) -> dict[str, str]:
    try:
        return check_label(value)
    except BadValueError as problem:
        faults.append(Fault("/name", problem.code, problem.params))
        return {}


def _criteria(value: Any, faults: list[Fault]) -> Mapping[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        faults.append(Fault("/criteria", "not_an_object"))
        return None
    return value


def _grantees(value: Any, name: str, least: int, faults: list[Fault]) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not least <= len(value) <= MAX_GRANTEES:
        faults.append(Fault(f"/{name}", "bad_grantees", {"max": MAX_GRANTEES}))
        return ()
    found = []
    for place, one in enumerate(value):
        try:
            found.append(read_grantee(one))
        except BadValueError as problem:
            faults.append(Fault(pointer_to(name, place), problem.code, problem.params))
    return tuple(dict.fromkeys(found))


def _reasons(value: Any, faults: list[Fault]) -> tuple[Mapping[str, Any], ...]:
    if value in (None, [], ()):
        return ()
    try:
        if not isinstance(value, list) or len(value) > MAX_REASONS:
            raise BadValueError("bad_choices", max=MAX_REASONS)
        return tuple(choice_list(value))
    except BadValueError as problem:
        faults.append(Fault("/reasons", problem.code, problem.params))
    except InvalidError as invalid:
        faults.extend(fault.below("/reasons") for fault in invalid.faults)
    return ()


def _masked(value: Any, maskable: Collection[str], faults: list[Fault]) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or len(value) > MAX_MASKED:
        faults.append(Fault("/masked", "bad_list", {"max": MAX_MASKED}))
        return ()
    faults += [Fault(pointer_to("masked", place), "pool_not_maskable", {"field": str(name)[:100]})
               for place, name in enumerate(value) if not isinstance(name, str) or name not in maskable]
    return tuple(dict.fromkeys(one for one in value if isinstance(one, str)))


def _whole(value: Any, name: str, least: int, most: int, faults: list[Fault]) -> int | None:
    if value is not None and (type(value) is not int or not least <= value <= most):
        faults.append(Fault(f"/{name}", "bad_whole", {"min": least, "max": most}))
        return None
    return value


def _flag(value: Any, name: str, usual: bool, faults: list[Fault]) -> bool:
    if value is not None and not isinstance(value, bool):
        faults.append(Fault(f"/{name}", "not_boolean"))
    return usual if value is None else bool(value)
