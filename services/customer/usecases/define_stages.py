"""Say what the choices of a field mean as stages of a pipeline, and bring them into their order.

What a condition asks must be there when it is said here; once it stands, a field that goes takes its condition along
(see `model.gates`), so that nobody is held by something that cannot be met.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chassis.criteria import CriteriaError, Field, parse
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.model.faults import Fault, InvalidError, pointer_to
from services.customer.model.fields import FieldDef
from services.customer.model.stages import check_stage
from services.customer.store.record_type import RecordType
from services.customer.store.relations import related_fields
from services.customer.usecases.define_fields import alter_field, field_of
from services.customer.usecases.define_objects import locked_object
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

_CONDITIONS = ("enter", "exit")


def define_stages(service: Service, uow: UnitOfWork, object_name: str, field_name: str, given: Any) -> FieldDef:
    """Give the choices of a field these stages (`value`, `stage`) in this order; every choice is named once."""
    field = field_of(locked_object(uow, object_name, None), field_name)
    if field.type != "choice" or field.is_managed:
        raise Problem(409, "not_a_pipeline")
    choices = {choice["value"]: choice for choice in field.options["choices"]}
    rows = given if isinstance(given, list) else []
    named = [row.get("value") for row in rows if isinstance(row, Mapping) and isinstance(row.get("value"), str)]
    if len(named) != len(rows) or sorted(named) != sorted(choices):
        raise refusal([Fault("/stages", "not_every_choice")])
    stages = _read(service.parts["types"].renewed()[object_name], rows)
    made = [{name: value for name, value in choices[row["value"]].items() if name != "stage"}
            | ({"stage": stage} if stage is not None else {}) for row, stage in zip(rows, stages, strict=True)]
    return alter_field(service, uow, object_name, field_name, {"options": {**field.options, "choices": made}})


def _read(record_type: RecordType, rows: list[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
    fields, faults = related_fields(record_type), list[Fault]()
    stages = [_stage(row.get("stage"), fields, pointer_to("stages", place, "stage"), faults)
              for place, row in enumerate(rows)]
    faults += [Fault(pointer_to("stages", place, name), "bad_stage") for place, row in enumerate(rows)
               for name in row if name not in ("value", "stage")]
    if faults:
        raise refusal(faults)
    return stages


def _stage(given: Any, fields: Mapping[str, Field], pointer: str, faults: list[Fault]) -> dict[str, Any] | None:
    if given is None:
        return None
    try:
        stage = check_stage(given)
    except InvalidError as invalid:
        faults.extend(fault.below(pointer) for fault in invalid.faults)
        return None
    asked = [(name, stage[name]) for name in _CONDITIONS if name in stage]
    asked += [(f"required/{place}", {"field": name, "op": "is_set"})
              for place, name in enumerate(stage.get("required", ()))]
    for place, condition in asked:
        try:
            parse(condition, fields, pointer=f"{pointer}/{place}")
        except CriteriaError as error:
            at = f"{pointer}/{place}" if place.startswith("required") else error.pointer
            faults.append(Fault(at, f"criteria.{error.code}", dict(error.params)))
    return stage
