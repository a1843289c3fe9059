"""Open tasks of one person go to others with a hand-over, piece by piece, and come back when it is undone.

A task goes only while its former holder has it, and a row of `task_transfer` commits with it: a piece that is asked for
again moves nothing twice. Undoing gives back what is still open and still with whoever it went to; what it leaves
keeps the reason. Tasks that a record plans are left out, because they follow the owner of their record. Approvals go
like other tasks, and their history tells it, but never to who has asked for them, nor to who decides in the same step.
Nobody is told of single tasks: who hands over tells each receiver once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, false, func, or_, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from services.workflow.events import publish_tasks
from services.workflow.store.tables import process_instance, task, task_transfer
from services.workflow.usecases.people import names_of
from services.workflow.usecases.processes.countersigning import has_one_of_the_step
from services.workflow.usecases.processes.history import Deed, write_history

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
PIECE = 200
GIVEN_BACK = "given_back"
GONE, CLOSED, MOVED, PERSON_GONE = "task_gone", "task_closed", "task_moved", "task_person_gone"  # why one was left
_WRITTEN = ("assignee_id", "department_id", "version", "updated_at")
_CHANGE = update(task).where(task.c.id == bindparam("task")).values({name: bindparam(name) for name in _WRITTEN})
_MARK = (update(task_transfer)
         .where(task_transfer.c.transfer_id == bindparam("transfer"), task_transfer.c.task_id == bindparam("task"))
         .values(undone=bindparam("outcome")))


def open_tasks(person_id: str) -> ColumnElement[bool]:
    """The condition for the tasks of somebody that a hand-over can move."""
    return and_(task.c.assignee_id == person_id, task.c.state == "open", task.c.source_id.is_(None))


def transfer(service: Service, uow: UnitOfWork, id: str, body: Row) -> bool:
    """Move the next piece: the tasks about records to their `records`' new owners, or all to `to_id`; more to come?"""
    wanted, records = open_tasks(body["from_id"]), body.get("records")
    if records is not None:
        records = {record: user for record, user in records.items() if _is_active(service, user)}
        wanted = and_(wanted, or_(false(), *(and_(task.c.link_id.in_(some), _may_have(user))
                                             for user, some in _by_user(records).items())))
    elif not _is_active(service, body.get("to_id")):
        return False
    else:
        wanted = and_(wanted, _may_have(body["to_id"]))
    rows = uow.execute(select(task).where(wanted).order_by(task.c.id).limit(PIECE).with_for_update()).mappings().all()
    receivers = [records[row["link_id"]] if records is not None else body["to_id"] for row in rows]
    if rows:
        statement: Any = insert_or(uow, task_transfer)
        again = {"to_id": statement.excluded.to_id, "from_id": statement.excluded.from_id, "undone": None}
        uow.execute(statement.on_conflict_do_update(index_elements=["transfer_id", "task_id"], set_=again), [
            {"transfer_id": id, "task_id": row["id"], "from_id": body["from_id"], "to_id": user, "undone": None}
            for row, user in zip(rows, receivers, strict=True)])
        _give(service, uow, rows, receivers)
    return len(rows) == PIECE


def _by_user(records: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record, user in sorted(records.items()):
        found.setdefault(user, []).append(record)
    return found


def _may_have(user: str) -> ColumnElement[bool]:
    """The condition for tasks that do not decide what somebody has asked for himself, nor a step that he decides in
    already: nobody inherits those."""
    his_own = exists().where(process_instance.c.id == task.c.instance_id, process_instance.c.applicant_id == user)
    return and_(~his_own, or_(task.c.instance_id.is_(None), ~has_one_of_the_step(user)))


def undo_transfer(service: Service, uow: UnitOfWork, id: str) -> bool:
    """Give the next piece back as far as it is open and untouched; more to come?"""
    table = task_transfer.c
    moved = uow.execute(select(task_transfer).where(table.transfer_id == id, table.undone.is_(None))
                        .order_by(table.task_id).limit(PIECE)).mappings().all()
    rows = uow.execute(select(task).where(task.c.id.in_([one["task_id"] for one in moved]))
                       .order_by(task.c.id).with_for_update()).mappings().all()
    standing = {row["id"]: row for row in rows}
    reasons = {one["task_id"]: _reason(service, one, standing.get(one["task_id"])) for one in moved}
    going = [one for one in moved if reasons[one["task_id"]] is None]
    if moved:
        uow.execute(_MARK, [{"transfer": id, "task": one, "outcome": why or GIVEN_BACK}
                            for one, why in reasons.items()])
    _give(service, uow, [standing[one["task_id"]] for one in going], [one["from_id"] for one in going])
    return len(moved) == PIECE


def outcome(connection: Connection, id: str) -> dict[str, Any]:
    """What has gone to whom, and what has come back."""
    receivers = _numbers(connection, id, task_transfer.c.to_id)
    undone = _numbers(connection, id, task_transfer.c.undone)
    back = undone.pop(GIVEN_BACK, 0)
    return {"receivers": receivers, "given_back": back, "kept": sum(undone.values())}


def _numbers(connection: Connection, id: str, column: ColumnElement[Any]) -> dict[str, int]:
    """Value of a column → how many tasks of a transfer have it."""
    counted = select(column, func.count()).where(task_transfer.c.transfer_id == id, column.is_not(None))
    rows = connection.execute(counted.group_by(column).order_by(column)).all()
    return {row[0]: row[1] for row in rows}


def _give(service: Service, uow: UnitOfWork, rows: Sequence[Row], receivers: Sequence[str]) -> None:
    if not rows:
        return
    users, now = service.directory.snapshot().users, utcnow()
    changed = [dict(row) | {"assignee_id": user, "department_id": users[user].get("department_id"),
                            "version": row["version"] + 1, "updated_at": now}
               for row, user in zip(rows, receivers, strict=True)]
    for row, user in zip(rows, receivers, strict=True):
        if row["instance_id"] is not None:
            write_history(uow, row["instance_id"], now, Deed(
                None, "handed_over", row["step"]["node"], detail={"from": row["assignee_id"], "to": user}))
    uow.execute(_CHANGE, [{"task": row["id"], **{name: row[name] for name in _WRITTEN}} for row in changed])
    publish_tasks(uow, "updated", changed, names_of(service, changed), service.settings.default_locale)


def _reason(service: Service, moved: Row, row: Row | None) -> str | None:
    """Why a task is not given back; None when it is."""
    if row is None:
        return GONE
    if row["state"] != "open":
        return CLOSED
    if row["assignee_id"] != moved["to_id"]:
        return MOVED
    return None if _is_active(service, moved["from_id"]) else PERSON_GONE


def _is_active(service: Service, user_id: Any) -> bool:
    user = service.directory.snapshot().users.get(user_id or "")
    return bool(user and user["active"])
