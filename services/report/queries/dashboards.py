"""Dashboards as one caller may see them, and the answers of their widgets."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, or_, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from chassis.context import current_cause
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.report.queries.answering import Asking, answer_query, asking
from services.report.queries.funnel import answer_funnel
from services.report.store.read_model import TooSlow
from services.report.store.tables import dashboard

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
MANAGE = "dashboards.manage"
MEMBERS = ("key", "name", "description", "visibility", "role_keys", "position", "widgets")
BOARD_SECONDS = 30.0


@dataclass(frozen=True)
class Viewer:
    """Who looks: himself, the keys of his roles, and whether he looks after shared dashboards."""

    user_id: str | None
    role_keys: frozenset[str]
    manages: bool

    def sees(self, row: Row) -> bool:
        """Whether a dashboard exists for him."""
        if row["visibility"] == "private":
            return self.user_id is not None and row["owner_id"] == self.user_id
        return self.manages or row["visibility"] == "everybody" or not self.role_keys.isdisjoint(row["role_keys"])

    def edits(self, row: Row) -> bool:
        """Whether he may change it."""
        return self.sees(row) and (row["visibility"] == "private" or self.manages)


def viewer_of(service: Service, principal: Principal) -> Viewer:
    """The viewer that a caller is."""
    roles = service.directory.snapshot().roles
    keys = frozenset(roles[id]["key"] for id in principal.role_ids if id in roles)
    return Viewer(principal.user_id, keys, principal.can(MANAGE))


def select_visible(viewer: Viewer, dialect: str, key: str | None) -> Select[Any]:
    """The statement of all dashboards that the viewer sees."""
    own = and_(dashboard.c.visibility == "private", dashboard.c.owner_id == viewer.user_id)
    others = [dashboard.c.visibility != "private"] if viewer.manages else [
        dashboard.c.visibility == "everybody",
        *(and_(dashboard.c.visibility == "roles", _names(dialect, role)) for role in sorted(viewer.role_keys))]
    statement = select(dashboard).where(or_(own, *others))
    return statement if key is None else statement.where(dashboard.c.key == key)


def _names(dialect: str, role: str) -> ColumnElement[bool]:
    """Whether the list of roles has this one; keys hold no quotes, so a piece of its text tells."""
    if dialect == "postgresql":
        return dashboard.c.role_keys.op("@>")([role])
    return cast(dashboard.c.role_keys, Text).contains(f'"{role}"', autoescape=True)


def find_visible(connection: Connection, viewer: Viewer, id: str) -> Row:
    """One dashboard; raises 404, also for what the viewer must not see."""
    row = None
    if is_id(id):
        row = connection.execute(select(dashboard).where(dashboard.c.id == id)).mappings().one_or_none()
    if row is None or not viewer.sees(row):
        raise not_found("dashboard")
    return row


def show(row: Row, viewer: Viewer) -> dict[str, Any]:
    """A dashboard on the wire."""
    return {"id": row["id"], **{name: row[name] for name in MEMBERS}, "owner_id": row["owner_id"],
            "version": row["version"], "editable": viewer.edits(row), "created_at": to_wire(row["created_at"]),
            "updated_at": to_wire(row["updated_at"])}


def answer_widgets(service: Service, principal: Principal, widgets: Sequence[tuple[Row, Row]],
                   instance: str) -> dict[str, Any]:
    """`{"as_of", "widgets"}`: the answer of each (widget, question), or its problem; all from one snapshot.

    `instance` is where a problem says that it happened.
    """
    ends_at = time.monotonic() + BOARD_SECONDS
    with asking(service, principal, "dashboard", seconds=BOARD_SECONDS) as at:
        return {"as_of": at.as_of, "widgets": [
            _answered(at, widget, asked, ends_at, instance) for widget, asked in widgets]}


def _answered(at: Asking, widget: Row, asked: Row, ends_at: float, instance: str) -> dict[str, Any]:
    found = {"key": widget["key"], "kind": widget["kind"]}
    try:
        if time.monotonic() > ends_at:
            raise TooSlow
        answer = answer_funnel if widget["kind"] == "funnel" else answer_query
        return found | {"data": answer(at, asked)}
    except Problem as problem:
        wire = problem.to_wire(at.principal.locale, instance, current_cause().request_id)
        return found | {"error": wire}
