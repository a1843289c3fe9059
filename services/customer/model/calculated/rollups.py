"""What a roll-up does with which records of another object, read from its options and checked against both objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chassis.criteria import CriteriaError, Criterion, Field, Scope, clauses, fields_used, to_predicate
from chassis.criteria import parse as parse_criteria
from chassis.criteria.fields import IN_TIME, LINK_KINDS
from services.customer.model.calculated.matches import Match
from services.customer.model.calculated.matching import read_match
from services.customer.model.calculated.problems import BadRollup
from services.customer.model.fields import FieldDef
from services.customer.model.objects import ObjectDef

SYSTEM_TYPES: Mapping[str, str] = {
    "id": "id", "version": "integer", "created_at": "datetime", "created_by": "user", "updated_at": "datetime",
    "updated_by": "user", "owner_id": "user", "department_id": "department",
}
_RELATIVE = IN_TIME | {"on", "under"}
_NUMBERS = ("integer", "decimal", "percent", "money")
_SUMMED = {"sum": _NUMBERS, "average": _NUMBERS, "min": (*_NUMBERS, "date", "datetime"),
           "max": (*_NUMBERS, "date", "datetime")}
_WIDER = {"sum": {"integer": ("integer", "decimal")}, "average": {"integer": ("decimal",)}}


@dataclass(frozen=True)
class Rollup:
    """One roll-up of `parent`: what it does with the records of `child` whose `reference` points at a record, or
    that `match` one by fields."""

    parent: str
    name: str
    child: str
    reference: str | None
    function: str
    field: str | None
    criterion: Criterion | None
    result: FieldDef
    match: Match | None = None

    @property
    def is_money(self) -> bool:
        """Whether it puts amounts together, which may be in several currencies."""
        return self.field is not None and self.result.value_type == "money"

    @property
    def keeps_currency(self) -> bool:
        """Whether amounts that are all in one currency are told in that one, whatever the currency of the field."""
        return self.is_money and bool(self.result.options.get("keep_currency"))

    @cached_property
    def reads(self) -> frozenset[str]:
        """The fields of the related records that it depends on."""
        asked = {name.partition(".")[0] for name in fields_used(self.criterion)} if self.criterion else set()
        linked = self.match.fields if self.match else frozenset({self.reference})
        return frozenset({*linked, *asked, *([self.field] if self.field else [])}) - {None}

    @property
    def inputs(self) -> frozenset[tuple[str, str]]:
        """Every field that it depends on, with its object."""
        own = {(self.parent, name) for name in self.match.own} if self.match else set()
        return frozenset({(self.child, name) for name in self.reads} | own)

    def counts(self, record: Mapping[str, Any], scope: Scope) -> bool:
        """Whether a record meets the criteria, wherever it is counted."""
        return self._judge(record, scope)

    @cached_property
    def _judge(self) -> Callable[[Mapping[str, Any], Scope], bool]:
        return to_predicate(self.criterion) if self.criterion is not None else lambda _, __: True


def read_rollup(definitions: Mapping[str, ObjectDef], definition: ObjectDef, one: FieldDef) -> Rollup:
    """The roll-up that a field's options describe; raises BadRollup."""
    options = one.options
    child = definitions.get(options["object"])
    if child is None:
        raise BadRollup("/options/object", "unknown_object")
    _check_reference(definition, child, options)
    function, summed = options["function"], options.get("field")
    if function != "count":
        _check_summed(child.ready.get(summed or ""), one, function)
    return Rollup(definition.name, one.name, child.name, options.get("reference"), function,
                  summed if function != "count" else None, _criterion(child, options.get("criteria")), one,
                  read_match(definition, child, options))


def _check_reference(definition: ObjectDef, child: ObjectDef, options: Mapping[str, Any]) -> None:
    if options.get("reference") is None and (options.get("match") or options.get("period")):
        return
    reference = child.ready.get(options.get("reference") or "")
    if reference is None or reference.type != "reference" or reference.target != definition.name:
        raise BadRollup("/options/reference", "rollup_reference", object=child.name, target=definition.name)


def _check_summed(summed: FieldDef | None, one: FieldDef, function: str) -> None:
    """The function must fit the field, the result both; a sum of money is told in the currency of the field."""
    if summed is None or summed.value_type not in _SUMMED[function]:
        raise BadRollup("/options/field", "rollup_field", function=function)
    kind = summed.value_type
    allowed = _WIDER.get(function, {}).get(kind, (kind,))
    if one.value_type not in allowed:
        raise BadRollup("/options/result", "rollup_result", wanted=", ".join(allowed))
    if kind == "money" and summed.options.get("currency") != one.options.get("currency"):
        raise BadRollup("/options/currency", "rollup_currency", currency=summed.options.get("currency"))


def _criterion(child: ObjectDef, given: Any) -> Criterion | None:
    if not given:
        return None
    try:
        criterion = parse_criteria(given, criteria_fields(child))
    except CriteriaError as error:
        raise BadRollup(f"/options/criteria{error.pointer}", f"criteria.{error.code}", **error.params) from None
    if is_relative(criterion):
        raise BadRollup("/options/criteria", "rollup_relative")
    return criterion


def criteria_fields(definition: ObjectDef) -> dict[str, Field]:
    """The fields of an object as criteria see them."""
    fields = {name: Field(name, kind) for name, kind in SYSTEM_TYPES.items()}
    for one in definition.ready.values():
        choices = [choice["value"] for choice in one.options.get("choices", ())] or None
        scale = one.storage.size[1] if one.storage.kind == "exact" else None
        fields[one.name] = Field(one.name, one.row.kind, True, scale, one.options.get("currency"), choices, one.target)
    return fields


def is_relative(criterion: Criterion) -> bool:
    """Whether the condition means something else tomorrow, or for somebody else."""
    return any(one.op in _RELATIVE or ("$" in str(one.value)[:40] and one.kind in LINK_KINDS)
               for one in clauses(criterion))
