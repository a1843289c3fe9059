"""Sharing in the timeline of the record: who let whom in, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chassis.auth.directory import Snapshot
from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.context import current_cause
from chassis.db import UnitOfWork
from chassis.i18n import LOCALES, t
from chassis.ids import new_id
from services.customer.model.labels import label_in
from services.customer.model.values.times import moment_text, parse_moment
from services.customer.store.tables import timeline_entry

if TYPE_CHECKING:
    from chassis.service import Service


def tell_shared(service: Service, uow: UnitOfWork, principal: Principal, row: Any, action: str) -> None:
    """A line in the timeline: the record was shared, the share was changed or taken back."""
    directory, cause = service.directory.snapshot(), current_cause()

    def text(locale: str) -> str:
        return t(f"customer.timeline.share.{action}", locale, name=grantee_name(directory, row.grantee, locale),
                 level=t(f"customer.sharing.level.{row.level}", locale))

    uow.execute(timeline_entry.insert(), {
        "record_id": row.record_id, "at": parse_moment(moment_text(utcnow())), "id": new_id(), "object": row.object,
        "kind": "share", "action": action, "by_id": principal.user_id, "by_name": principal.name,
        "origin": {"kind": cause.origin.kind, "id": cause.origin.id, "name": cause.origin.name},
        "text": {locale: text(locale) for locale in LOCALES}, "about": f"share:{row.id}:{row.version}:{action}"})


def grantee_name(directory: Snapshot, grantee: str, locale: str) -> str:
    """What a grantee is called; a department with all below it says so."""
    kind, _, id = grantee.partition(":")
    bodies = {"user": directory.users, "role": directory.roles}.get(kind, directory.departments)
    name = bodies.get(id, {}).get("name") or t("customer.sharing.gone", locale)
    shown = name if isinstance(name, str) else label_in(name, locale, id)
    return t("customer.sharing.below", locale, name=shown) if kind == "department_and_below" else shown
