"""What the service publishes. Shapes are in contracts/events; the builders here are the only places that make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.clock import to_wire, utcnow
from chassis.context import current_cause
from chassis.db import UnitOfWork

if TYPE_CHECKING:
    from services.customer.model.layouts import Layout
    from services.customer.model.objects import ObjectDef
    from services.customer.model.segments import Segment
    from services.customer.usecases.history import Change

RECORD_CHANGED = "freehold.customer.record.changed.v1"
OBJECT_CHANGED = "freehold.customer.object.changed.v1"
LAYOUT_CHANGED = "freehold.customer.layout.changed.v1"
RECORD_MERGED = "freehold.customer.record.merged.v1"
IMPORT_FINISHED = "freehold.customer.import.finished.v1"
SHARING_CHANGED = "freehold.customer.sharing.changed.v1"
CURRENCIES_CHANGED = "freehold.customer.currencies.changed.v1"
VIEW_CHANGED = "freehold.customer.view.changed.v1"
SEGMENT_ENTERED = "freehold.customer.segment.entered.v1"
SEGMENT_LEFT = "freehold.customer.segment.left.v1"
PERSON_ERASED = "freehold.customer.person.erased.v1"
NOTIFICATION_REQUESTED = "freehold.customer.notification.requested.v1"
AUDIT_RECORDED = "freehold.customer.audit.recorded.v1"  # by chassis.auditing
PUBLISHES = (RECORD_CHANGED, RECORD_MERGED, OBJECT_CHANGED, LAYOUT_CHANGED, SHARING_CHANGED, CURRENCIES_CHANGED,
             IMPORT_FINISHED, SEGMENT_ENTERED, SEGMENT_LEFT, VIEW_CHANGED, PERSON_ERASED, NOTIFICATION_REQUESTED,
             AUDIT_RECORDED)

MAX_CHANGES = 500


def publish_changes(uow: UnitOfWork, object_name: str, by: str | None, changes: Sequence[Change],
                    at: str | None = None) -> None:
    """Publish changes of records of one object, at most `MAX_CHANGES`."""
    cause = current_cause()
    origin = {"kind": cause.origin.kind, "id": cause.origin.id, "name": cause.origin.name}
    uow.publish(RECORD_CHANGED, object_name, {
        "object": object_name, "origin": origin, "bulk": cause.bulk_id,
        "changes": [_change(change, by, at) for change in changes], **({} if cause.rules else {"rules": False})})


def publish_object(uow: UnitOfWork, definition: ObjectDef, deleted: bool = False, *, reread: bool = False) -> None:
    """Publish the whole definition of an object that was changed.

    `reread`: records have values now that no event of theirs has told; whoever keeps copies reads them anew.
    """
    uow.publish(OBJECT_CHANGED, definition.name, {"object": definition.to_wire(), "deleted": deleted,
                                                  **({"reread": True} if reread else {})})


def publish_currencies(uow: UnitOfWork, base: str, rates: Sequence[Mapping[str, Any]] = ()) -> None:
    """Publish the company's base currency, and the rates that were kept or forgotten."""
    uow.publish(CURRENCIES_CHANGED, "currencies", {"base": base, "rates": list(rates)})


def publish_layout(uow: UnitOfWork, layout: Layout, *, deleted: bool = False) -> None:
    """Publish the whole layout of a form that was made, changed or taken away."""
    uow.publish(LAYOUT_CHANGED, layout.object, {"layout": layout.to_wire(), "deleted": deleted})


def publish_merge(uow: UnitOfWork, id: str, object_name: str, survivor_id: str, merged_id: str, title: str, *,
                  undone: bool) -> None:
    """Publish that one record takes in another, before it goes, or that this was undone.

    `title` is what the record is called that links lead to from now on.
    """
    uow.publish(RECORD_MERGED, object_name, {"merge_id": id, "object": object_name, "survivor_id": survivor_id,
                                             "merged_id": merged_id, "title": title, "undone": undone})


def publish_sharing(uow: UnitOfWork, *, shares: Sequence[dict[str, Any]] = (),
                    rules: Sequence[dict[str, Any]] = ()) -> None:
    """Publish shares of single records and sharing rules that were made, changed or taken back."""
    uow.publish(SHARING_CHANGED, None, {"shares": list(shares), "rules": list(rules)})


def publish_erasure(uow: UnitOfWork, object_name: str, ids: Sequence[str], by: str | None) -> None:
    """Publish that a person was erased: the record and those that were merged into it."""
    uow.publish(PERSON_ERASED, object_name, {"object": object_name, "ids": list(ids), "by": by,
                                             "at": to_wire(utcnow())})


def publish_notifications(uow: UnitOfWork, wishes: Sequence[Mapping[str, Any]]) -> None:
    """Publish wishes to tell people something, each `{"id","user_id","template","params","link","bulk"}`."""
    if wishes:
        uow.publish(NOTIFICATION_REQUESTED, None, {"notifications": list(wishes)})


def publish_passage(uow: UnitOfWork, object_name: str, segment: Segment, by: str | None,
                    records: Sequence[Mapping[str, Any]], *, entered: bool) -> None:
    """Publish that records entered a segment or left it, at most `MAX_CHANGES`."""
    cause, at = current_cause(), to_wire(utcnow())
    origin = {"kind": cause.origin.kind, "id": cause.origin.id, "name": cause.origin.name}
    changes = [{"id": record["id"], "version": record["version"], "action": "entered" if entered else "left", "at": at,
                "by": by, "changed": [], "before": {}, "after": record} for record in records]
    uow.publish(SEGMENT_ENTERED if entered else SEGMENT_LEFT, object_name, {
        "object": object_name, "segment": {"id": segment.id, "name": dict(segment.name)}, "origin": origin,
        "bulk": cause.bulk_id, "changes": changes, **({} if cause.rules else {"rules": False})})


def publish_view(uow: UnitOfWork, row: Row[Any], deleted: bool = False) -> None:
    """Publish that a saved view was made, changed or taken away; its criteria stay here."""
    uow.publish(VIEW_CHANGED, row.object, {
        "view": {"id": row.id, "object": row.object, "key": row.key, "name": row.name, "kind": row.kind,
                 "visibility": row.visibility, "role_keys": row.role_keys, "department_ids": row.department_ids,
                 "owner_id": row.owner_id, "version": row.version}, "deleted": deleted})


def _change(change: Change, by: str | None, at: str | None) -> dict[str, Any]:
    action = "updated" if change.action == "calculated" else change.action
    return {"id": change.record["id"], "version": change.record["version"], "action": action,
            "at": at or change.at, "by": by, "changed": list(change.changed), "before": change.before,
            "after": change.record, **({"key_tasks": change.key_tasks} if change.key_tasks else {})}
