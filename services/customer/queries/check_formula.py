"""A formula while it is being written: what is wrong with it and where, or its value for a real record.

Nothing is kept. The value is shown only to somebody who may read everything that it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from chassis.auth.principal import Principal
from chassis.formulas import EvaluationError, Formula, FormulaError, compile_formula
from chassis.http.formulas import formula_problem
from chassis.http.problem import FieldProblem, not_found
from chassis.ids import is_id
from services.customer.model.calculated.plan import build, daily, problems_of, result_of, schema_of
from services.customer.model.fields import READY, FieldDef
from services.customer.model.objects import ObjectDef
from services.customer.store.calculations import load_records
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.calculations.values import company_scope, related_records
from services.customer.usecases.links import visible_ids

if TYPE_CHECKING:
    from chassis.service import Service

DRAFT = "formula_draft"


@dataclass(frozen=True)
class Draft:
    """A formula field that may not exist yet; `name` is given when it does. `record_id` chooses the example."""

    field: FieldDef
    record_id: str | None = None


def check_formula(service: Service, principal: Principal, object_name: str, draft: Draft) -> dict[str, Any]:
    """`{"valid", "errors", "reads", "volatile", "preview"}`; raises 404 for an object or record that is not there."""
    types = service.parts["types"].renewed()
    if object_name not in types:
        raise not_found("object")
    definitions = {name: one.definition for name, one in types.items()}
    changed = {**definitions, object_name: _with(definitions[object_name], draft.field)}
    locale, source = principal.locale, draft.field.options["expression"]
    errors = [_error(one, source).to_wire(locale) for one in problems_of(changed)
              if (one.object, one.field) == (object_name, draft.field.name)]
    if errors:
        return {"valid": False, "errors": errors, "reads": [], "volatile": False, "preview": None}
    formula = compile_formula(source, schema_of(changed, object_name), result_of(draft.field))
    plan = build(changed)[object_name]
    record_type = RecordType(changed[object_name], plan)
    preview = _preview(service, principal, types[object_name], record_type, formula, draft)
    return {"valid": True, "errors": [], "reads": sorted(".".join(path) for path in formula.reads),
            "volatile": daily(formula), "preview": preview}


def syntax_errors(error: FormulaError, source: str, locale: str) -> dict[str, Any]:
    """The answer for a text that is no formula at all."""
    wire = formula_problem("/expression", error, source).to_wire(locale)
    return {"valid": False, "errors": [wire], "reads": [], "volatile": False, "preview": None}


def _with(definition: ObjectDef, draft: FieldDef) -> ObjectDef:
    others = tuple(one for one in definition.fields if one.name != draft.name)
    return replace(definition, fields=(*others, replace(draft, state=READY)))


def _error(problem: Any, source: str) -> FieldProblem:
    if problem.formula is not None:
        return formula_problem("/expression", problem.formula, source)
    return FieldProblem("/expression", problem.code, problem.params)


def _preview(service: Service, principal: Principal, standing: RecordType, drafted: RecordType, formula: Formula,
             draft: Draft) -> dict[str, Any] | None:
    """The value for the chosen record, or for the newest that the caller sees; None when he may not see one."""
    access = Access(principal, standing)
    inputs = drafted.plan.inputs.get(draft.field.name, frozenset())
    if not access.policy.allows("read") or not _all_readable(principal, standing, inputs):
        return None
    access.asked |= _names(inputs, standing.name)
    with service.db.read() as connection:
        record = _example(connection, access, draft.record_id)
        if record is None or not access.asked.isdisjoint(access.masks_over(record)):
            return None
        related = _visible(service, connection, principal, drafted, inputs,
                           related_records(service, connection, drafted, [record])[0])
    title = access.known(record).get(standing.definition.title_field)
    shown = _value(service, formula, record, related, principal.locale)
    return {"record": {"id": record["id"], "title": title}, **shown}


def _names(inputs: Iterable[tuple[str, str]], object_name: str) -> set[str]:
    return {name for of, name in inputs if of == object_name}


def _value(service: Service, formula: Formula, record: Record, related: Mapping[str, Record],
           locale: str) -> dict[str, Any]:
    try:
        return {"value": formula.evaluate(record, company_scope(service), related), "error": None}
    except EvaluationError as error:
        return {"value": None, "error": error.to_wire(formula.source, locale)}


def _example(connection: Connection, access: Access, record_id: str | None) -> Record | None:
    record_type = access.record_type
    if record_id is not None:
        if not is_id(record_id):
            raise not_found()
        record = load_records(connection, record_type, [record_id]).get(record_id)
        if record is None or not access.sees(connection, record):
            raise not_found()
        return record
    condition = access.where()
    query = record_type.selection if condition is None else record_type.selection.where(condition)
    row = connection.execute(query.order_by(record_type.table.c.created_at.desc()).limit(1)).first()
    return record_type.load(row) if row is not None else None


def _all_readable(principal: Principal, record_type: RecordType, inputs: Iterable[tuple[str, str]]) -> bool:
    return all(principal.objects(object_name).readable(name) and (
        object_name == record_type.name or principal.objects(object_name).allows("read"))
        for object_name, name in inputs)


def _visible(service: Service, connection: Connection, principal: Principal, drafted: RecordType,
             inputs: Iterable[tuple[str, str]], related: Mapping[str, Record]) -> dict[str, Record]:
    """The related records without those beyond the caller's data scope, or masked where the formula looks."""
    targets = {hop.prefix: service.parts["types"].get(hop.target) for hop in drafted.plan.hops}
    return {prefix: record for prefix, record in related.items() if visible_ids(
        connection, principal, targets[prefix], [record["id"]], _names(inputs, targets[prefix].name))}
