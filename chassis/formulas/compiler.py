"""From tree to closures: names are looked up, types checked, and every node becomes one Python function, once.

Nothing is looked up by name in Python: a field is read from the record by a key that the schema has, a function is a
row of the table. What a run may cost is bounded by the number of nodes, and inside lists by the budget of the frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chassis.formulas import operators
from chassis.formulas.errors import FormulaError, nearest, shown
from chassis.formulas.functions import FUNCTIONS
from chassis.formulas.functions.table import Function
from chassis.formulas.limits import MAX_HOPS
from chassis.formulas.nodes import Binary, Call, Literal, Member, Name, Node, Unary
from chassis.formulas.typed import Run, Typed, need
from chassis.formulas.types import BLANK, BOOLEAN, NUMBER, TEXT, Schema, Type
from chassis.formulas.values import READERS, Frame

_LITERALS: Mapping[type, Type] = {bool: BOOLEAN, str: TEXT, type(None): BLANK}


class Compiler:
    """Compiles one formula; afterwards it knows what that reads."""

    def __init__(self, schema: Schema, source: str) -> None:
        self.schema, self._source = schema, source
        self.paths: set[tuple[str, ...]] = set()
        self.volatile: set[str] = set()
        self._rows: list[tuple[Mapping[str, Type], tuple[str, ...]]] = []

    def compile(self, node: Node) -> Typed:
        """The checked piece of a node; raises FormulaError."""
        match node:
            case Literal(value=value):
                return Typed(_LITERALS.get(type(value), NUMBER), lambda _: value, node)
            case Name() | Member():
                return self._path(node)
            case Unary(operator=operator, value=inner):
                return operators.unary(operator, self.compile(inner), node)
            case Binary(operator="&"):
                return operators.joined([self.compile(one) for one in _chain(node)], node)
            case Binary(operator=operator, left=left, right=right):
                return operators.binary(operator, self.compile(left), self.compile(right), node)
            case Call():
                return self._call(node)
        raise AssertionError(node)

    def chosen(self, condition: Typed, then: Any, other: Any) -> Run:
        """The closure that gives one of two values. Other formulas of the record may ask the same condition, in the
        same words: a score, and the reasons for it. Inside of lists, words mean another record each time."""
        run, words = condition.run, self._source[condition.node.start:condition.node.end]
        if self._rows or condition.is_literal:
            return lambda frame: then if run(frame) else other

        def asked(frame: Frame) -> Any:
            found = frame.known.get(words)
            if found is None:
                found = frame.known[words] = run(frame)
            return then if found else other

        return asked

    # -- functions --------------------------------------------------------------------------------

    def _call(self, node: Call) -> Typed:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise FormulaError("unknown_function", node.start, node.start + len(node.name),
                               nearest(node.name, FUNCTIONS), name=shown(node.name))
        self._check_allowed(function, node)
        _check_count(function, node)
        if function.volatile:
            self.volatile.add(function.name)
        if function.build is not None:
            return function.build(self, node)
        args = [need(function.param(place).kind, self.compile(arg)) for place, arg in enumerate(node.args)]
        result = function.result(args) if callable(function.result) else function.result
        return Typed(result, _located(_applied(function, [arg.run for arg in args]), node), node,
                     weight=1 + sum(arg.weight for arg in args))

    def _check_allowed(self, function: Function, node: Call) -> None:
        reason = (self.schema.refused or {}).get(function.name)
        if reason is not None:
            raise Refused(function.name, node, reason)

    @contextmanager
    def rows_of(self, items: Typed) -> Iterator[None]:
        """Within it, names mean fields of the records of a list first."""
        fields = self.fields_of(items.type.target, items.node)
        self._rows.append((fields, items.path))
        try:
            yield
        finally:
            self._rows.pop()

    # -- fields -----------------------------------------------------------------------------------

    def fields_of(self, target: str | None, node: Node) -> Mapping[str, Type]:
        """The fields of the object that something leads to."""
        found = self.schema.follow(target) if target else None
        if found is None:
            raise FormulaError("not_a_record", node.start, node.end, name=_last_name(node))
        return found

    def _path(self, node: Name | Member) -> Typed:
        if isinstance(node, Name):
            return self._name(node)
        if (steps := _steps(node)) is not None and not self._is_row_field(steps[0].name):
            root = self._name(steps[0], reads=False)
            if root.type.kind == "link":
                return self._followed(root, steps, node)
        return self._member(self.compile(node.base), node)

    def _is_row_field(self, name: str) -> bool:
        return any(name in fields for fields, _ in self._rows)

    def _name(self, node: Name, *, reads: bool = True) -> Typed:
        for place in range(len(self._rows) - 1, -1, -1):
            fields, path = self._rows[place]
            if node.name in fields:
                self._reads((*path, node.name))
                return Typed(fields[node.name], _of_row(place, node.name, fields[node.name]), node)
        type = self._known(self.schema.fields, node.name, node)
        if reads:
            self._reads((node.name,))
        return Typed(type, _reader(node.name, type), node, (node.name,))

    def _followed(self, root: Typed, steps: list[Name | Member], node: Member) -> Typed:
        """A field of a record that references lead to: `customer.level`, `customer.parent.name`."""
        type, names = root.type, [steps[0].name]
        for step in steps[1:]:
            if len(names) > MAX_HOPS:
                raise FormulaError("too_many_hops", step.start, step.end, limit=MAX_HOPS)
            if type.kind != "link":
                raise FormulaError("not_a_record", step.start, step.end, name=names[-1])
            fields = self._followable(type, step, names[-1])
            type = self._known(fields, step.name, step)
            names.append(step.name)
        self._reads(tuple(names))
        return Typed(type, _of_related(".".join(names[:-1]), names[-1], type), node, tuple(names), len(names))

    def _followable(self, type: Type, step: Name | Member, name: str) -> Mapping[str, Type]:
        found = self.schema.follow(type.target) if type.target else None
        if found is None:
            raise FormulaError("not_a_record", step.start, step.end, name=name)
        return found

    def _member(self, base: Typed, node: Member) -> Typed:
        """A field of a record, or of all records of a list."""
        fields = self.fields_of(base.type.target if base.type.kind in ("list", "record") else None, node.base)
        type = self._known(fields, node.name, node)
        path = (*base.path, node.name)
        self._reads(path)
        if base.type.kind == "record":
            return Typed(type, _of_record(base.run, node.name, type), node, path, base.weight + 1)
        return Typed(Type("list", item=type.plain), _of_each(base.run, node.name, type), node, path, base.weight + 1)

    def _reads(self, path: tuple[str, ...]) -> None:
        self.paths.add(path)

    def _known(self, fields: Mapping[str, Type], name: str, node: Node) -> Type:
        found = fields.get(name)
        if found is None:
            start = node.end - len(name)
            raise FormulaError("unknown_field", start, node.end, nearest(name, fields), name=shown(name))
        return found


class Refused(FormulaError):
    """A function that cannot be used in this kind of formula; the reason is the caller's, in both languages."""

    def __init__(self, function: str, node: Node, reason: Mapping[str, str]) -> None:
        super().__init__("not_available", node.start, node.start + len(function), function=function,
                         reason=reason["en"])
        self._reason = reason

    def detail(self, locale: str = "en") -> str:
        """The sentence with its reason."""
        self.params["reason"] = self._reason.get(locale, self._reason["en"])
        return super().detail(locale)


