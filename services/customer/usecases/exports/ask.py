"""Ask for an export in the background, stop it, take its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from chassis.jobs import cancel, enqueue
from services.customer.queries.export import FORMATS, ExportRequest, prepare_export
from services.customer.store.exports.files import read_file, remove_file
from services.customer.store.exports.tables import export_run
from services.customer.store.record_type import RecordType
from services.customer.usecases.tell_audit import tell_download

if TYPE_CHECKING:
    from chassis.service import Service

EXPORT = "customer.export"
WRITING, FINISHED, FAILED, CANCELLED, EXPIRED = "writing", "finished", "failed", "cancelled", "expired"
STATES = (WRITING, FINISHED, FAILED, CANCELLED, EXPIRED)
_AT_ONCE = 5


def ask_for_export(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                   asked: ExportRequest, kind: str) -> str:
    """Begin to write an export; returns its id. Raises 403, 422, and 429 while several of the caller's are written."""
    sheet = prepare_export(service, principal, record_type, asked)
    mine = select(export_run.c.id).where(export_run.c.caller == principal.key, export_run.c.state == WRITING)
    if len(uow.execute(mine.limit(_AT_ONCE)).all()) == _AT_ONCE:
        raise Problem(429, "too_many_exports", params={"most": _AT_ONCE})
    id, wishes = new_id(), asdict(asked)
    uow.execute(export_run.insert().values(
        id=id, object=record_type.name, caller=principal.key, started_by=principal.user_id, locale=principal.locale,
        state=WRITING, format=kind, for_import=wishes.pop("for_import"), asked=wishes,
        filename=f"{sheet.name}.{FORMATS[kind].ending}", done=0, count=sheet.count,
        job_id=enqueue(uow, EXPORT, {"export_id": id}), created_at=utcnow()))
    return id


def cancel_export(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Stop an export, or let go of its file."""
    run = own_export(uow, principal, id)
    if run.state == WRITING and run.job_id:
        cancel(uow, run.job_id)
    if run.state in (WRITING, FINISHED):
        state = CANCELLED if run.state == WRITING else EXPIRED
        uow.execute(update(export_run).where(export_run.c.id == id).values(state=state))
        uow.after_commit(lambda: remove_file(service.settings.home, id))


def take_export(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> tuple[Row[Any], Iterator[bytes]]:
    """The file of an export, told to the audit log; raises 404, 409 while it is not written, 410 when it is gone."""
    run = own_export(uow, principal, id)
    if run.state == EXPIRED or (run.expires_at is not None and run.expires_at <= utcnow()):
        raise Problem(410, "export_expired")
    if run.state != FINISHED:
        raise Problem(409, "export_not_ready", params={"state": run.state})
    principal_now = replace(principal, locale=run.locale)
    _still_allowed(service, principal_now, run)
    try:
        pieces = read_file(service.settings.home, id)
    except FileNotFoundError:
        raise Problem(410, "export_expired") from None
    tell_download(service, uow, principal, service.parts["types"].get(run.object), run)
    return run, pieces


def own_export(uow: UnitOfWork, principal: Principal, id: str) -> Row[Any]:
    """An export that the caller asked for, locked; raises 404."""
    query = select(export_run).where(export_run.c.id == id, export_run.c.caller == principal.key)
    run = uow.execute(query.with_for_update()).one_or_none() if is_id(id) else None
    if run is None:
        raise not_found("export")
    return run


def _still_allowed(service: Service, principal: Principal, run: Row[Any]) -> None:
    """A right that was taken away since then counts for the file, too."""
    if not principal.objects(run.object).allows("export"):
        raise Problem(403, "action_not_granted", params={"action": "export", "object": run.object})
