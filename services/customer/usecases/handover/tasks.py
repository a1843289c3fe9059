"""Open tasks of a hand-over: those about records go with them, the others to whoever was named.

Tasks live in the workflow service, which moves them piece by piece under the id of the hand-over, never twice, and
knows afterwards what went to whom. So a worker that dies here simply asks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from chassis.http.problem import Problem
from chassis.jobs import Job
from services.customer.store.handovers import change_handover, lock_handover, next_chunk

if TYPE_CHECKING:
    from chassis.service import Service

_BASE = "/v1/task-transfers"


def open_tasks(service: Service, person_id: str) -> int:
    """How many open tasks of somebody a hand-over would move; none where the workflow service does not answer."""
    answer = service.calls.request("workflow", "GET", f"{_BASE}/preview/{person_id}")
    return int(answer.json["open"]) if answer.status == 200 else 0


def move_tasks(service: Service, job: Job, run: Row[Any]) -> None:
    """Move all that go; keep who got how many, and how many stayed.

    An approval goes to nobody who asked for it or decides beside it.
    """
    if job.progress.get("tasks_done"):
        return
    if run.tasks_with_records:
        _move_with_records(service, job, run)
    if run.tasks_to:
        _ask(service, f"{_BASE}/{run.id}", {"from_id": run.person_id, "to_id": run.tasks_to})
    counts = {"tasks": {}, "tasks_left": 0}
    if run.tasks_with_records or run.tasks_to:
        counts = {"tasks": _read(service, run.id)["receivers"],
                  "tasks_left": int(_read(service, f"preview/{run.person_id}")["open"])}
    with service.db.unit_of_work() as uow:
        current = lock_handover(uow, run.id)
        if current is not None:
            change_handover(uow, run.id, counts=current.counts | counts)
        job.save(uow, tasks_done=True)


def give_tasks_back(service: Service, run: Row[Any]) -> dict[str, int]:
    """Give open tasks back that nobody has moved on; returns how many came back, and how many were left."""
    if not run.counts["tasks"]:
        return {"tasks": 0, "tasks_kept": 0}
    _ask(service, f"{_BASE}/{run.id}/undo", {})
    outcome = _read(service, run.id)
    return {"tasks": int(outcome["given_back"]), "tasks_kept": int(outcome["kept"])}


def _move_with_records(service: Service, job: Job, run: Row[Any]) -> None:
    """Chunk by chunk: the tasks about its records go to whoever owns them now."""
    while True:
        with service.db.read() as connection:
            chunk = next_chunk(connection, run.id, job.progress.get("tasks_after", 0))
            record_type = service.parts["types"].find(chunk.object) if chunk is not None else None
            owners = {}
            if chunk is not None and record_type is not None:
                table = record_type.table.c
                wanted = table.id.in_([one[1] for one in chunk.written]) & table.owner_id.is_not(None)
                owners = {row.id: row.owner_id for row in connection.execute(
                    select(table.id, table.owner_id).where(wanted, table.owner_id != run.person_id))}
        if chunk is None:
            return
        if owners:
            _ask(service, f"{_BASE}/{run.id}", {"from_id": run.person_id, "records": owners})
        with service.db.unit_of_work() as uow:
            job.save(uow, tasks_after=chunk.number)


def _ask(service: Service, path: str, body: dict[str, Any]) -> None:
    """Ask until there is no more to move; raises 503, and the job is tried again later."""
    more = True
    while more:
        answer = service.calls.request("workflow", "POST", path, json=body)
        if answer.status != 200:
            raise Problem(503, "unavailable")
        more = answer.json["more"]


def _read(service: Service, what: str) -> dict[str, Any]:
    answer = service.calls.request("workflow", "GET", f"{_BASE}/{what}")
    if answer.status != 200:
        raise Problem(503, "unavailable")
    found: dict[str, Any] = answer.json
    return found
