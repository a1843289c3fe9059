"""Saved views as one caller may see them.

A view is shown with what the caller may read: a column, an order or a sum over a hidden field is left out. Where the
criteria themselves, or the field that groups or dates the records, speak of something that he may not read, the view is
not usable for him and says neither its criteria nor why, because a condition tells what the field holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from chassis.criteria import CriteriaError, parse
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.customer.model.views import CALENDAR, KANBAN, KindOf
from services.customer.queries.list_records import ListRequest
from services.customer.store.record_type import RecordType
from services.customer.store.views import Viewer, choice_of, find_view, saved_view, visible_views
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

MANAGE, SHARE = "objects.manage", "views.share"
MOST_SHOWN = 500
_NEEDED = {KANBAN: "group_field", CALENDAR: "date_field"}
_OPTIONAL = ("group_field", "sum_field", "date_field", "end_field", "color_field")


def viewer_of(service: Service, principal: Principal) -> Viewer:
    """The viewer that a caller is."""
    snapshot = service.directory.snapshot()
    keys = frozenset(snapshot.roles[id]["key"] for id in principal.role_ids if id in snapshot.roles)
    above, current = set(), principal.department_id
    while current and current not in above:
        above.add(current)
        current = snapshot.departments.get(current, {}).get("parent_id")
    return Viewer(principal.user_id, keys, frozenset(above), principal.can(MANAGE), principal.can(SHARE))


def kinds_of(access: Access) -> KindOf:
    """The kind of a member that the caller may read, None for any other."""
    fields = access.criteria_fields

    def kind_of(name: str) -> str | None:
        return fields[name].kind if name in access.shape.readable and name in fields else None

    return kind_of


def views_of_object(service: Service, principal: Principal, record_type: RecordType) -> dict[str, Any]:
    """All views of an object that the caller sees, in his order, with what he made of them."""
    access, viewer = Access(principal, record_type), viewer_of(service, principal)
    access.need("read")
    with service.db.read() as connection:
        rows = connection.execute(visible_views(viewer, connection.dialect.name, [record_type.name])
                                  .order_by(saved_view.c.position, saved_view.c.id).limit(MOST_SHOWN)).all()
        chosen = choice_of(connection, principal.key, record_type.name)
    choice = show_choice(chosen, {row.id for row in rows})
    place = {id: number for number, id in enumerate(choice["order"])}
    rows = sorted(rows, key=lambda row: place.get(row.id, len(place)))
    standard = next((row.id for row in rows if row.is_default), None)
    return {"items": [show_view(row, viewer, access) for row in rows], "next_cursor": None,
            "default_id": choice["default_id"] or standard, "choice": choice}


def show_choice(chosen: Row[Any] | None, seen: set[str]) -> dict[str, Any]:
    """What a caller made of an object's views, without those that he sees no more."""
    if chosen is None:
        return {"default_id": None, "pinned": [], "order": []}
    return {"default_id": chosen.default_id if chosen.default_id in seen else None,
            "pinned": [id for id in chosen.pinned if id in seen], "order": [id for id in chosen.order if id in seen]}


def seen_view(connection: Connection, viewer: Viewer, object_name: str, id: str) -> Row[Any]:
    """One view; raises 404, also for what the viewer must not see."""
    row = find_view(connection, id) if is_id(id) else None
    if row is None or row.object != object_name or not viewer.sees(row):
        raise not_found("view")
    return row


def show_view(row: Row[Any], viewer: Viewer, access: Access) -> dict[str, Any]:
    """A view on the wire, as far as the caller may read what it speaks of."""
    usable = is_usable(row, access)
    body = _readable_body(row.body, access) if usable else _silent_body(row.body)
    return {"id": row.id, "object": row.object, "key": row.key, "name": row.name, "kind": row.kind, **body,
            "visibility": row.visibility, "role_keys": row.role_keys, "department_ids": row.department_ids,
            "is_default": row.is_default, "position": row.position, "owner_id": row.owner_id, "version": row.version,
            "editable": usable and viewer.edits(row), "usable": usable, "created_at": to_wire(row.created_at),
            "updated_at": to_wire(row.updated_at)}


def is_usable(row: Row[Any], access: Access) -> bool:
    """Whether the caller may ask with the view's criteria and by its fields."""
    needed = _NEEDED.get(row.kind)
    if needed and row.body.get(needed) not in access.shape.readable:
        return False
    if row.body.get("criteria") is None:
        return True
    try:
        parse(row.body["criteria"], access.criteria_fields)
    except CriteriaError:
        return False
    return True


def list_request_of_view(row: Row[Any], access: Access, limit: int, cursor: str | None,
                         total: str | None) -> ListRequest:
    """The list that a view asks for, for this caller; raises 403 when he may not ask so."""
    if not is_usable(row, access):
        raise Problem(403, "view_not_usable")
    body = _readable_body(row.body, access)
    fields = [column["field"] for column in body["columns"]] or None
    return ListRequest(body["criteria"], body["sort"] or None, fields, limit, cursor, total)


def _readable_body(body: Mapping[str, Any], access: Access) -> dict[str, Any]:
    readable = access.shape.readable
    shown = {**body, "sort": [word for word in body["sort"] if word.removeprefix("-") in readable],
             "columns": [column for column in body["columns"] if column["field"] in readable],
             "totals": [line for line in body["totals"] if line["field"] in readable]}
    shown |= {member: None for member in _OPTIONAL if body.get(member) not in readable}
    return shown | {"frozen": min(body["frozen"], len(shown["columns"]))}


def _silent_body(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**dict.fromkeys(body), "sort": [], "columns": [], "totals": [], "frozen": 0}