def _check_count(function: Function, node: Call) -> None:
    given = len(node.args)
    if given < function.least:
        raise FormulaError("too_few_arguments", node.start, node.end, function=function.name, count=function.least)
    if function.most is not None and given > function.most:
        extra = node.args[function.most]
        raise FormulaError("too_many_arguments", extra.start, extra.end, function=function.name, count=function.most)


def _applied(function: Function, runs: list[Run]) -> Run:
    """The call of a plain function; the usual numbers of values have a closure of their own."""
    work, framed = function.run, function.framed
    assert work is not None
    if not function.strict or framed or len(runs) not in (1, 2):
        return _applied_any(work, runs, framed=framed, strict=function.strict)
    if len(runs) == 1:
        return _applied_one(work, runs[0])
    first, second = runs

    def two(frame: Frame) -> Any:
        left = first(frame)
        if left is None:
            return None
        right = second(frame)
        return None if right is None else work(left, right)

    return two


def _applied_one(work: Callable[..., Any], run: Run) -> Run:
    def one(frame: Frame) -> Any:
        value = run(frame)
        return None if value is None else work(value)

    return one


def _applied_any(work: Callable[..., Any], runs: list[Run], *, framed: bool, strict: bool) -> Run:
    def many(frame: Frame) -> Any:
        values = [run(frame) for run in runs]
        if strict and None in values:
            return None
        return work(frame, *values) if framed else work(*values)

    return many


