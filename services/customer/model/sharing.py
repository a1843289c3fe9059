"""What lets somebody see a record beside his data scopes: rules over values, shares of single records, and references
that are followed ("the contacts of the customers that I see").

A share or a rule is given to a grantee: a user, a role, a department, or a department with all below it, written
`user:<id>`. It has a level: who has `write` may also change the record, but neither delete it nor give it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import GRANTEES
from chassis.criteria import CriteriaError, Criterion, Field, parse
from chassis.ids import is_id
from services.customer.model.faults import BadValueError

if TYPE_CHECKING:
    from services.customer.model.objects import ObjectDef
    from services.customer.model.pools import Pool

READ, WRITE = "read", "write"
LEVELS = (READ, WRITE)
REASONS = ("all", "own", "department", "department_and_below", "rule", "share", "team", "follow")
FOLLOWED_LEVELS = 4  # so far a chain of references is followed
MAX_RULES, MAX_GRANTEES = 100, 50


@dataclass(frozen=True)
class SharingRule:
    """Records of an object that meet the criteria are shared with the grantees."""

    id: str
    version: int
    object: str
    name: Mapping[str, str]
    criteria: Mapping[str, Any]
    grantees: tuple[str, ...]
    level: str
    active: bool = True
    pool_id: str | None = None  # the rule lets people into a pool and follows what the pool says
    masked: tuple[str, ...] = ()  # fields that are masked in records that are seen by this rule alone

    def criterion(self, fields: Mapping[str, Field]) -> Criterion | None:
        """What its records meet; None when the object no longer has what it speaks of: then it shares nothing."""
        try:
            return parse(self.criteria, fields)
        except CriteriaError:
            return None

    def to_wire(self) -> dict[str, Any]:
        """The rule as the API and events carry it."""
        return {"id": self.id, "version": self.version, "object": self.object, "name": dict(self.name),
                "criteria": self.criteria, "grantees": list(self.grantees), "level": self.level,
                "active": self.active,
                **({"pool_id": self.pool_id, "masked": list(self.masked)} if self.pool_id else {})}


@dataclass(frozen=True)
class Follow:
    """A reference whose record is visible to whoever sees the record that it points at."""

    field: str
    target: str
    level: str


@dataclass(frozen=True)
class Sharing:
    """All of it for one object; `key` tells when any of it changes, also in the objects that it follows."""

    rules: tuple[SharingRule, ...] = ()
    shared: bool = False  # whether any of its records was ever shared by itself
    follows: tuple[Follow, ...] = ()
    pools: tuple[Pool, ...] = ()
    key: Any = ()
    find: Callable[[str], Any] = field(default=lambda _: None, compare=False, repr=False)


NOT_SHARED = Sharing()


def read_grantee(value: Any) -> str:
    """A canonical grantee, or BadValueError."""
    kind, _, id = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind not in GRANTEES or not is_id(id):
        raise BadValueError("bad_grantee")
    return f"{kind}:{id}"


def sharing_of(definitions: Mapping[str, ObjectDef], rules: Iterable[SharingRule], shared: Iterable[str],
               find: Callable[[str], Any], pools: Mapping[str, tuple[Pool, ...]]) -> dict[str, Sharing]:
    """Object → what is shared of it, for every object."""
    of_object: dict[str, list[SharingRule]] = {}
    for rule in rules:
        if rule.active:
            of_object.setdefault(rule.object, []).append(rule)
    touched = set(shared)
    bare = {name: Sharing(tuple(of_object.get(name, ())), name in touched, _follows(definition, definitions),
                          pools.get(name, ()))
            for name, definition in definitions.items()}
    return {name: replace(one, key=_key(name, definitions, bare, FOLLOWED_LEVELS), find=find)
            for name, one in bare.items()}


def _follows(definition: ObjectDef, definitions: Mapping[str, ObjectDef]) -> tuple[Follow, ...]:
    return tuple(Follow(field.name, field.target, field.options["follow"]) for field in definition.ready.values()
                 if field.type == "reference" and field.options.get("follow") in LEVELS
                 and field.target in definitions)


def _key(name: str, definitions: Mapping[str, ObjectDef], bare: Mapping[str, Sharing], levels: int) -> Any:
    own = bare[name]
    followed = tuple((one, definitions[one.target].version, _key(one.target, definitions, bare, levels - 1))
                     for one in own.follows) if levels else ()
    versions = tuple((one.id, one.version) for one in (*own.rules, *own.pools))
    return versions, own.shared, followed
