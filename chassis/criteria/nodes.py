"""The syntax tree of a criterion: three connectives, a clause and a group, all immutable, with typed values.

Values of clauses are what the grammar made of the JSON: `str`, `bool`, `int`, `Decimal`, `date`, aware UTC
`datetime`, `Duration`, or a tuple of those. A `date` as the value of a datetime field means that whole day in
the caller's time zone. `$me` and `$my_department` stay strings until a scope resolves them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
OWNER_DEPARTMENT = "owner.department"
_IDENTIFYING = ("id", "reference", "user", "department", "choice")
_SAME_ON_THE_WIRE = frozenset({*_IDENTIFYING, "boolean", "text", "phone", "email", "auto_number", "region"})


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as it was written: `3d`, `12h`, `2w`, `30m`."""

    amount: int
    unit: str

    @property
    def delta(self) -> timedelta:
        return self.amount * UNITS[self.unit]

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step to related records: along the `reference` to a record of `object`, or, `back`, to the records of
    `object` whose `reference` is this one."""

    object: str
    reference: str
    back: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition over one field; `currency` is set where a money field is compared in its own currency.

    With a `path` the field is that of the record to which the path leads; without such a record it has no value.
    """

    field: str
    kind: str
    op: str
    value: Any = None
    currency: str | None = None
    path: tuple[Step, ...] = ()

    @property
    def inner(self) -> Clause:
        """The same condition as the record at the end of the path is asked."""
        if not self.path:
            return self
        field = self.field.split(".", len(self.path))[-1]
        return Clause(field, self.kind, self.op, self.value, self.currency)

    @property
    def beyond(self) -> Clause:
        """The same condition as the record at the end of the first step is asked."""
        return replace(self, path=self.path[1:], field=self.field.partition(".")[2])

    @property
    def root(self) -> str:
        """The member of a record that holds the value: `budget` for `budget.amount`; of a path its first
        reference.
        """
        return "department_id" if self.field == OWNER_DEPARTMENT else self.field.partition(".")[0]


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is; without parts it is true."""

    parts: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one part is; without parts it is false."""

    parts: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Plain negation."""

    part: Criterion


@dataclass(frozen=True, slots=True)
class Has:
    """True when at least so many records refer to this one and meet the criterion."""

    step: Step
    part: Criterion
    least: int = 1


Criterion = Clause | AllOf | AnyOf | Not | Has


def all_of(*criteria: Criterion) -> Criterion:
    """Combine criteria so that all must hold (a data scope and a person's filter); none gives "always"."""
    parts: list[Criterion] = []
    for criterion in criteria:
        parts.extend(criterion.parts if isinstance(criterion, AllOf) else (criterion,))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def clauses(criterion: Criterion) -> Iterator[Clause]:
    """Every clause, in the order of writing; also those that related records are asked."""
    if isinstance(criterion, Clause):
        yield criterion
    elif isinstance(criterion, Not | Has):
        yield from clauses(criterion.part)
    else:
        for part in criterion.parts:
            yield from clauses(part)


def fields_used(criterion: Criterion) -> frozenset[str]:
    """The members of the record itself that decide: `budget` for `budget.amount`, `department_id` for the owner's."""
    return frozenset(atom.root for atom in atoms(criterion) if isinstance(atom, Clause))


def atoms(criterion: Criterion) -> Iterator[Clause | Has]:
    """Every clause and every group that the record itself is asked, in the order of writing."""
    if isinstance(criterion, Clause | Has):
        yield criterion
    elif isinstance(criterion, Not):
        yield from atoms(criterion.part)
    else:
        for part in criterion.parts:
            yield from atoms(part)


def selective_equality(criterion: Criterion) -> tuple[str, Any] | None:
    """A (record member, wire value) that every matching record has, or None.

    The most identifying one is chosen: links and choices before texts and booleans.
    """
    found = sorted(_required(criterion), key=lambda clause: clause.kind not in _IDENTIFYING)
    if not found:
        return None
    value = found[0].value
    return found[0].root, value[0] if isinstance(value, tuple) else value


def _required(criterion: Criterion) -> Iterator[Clause]:
    if isinstance(criterion, AllOf):
        for part in criterion.parts:
            yield from _required(part)
    elif isinstance(criterion, Clause) and _is_plain_equality(criterion):
        yield criterion


def _is_plain_equality(clause: Clause) -> bool:
    one = clause.op in ("eq", "changed_to") or (clause.op == "in" and len(clause.value) == 1)
    value = clause.value[0] if isinstance(clause.value, tuple) and clause.value else clause.value
    whole = clause.field in (clause.root, OWNER_DEPARTMENT)
    return one and whole and clause.kind in _SAME_ON_THE_WIRE and not str(value).startswith("$")


def to_json(criterion: Criterion) -> dict[str, Any]:
    """The criterion as JSON in normal form; parsing it again gives an equal criterion."""
    if isinstance(criterion, Clause):
        body = {"field": criterion.field, "op": criterion.op}
        return body if criterion.value is None else body | {"value": value_to_json(criterion.value)}
    if isinstance(criterion, Not):
        return {"not": to_json(criterion.part)}
    if isinstance(criterion, Has):
        return _group_to_json(criterion)
    name = "all" if isinstance(criterion, AllOf) else "any"
    return {name: [to_json(part) for part in criterion.parts]}


def _group_to_json(group: Has) -> dict[str, Any]:
    some = {"op": "some"} if group.least == 1 else {"op": "at_least", "value": group.least}
    return {"related": f"{group.step.object}.{group.step.reference}", **some, "where": to_json(group.part)}


def value_to_json(value: Any) -> Any:
    """A clause's value as it is written in JSON."""
    if isinstance(value, tuple):
        return [value_to_json(one) for one in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Duration) else value