def _located(run: Run, node: Node) -> Run:
    """The closure, whose errors name the place of the call."""

    def located(frame: Frame) -> Any:
        try:
            return run(frame)
        except (ArithmeticError, FormulaError, ValueError) as error:
            raise operators.placed(error, node) from None

    return located


def _chain(node: Binary) -> list[Node]:
    """What stands between the operators of a chain: `a & b & c`."""
    parts: list[Node] = [node.right]
    left = node.left
    while isinstance(left, Binary) and left.operator == node.operator:
        parts.append(left.right)
        left = left.left
    return [left, *reversed(parts)]


def _steps(node: Member) -> list[Name | Member] | None:
    """The steps of a plain path from its first name on; None when something else stands at its root."""
    steps: list[Name | Member] = [node]
    while isinstance(steps[0], Member):
        base = steps[0].base
        if not isinstance(base, Name | Member):
            return None
        steps.insert(0, base)
    return steps


def _last_name(node: Node) -> str:
    return shown(node.name) if isinstance(node, Name | Member | Call) else "…"


# -- reading ----------------------------------------------------------------------------------------


def _reader(name: str, type: Type) -> Run:
    """What is not taken as it stands is read once for all formulas of the record."""
    read = READERS.get(type.reads or "")
    if read is None:
        return lambda frame: frame.record.get(name)

    def field(frame: Frame) -> Any:
        found = frame.known.get(name)
        if found is None and (value := frame.record.get(name)) is not None:
            found = frame.known[name] = read(value)
        return found

    return field


def _of_row(place: int, name: str, type: Type) -> Run:
    value_of = _value_reader(name, type)
    return lambda frame: value_of(frame.rows[place])


def _of_related(prefix: str, name: str, type: Type) -> Run:
    value_of = _value_reader(name, type)

    def followed(frame: Frame) -> Any:
        record = frame.related.get(prefix)
        return None if record is None else value_of(record)

    return followed


def _of_record(run: Run, name: str, type: Type) -> Run:
    value_of = _value_reader(name, type)

    def member(frame: Frame) -> Any:
        record = run(frame)
        return None if record is None else value_of(record)

    return member


def _of_each(run: Run, name: str, type: Type) -> Run:
    value_of = _value_reader(name, type)

    def members(frame: Frame) -> list[Any]:
        return [value_of(record) for record in frame.items(run(frame) or [])]

    return members


def _value_reader(name: str, type: Type) -> Callable[[Mapping[str, Any]], Any]:
    read = READERS.get(type.reads or "")
    if read is None:
        return lambda record: record.get(name)

    def value_of(record: Mapping[str, Any]) -> Any:
        value = record.get(name)
        return None if value is None else read(value)

    return value_of
