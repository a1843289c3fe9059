"""What is to do in the stages in which a record stands: key tasks and check lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from services.customer.model.values.times import moment_text
from services.customer.queries.get_record import get_record
from services.customer.store.record_type import RecordType
from services.customer.store.stage_work import LIVING, tasks_of, ticks_of
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service


def stage_work(service: Service, principal: Principal, record_type: RecordType, record_id: str) -> dict[str, Any]:
    """The work of each stage in which the record stands now; raises 403 and 404 as for the record itself."""
    record = get_record(service, principal, record_type, record_id)
    shown = Access(principal, record_type).show(record)
    with service.db.read() as connection:
        tasks = tasks_of(connection, [record_id]).get(record_id, [])
        ticks = ticks_of(connection, [record_id]).get(record_id, [])
    items = [_stage(service, field.name, choice, tasks, ticks) for field in record_type.fields.values()
             if field.type == "choice" for choice in field.options.get("choices") or ()
             if choice["value"] == shown.get(field.name) and choice.get("stage")]
    return {"items": [one for one in items if one["tasks"] or one["checks"]]}


def _stage(service: Service, field: str, choice: Mapping[str, Any], tasks: Iterable[Any],
           ticks: Iterable[Any]) -> dict[str, Any]:
    at, stage = (field, choice["value"]), choice["stage"]
    mine = [row for row in tasks if (row.field, row.stage) == at]
    ticked = {row.key: row for row in ticks if (row.field, row.stage) == at}
    return {"field": field, "stage": choice["value"], "complete": stage.get("complete") or [],
            "tasks": [_task(service, row) for row in _newest(mine)],
            "checks": [{"key": one["key"], "label": one["label"], **_tick(service, ticked.get(one["key"]))}
                       for one in stage.get("checks") or ()]}


def _newest(rows: Sequence[Any]) -> list[Any]:
    """Who comes back into a stage has its tasks anew; those of the visit before are history, and so is what was
    cancelled. What is still open stands here each: a merge may have brought the task of the other record along."""
    newest = {tuple(sorted(row.title.items())): row for row in rows if row.state != "cancelled"}
    shown = {row.id: row for row in (*newest.values(), *(row for row in rows if row.state in LIVING))}
    return sorted(shown.values(), key=lambda row: (row.due_at is None, row.due_at or row.id, row.id))


def _task(service: Service, row: Any) -> dict[str, Any]:
    return {"id": row.id, "title": row.title, "state": row.state,
            "due_at": moment_text(row.due_at) if row.due_at else None, "assignee": _person(service, row.assignee_id)}


def _tick(service: Service, row: Any) -> dict[str, Any]:
    if row is None:
        return {"ticked": False, "at": None, "by": None}
    by = _person(service, row.by_id) or ({"id": None, "name": row.by_name} if row.by_name else None)
    return {"ticked": True, "at": moment_text(row.at), "by": by}


def _person(service: Service, id: str | None) -> dict[str, str] | None:
    return {"id": id, "name": service.directory.name_of(id) or ""} if id else None
