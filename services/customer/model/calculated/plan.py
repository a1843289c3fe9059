"""What is calculated from what: made anew whenever a definition has changed, from all definitions together.

For every object the plan says

- `formulas`, in the order in which they are worked out (one may use another),
- `hops`: the references to be followed before that, for `customer.level`,
- `rollups`: what it sums up of other objects, of records that refer to it or match by fields,
- `watchers`: records of which objects must be looked at again when a record of this one changes, and along which path,
- `feeds`: the roll-ups of other objects that its records count for.

The plan never fails: a field that cannot be worked out any more has no value. Whoever changes a definition asks
`problems_of` first, which names what is wrong, and the circle when there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.formulas import Formula, FormulaError, Result, Schema, Type, compile_formula, field_type
from chassis.formulas.functions.working import NAMES as WORKING
from services.customer.model.calculated.problems import BadRollup, Problem
from services.customer.model.calculated.rollups import SYSTEM_TYPES, Rollup, read_rollup
from services.customer.model.fields import FieldDef
from services.customer.model.objects import ObjectDef

_UNREADABLE = ("version", "updated_at", "updated_by")  # every calculation would change them again
NO_CLOCK = {"NOW": {"en": "the value of a field changes once a day; use TODAY().",
                    "zh-CN": "字段的值每天更新一次，请使用 TODAY()。"}}
Key = tuple[str, str]


@dataclass(frozen=True)
class Hop:
    """One reference on a path: the records that `field` of those at `base` leads to stand at `prefix`."""

    prefix: str
    base: str
    field: str
    target: str


@dataclass(frozen=True)
class Watcher:
    """Records of `object` that reach this one along `path` are calculated anew when one of `fields` changes."""

    object: str
    path: tuple[str, ...]
    fields: frozenset[str]


def daily(formula: Formula) -> bool:
    """Whether values change from day to day. Those in working time do not: they change with the calendars."""
    return not formula.volatile <= WORKING


@dataclass(frozen=True)
class ObjectPlan:
    """Everything about the records of one object; see above. `inputs` are the fields behind each calculated field."""

    formulas: tuple[tuple[str, Formula], ...] = ()
    hops: tuple[Hop, ...] = ()
    rollups: tuple[Rollup, ...] = ()
    watchers: tuple[Watcher, ...] = ()
    feeds: tuple[Rollup, ...] = ()
    inputs: Mapping[str, frozenset[Key]] = field(default_factory=dict)
    key: Any = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is calculated, here or elsewhere, from records of this object."""
        return not (self.formulas or self.rollups or self.watchers or self.feeds)

    @property
    def volatile(self) -> bool:
        """Whether values change by themselves, from day to day."""
        return any(daily(formula) for _, formula in self.formulas)

    @property
    def works(self) -> bool:
        """Whether values change when working calendars do."""
        return any(formula.volatile & WORKING for _, formula in self.formulas)

    @property
    def looks_below(self) -> bool:
        """Whether values change when departments move."""
        return any(rollup.match is not None and rollup.match.looks_below for rollup in self.rollups)


NOTHING = ObjectPlan()


def build(definitions: Mapping[str, ObjectDef]) -> dict[str, ObjectPlan]:
    """The plans of all objects; only of those where something is calculated."""
    return _Builder(definitions).plans()


def problems_of(definitions: Mapping[str, ObjectDef]) -> list[Problem]:
    """What is wrong with calculated fields, each with its object and field; empty when all is well."""
    builder = _Builder(definitions)
    builder.plans()
    return builder.problems


def types_of(definition: ObjectDef) -> dict[str, Type]:
    """The fields of an object as formulas see them."""
    own = {one.name: field_type(one.value_type, one.options) for one in definition.ready.values()}
    system = {name: field_type(kind, {}) for name, kind in SYSTEM_TYPES.items() if name not in _UNREADABLE}
    return {name: found for name, found in (system | own).items() if found is not None}


def schema_of(definitions: Mapping[str, ObjectDef], object_name: str) -> Schema:
    """What formulas about records of an object may speak of."""
    return Schema(types_of(definitions[object_name]),
                  lambda target: types_of(definitions[target]) if target in definitions else None, refused=NO_CLOCK)


def result_of(one: FieldDef) -> Result:
    """What the values of a formula become."""
    return Result(one.value_type, one.options)


