"""Tick points of the check list of the stage in which a record stands, or take a tick back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.context import current_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.i18n import LOCALES, t
from chassis.ids import is_id, new_id
from services.customer.model.labels import label_in
from services.customer.model.sharing import WRITE
from services.customer.model.values.times import moment_text, parse_moment
from services.customer.store.record_type import Record, RecordType
from services.customer.store.stage_work import tick, untick
from services.customer.store.tables import timeline_entry
from services.customer.usecases.access import Access
from services.customer.usecases.edits import lock_records
from services.customer.usecases.locks import is_locked, locked
from services.customer.usecases.refusals import only_shared

if TYPE_CHECKING:
    from chassis.service import Service


def tick_check(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str,
               field: str, key: str, *, stage: str, ticked: bool) -> Record:
    """Tick or untick a point of the stage that the caller has seen; returns the record. Raises 403 of a shared
    one, 404 and 409."""
    access = Access(principal, record_type)
    record = _record(uow, access, record_id)
    choice = _choice(access, field, record)
    if choice["value"] != stage:
        raise Problem(409, "stage_moved")
    check = next((one for one in choice["stage"].get("checks") or () if one["key"] == key), None)
    if check is None:
        raise not_found("check")
    row = {"record_id": record_id, "field": field, "stage": stage, "key": key, "object": record_type.name,
           "at": utcnow(), "by_id": principal.user_id, "by_name": principal.name}
    if (tick if ticked else untick)(uow, row):
        uow.insert_many(timeline_entry, [_line(row, check, choice, "ticked" if ticked else "unticked")])
    return record


def _record(uow: UnitOfWork, access: Access, record_id: str) -> Record:
    record = lock_records(uow, access, [record_id]).get(record_id) if is_id(record_id) else None
    if record is None:
        raise not_found()
    if record_id not in access.among(uow.connection, [record], WRITE):
        raise only_shared()
    if is_locked(access.record_type, record):
        raise locked(access.record_type)
    return record


def _choice(access: Access, name: str, record: Record) -> Mapping[str, Any]:
    """The choice in which a record stands; as without any stage when it stands nowhere or the caller cannot know."""
    field = access.record_type.fields.get(name)
    if field is None or field.type != "choice" or name not in access.shape.readable:
        raise not_found("field")
    if not access.policy.writable(name):
        raise Problem(403, "action_not_granted", params={"action": "update", "object": access.record_type.name})
    found = (one for one in field.options.get("choices") or () if one["value"] == record[name])
    choice = next(found, {"value": None})
    return {"stage": {}, **choice}


def _line(row: Mapping[str, Any], check: Mapping[str, Any], choice: Mapping[str, Any], action: str) -> dict[str, Any]:
    """What the timeline tells of it, in milliseconds as everything there."""
    cause = current_cause()
    text = {locale: t(f"customer.timeline.check.{action}", locale, label=label_in(check["label"], locale, row["key"]),
                      stage=label_in(choice.get("label") or {}, locale, row["stage"])) for locale in LOCALES}
    origin = {"kind": cause.origin.kind, "id": cause.origin.id, "name": cause.origin.name}
    return {"record_id": row["record_id"], "at": parse_moment(moment_text(row["at"])), "id": new_id(),
            "object": row["object"], "kind": "task", "action": action, "by_id": row["by_id"],
            "by_name": row["by_name"], "origin": origin, "text": text, "about": f"check:{new_id()}"}
