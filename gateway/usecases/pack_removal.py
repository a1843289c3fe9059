"""Taking a pack away: a look first, then a job in the name of who started it; `packs.removal` says what stays and why.

Afterwards the pack is forgotten. What stayed is the company's own from then on.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import new_id
from chassis.jobs import Job, enqueue
from gateway.packs.api import ApiError, Request
from gateway.packs.caller import caller, tokens_for
from gateway.packs.refusals import in_words
from gateway.packs.removal import KEEP, Removal, plan_removal, remove
from gateway.packs.state import forget_baseline
from gateway.queries.packs import installed_pack, others_of
from gateway.queries.users import find as find_user
from gateway.store.tables import pack as pack_table
from gateway.store.tables import pack_run
from gateway.usecases.audit import Actor, Target, record
from gateway.usecases.packs import FAILED, FINISHED, end_given_up

if TYPE_CHECKING:
    from chassis.service import Service

REMOVAL = "gateway.pack_removal"
REMOVING = "removing"


def preview_removal(service: Service, request: Request, name: str, also: Collection[str]) -> dict[str, Any]:
    """What removing a pack would do, item by item; raises 404."""
    found, plan, needed_by = _planned(service, request, name, also)
    return {"name": name, "version": found["version"], "label": found["label"], "needed_by": needed_by,
            "items": [_shown(one) for one in plan]}


def start_removal(service: Service, uow: UnitOfWork, principal: Principal, name: str, also: list[str]) -> str:
    """Begin to remove a pack; `also` goes although it was changed or has records. Raises 404, and 409 while needed."""
    found = installed_pack(uow.connection, name)
    if found is None:
        raise not_found("pack")
    _, needed_by = others_of(uow.connection, name)
    if needed_by:
        raise Problem(409, "pack_needed", params={"names": ", ".join(needed_by)})
    if uow.execute(select(pack_run.c.id).where(pack_run.c.pack == name, pack_run.c.state == REMOVING)).first():
        raise Problem(409, "pack_started")
    id = new_id()
    uow.execute(pack_run.insert().values(
        id=id, pack=name, manifest={"version": found["version"], "label": found["label"]}, items=sorted(found["items"]),
        keep=also, state=REMOVING, done=0, created_by=principal.user_id, locale=principal.locale, created_at=utcnow()))
    enqueue(uow, REMOVAL, {"id": id})
    return id


def removal_job(service: Service, job: Job) -> None:
    """Remove a pack; run again it goes on."""
    with service.db.read() as connection:
        row = connection.execute(select(pack_run).where(pack_run.c.id == job.payload["id"])).one()
        person = find_user(connection, row.created_by)
        known = installed_pack(connection, row.pack)
    if known is None:
        return
    request = caller(service, tokens_for(service, row.created_by), row.locale)
    done = 0

    def told(_: Removal) -> None:
        nonlocal done
        done += 1
        with service.db.unit_of_work() as uow:
            job.save(uow, done=done)
            uow.execute(update(pack_run).where(pack_run.c.id == row.id).values(done=done))

    try:
        _, plan, _ = _planned(service, request, row.pack, row.keep)
        left = [one for one in remove(request, plan, told) if one.action == KEEP]
    except ApiError as error:
        with service.db.unit_of_work() as uow:
            _end(uow, row.id, FAILED, problem=in_words(error, row.locale)[:4000])
        return
    with service.db.unit_of_work() as uow:
        uow.execute(delete(pack_table).where(pack_table.c.name == row.pack))
        record(uow, "pack.removed", Actor("user", row.created_by, person["name"] if person else ""),
               Target("pack", None, row.pack), {"version": row.manifest["version"], "left": [one.name for one in left]})
        _end(uow, row.id, FINISHED, result=[_shown(one) for one in left])
    forget_baseline(Path(service.settings.home), row.pack)


def removal_given_up(_: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """Tell that a removal failed too often."""
    end_given_up(uow, job.payload["id"], error)


def _planned(service: Service, request: Request, name: str,
             also: Collection[str]) -> tuple[dict[str, Any], tuple[Removal, ...], list[str]]:
    with service.db.read() as connection:
        found = installed_pack(connection, name)
        if found is None:
            raise not_found("pack")
        shared, needed_by = others_of(connection, name)
    return found, plan_removal(request, found["items"], shared, also), needed_by


def _end(uow: UnitOfWork, id: str, state: str, *, problem: str | None = None, result: Any = None) -> None:
    uow.execute(update(pack_run).where(pack_run.c.id == id).values(
        state=state, problem=problem, result=result, finished_at=utcnow()))


def _shown(one: Removal) -> dict[str, Any]:
    return {"kind": one.kind, "key": one.key, "label": dict(one.label), "action": one.action, "reason": one.reason,
            "optional": one.optional, "records": one.records, "needed_by": list(one.needed_by), "told": one.told,
            "changes": [{"pointer": place.pointer, "before": place.before, "after": place.after}
                        for place in one.changes]}