class _Builder:
    def __init__(self, definitions: Mapping[str, ObjectDef]) -> None:
        self._definitions = definitions
        self.problems: list[Problem] = []
        self._formulas: dict[Key, Formula] = {}
        self._rollups: dict[Key, Rollup] = {}
        self._types: dict[str, dict[str, Type]] = {}

    def plans(self) -> dict[str, ObjectPlan]:
        calculated = [(definition, one) for definition in self._definitions.values()
                      for one in definition.ready.values() if one.is_calculated]
        if not calculated:
            return {}
        for definition, one in calculated:
            self._read(definition, one)
        order = self._ordered()
        key = tuple((definition.name, definition.version) for definition in self._definitions.values())
        return {name: plan for name in self._definitions if not (plan := self._plan(name, order, key)).is_empty}

    def _read(self, definition: ObjectDef, one: FieldDef) -> None:
        try:
            if one.type == "formula":
                schema = Schema(self._types_of(definition.name), self._follow, refused=NO_CLOCK)
                self._formulas[definition.name, one.name] = compile_formula(
                    one.options["expression"], schema, result_of(one))
            else:
                self._rollups[definition.name, one.name] = read_rollup(self._definitions, definition, one)
        except FormulaError as error:
            self.problems.append(Problem(definition.name, one.name, "/options/expression", formula=error,
                                         source=one.options["expression"]))
        except BadRollup as error:
            self.problems.append(Problem(definition.name, one.name, error.pointer, error.code, error.params))

    def _types_of(self, name: str) -> dict[str, Type]:
        if name not in self._types:
            self._types[name] = types_of(self._definitions[name])
        return self._types[name]

    def _follow(self, target: str) -> Mapping[str, Type] | None:
        return self._types_of(target) if target in self._definitions else None

    # -- order and circles ------------------------------------------------------------------------

    def _needs(self, key: Key) -> set[Key]:
        """The calculated fields that one depends on directly."""
        found = {self._end(key[0], path) for path in self._formulas[key].reads} if key in self._formulas else set()
        if key in self._rollups:
            found = set(self._rollups[key].inputs)
        return {one for one in found if one in self._formulas or one in self._rollups}

    def _end(self, object_name: str, path: tuple[str, ...]) -> Key:
        """The object and field that a path ends at."""
        for step in path[:-1]:
            object_name = str(self._definitions[object_name].ready[step].target)
        return object_name, path[-1]

    def _ordered(self) -> list[Key]:
        """Every calculated field behind those that it needs; what is part of a circle is a problem and left out."""
        order: list[Key] = []
        states: dict[Key, bool] = {}
        for key in sorted([*self._formulas, *self._rollups]):
            self._visit(key, states, order)
        return order

    def _visit(self, start: Key, states: dict[Key, bool], order: list[Key]) -> None:
        """Walk depth first without recursion: chains may be long."""
        if start in states:
            return
        path, waiting = [start], [sorted(self._needs(start))]
        states[start] = False
        while path:
            if waiting[-1]:
                key = waiting[-1].pop()
                if key not in states:
                    states[key] = False
                    path.append(key)
                    waiting.append(sorted(self._needs(key)))
                elif not states[key]:
                    self._circle(path[path.index(key):])
                continue
            waiting.pop()
            states[path[-1]] = True
            order.append(path.pop())

    def _circle(self, keys: list[Key]) -> None:
        names = " → ".join(f"{object_name}.{name}" for object_name, name in [*keys, keys[0]])
        for object_name, name in keys:
            pointer = "/options/expression" if (object_name, name) in self._formulas else "/options/field"
            self.problems.append(Problem(object_name, name, pointer, "circular_formula", {"circle": names}))

    # -- the plan of one object -------------------------------------------------------------------

    def _plan(self, name: str, order: list[Key], key: Any) -> ObjectPlan:
        circular = {(one.object, one.field) for one in self.problems if one.code == "circular_formula"}
        formulas = tuple((one[1], self._formulas[one]) for one in order
                         if one[0] == name and one in self._formulas and one not in circular)
        rollups = {one: rollup for one, rollup in self._rollups.items() if one not in circular}
        return ObjectPlan(
            formulas, self._hops(name, formulas),
            tuple(rollup for rollup in rollups.values() if rollup.parent == name),
            tuple(self._watchers(name)), tuple(rollup for rollup in rollups.values() if rollup.child == name),
            {one[1]: self._inputs(one) for one in order if one[0] == name and one not in circular}, key)

    def _hops(self, name: str, formulas: Iterable[tuple[str, Formula]]) -> tuple[Hop, ...]:
        hops: dict[str, Hop] = {}
        for path in sorted(path for _, formula in formulas for path in formula.reads):
            for length in range(1, len(path)):
                target, step = self._end(name, path[:length])
                hops.setdefault(".".join(path[:length]), Hop(
                    ".".join(path[:length]), ".".join(path[:length - 1]), step,
                    str(self._definitions[target].ready[step].target)))
        return tuple(hops.values())

    def _watchers(self, name: str) -> Iterable[Watcher]:
        found: dict[tuple[str, tuple[str, ...]], set[str]] = {}
        for (owner, _), formula in self._formulas.items():
            for path in formula.reads:
                for length in range(1, len(path)):
                    at = self._definitions[self._end(owner, path[:length])[0]].ready[path[length - 1]].target
                    if at == name:
                        found.setdefault((owner, path[:length]), set()).add(path[length])
        return [Watcher(owner, path, frozenset(fields)) for (owner, path), fields in sorted(found.items())]

    def _inputs(self, key: Key) -> frozenset[Key]:
        """Every field that a calculated one depends on, through others too."""
        found: set[Key] = set()
        waiting = [key]
        while waiting:
            current = waiting.pop()
            for one in self._direct_inputs(current) - found:
                found.add(one)
                waiting.append(one)
        return frozenset(found - {key})

    def _direct_inputs(self, key: Key) -> set[Key]:
        if key in self._rollups:
            return set(self._rollups[key].inputs)
        if key not in self._formulas:
            return set()
        paths = self._formulas[key].reads
        return {self._end(key[0], path[:length]) for path in paths for length in range(1, len(path) + 1)}
