"""The next version of a process while it is drawn: kept beside the published ones, whole or not, and run by nobody.

A draft need not be a process yet, but it is XML within the bounds of every file. Publishing takes it away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update

from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import invalid, not_found
from services.workflow.model.processes.reader import Fault
from services.workflow.model.processes.xml import Unreadable, read_xml
from services.workflow.store.tables import process, process_draft
from services.workflow.usecases.processes.faults import problems

Row = Mapping[str, Any]


def keep_draft(uow: UnitOfWork, principal: Principal, id: str, body: Row) -> Row:
    """Keep a file as the draft of a process; 422 for what is no XML, 412 when somebody else kept another meanwhile."""
    _check_readable(body["xml"])
    known = _locked(uow, id)
    row = {"process_id": id, "base": body["base"], "xml": body["xml"], "at": utcnow(), "by_id": principal.user_id,
           "by_name": principal.name, "version": known["version"] + 1 if known else 1}
    check_if_match(known["version"] if known else 0)
    write = update(process_draft).where(process_draft.c.process_id == id) if known else process_draft.insert()
    uow.execute(write.values(row))
    return row


def discard_draft(uow: UnitOfWork, id: str) -> None:
    """Throw a draft away; 412 when somebody else kept another meanwhile. Nothing happens when there is none."""
    known = _locked(uow, id)
    if known is not None:
        check_if_match(known["version"])
        drop_draft(uow, id)


def drop_draft(uow: UnitOfWork, id: str) -> None:
    """Forget the draft of a process, whatever it is, because a version was published or the process is gone."""
    uow.execute(delete(process_draft).where(process_draft.c.process_id == id))


def _check_readable(xml: str) -> None:
    try:
        read_xml(xml)
    except Unreadable as error:
        raise invalid(*problems([Fault("", "", 0, error.code, error.params)])) from None


def _locked(uow: UnitOfWork, id: str) -> Row | None:
    """The draft as it is; the row of its process, which is always there, is locked."""
    if uow.execute(select(process.c.id).where(process.c.id == id).with_for_update()).scalar() is None:
        raise not_found("process")
    return uow.execute(select(process_draft).where(process_draft.c.process_id == id)).mappings().one_or_none()
