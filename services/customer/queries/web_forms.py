"""Public forms for those who design them, with how much came in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from chassis.clock import to_wire, utcnow
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.customer.model.web_forms import WebForm
from services.customer.store import web_forms

if TYPE_CHECKING:
    from chassis.service import Service

_COUNTED = timedelta(days=30)


def list_forms(service: Service, object_name: str | None) -> list[dict[str, Any]]:
    """Every form, or those of an object, with the messages of the last 30 days."""
    with service.db.read() as connection:
        forms = web_forms.all_forms(connection, object_name)
        return _with_counts(connection, forms)


def get_form(service: Service, id: str) -> dict[str, Any]:
    """One form; raises 404."""
    with service.db.read() as connection:
        found = web_forms.form_of_id(connection, id) if is_id(id) else None
        if found is None:
            raise not_found("form")
        return _with_counts(connection, [found])[0]


def _with_counts(connection: Connection, forms: list[WebForm]) -> list[dict[str, Any]]:
    counts = web_forms.message_counts(connection, utcnow() - _COUNTED)
    lines = []
    for form in forms:
        count, latest = counts.get(form.id, (0, None))
        lines.append({**form.to_wire(), "messages": count, "last_message_at": to_wire(latest) if latest else None})
    return lines
