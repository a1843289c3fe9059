"""Installing packs from the console: upload and look, then a job; what was installed last is remembered.

The job writes through the public API in the name of who started it. It decides by comparing, so a job that broke off
is finished by being run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, not_found
from chassis.i18n import t
from chassis.ids import new_id
from chassis.jobs import Job, enqueue
from gateway.packs.api import Api, ApiError, Request
from gateway.packs.caller import caller, tokens_for
from gateway.packs.choices import is_conflict
from gateway.packs.errors import PackError
from gateway.packs.installer import install_pack
from gateway.packs.merge import MISSING
from gateway.packs.model import Item, Pack
from gateway.packs.plan import Change
from gateway.packs.refusals import in_words
from gateway.packs.requirements import is_newer, missing
from gateway.packs.state import ApiMemory
from gateway.store.tables import pack as pack_table
from gateway.store.tables import pack_run
from gateway.usecases.audit import Target, actor_of, record

if TYPE_CHECKING:
    from chassis.service import Service

INSTALL = "gateway.pack"
UPLOADED, INSTALLING, FINISHED, FAILED = "uploaded", "installing", "finished", "failed"
MAX_ERRORS = 50
UPLOADS_KEPT = timedelta(days=7)


def keep_upload(uow: UnitOfWork, principal: Principal, pack: Pack) -> str:
    """Keep a checked pack until somebody says that it shall be installed; returns the id."""
    id = new_id()
    items = [{"kind": one.kind, "key": one.key, "file": one.file, "pointer": one.pointer, "body": one.body}
             for one in pack.items]
    uow.execute(pack_run.insert().values(
        id=id, pack=pack.name, manifest=pack.manifest, items=items, keep=[], state=UPLOADED, done=0,
        created_by=principal.user_id, locale=principal.locale, created_at=utcnow()))
    return id


def forget_old_uploads(service: Service) -> None:
    """Forget uploads that nobody installed, and installations that ended long ago."""
    with service.db.unit_of_work() as uow:
        uow.execute(delete(pack_run).where(
            pack_run.c.state.in_((UPLOADED, FINISHED, FAILED)), pack_run.c.created_at < utcnow() - UPLOADS_KEPT))


def remember_pack(uow: UnitOfWork, principal: Principal, name: str, given: Mapping[str, Any]) -> None:
    """Remember a pack as it has just been installed."""
    row = {"version": given["version"], "label": given["label"], "items": given["items"],
           "requires": given["requires"], "installed_at": utcnow()}
    if uow.execute(update(pack_table).where(pack_table.c.name == name).values(row)).rowcount == 0:
        uow.execute(pack_table.insert().values(name=name, **row))
    record(uow, "pack.installed", actor_of(principal), Target("pack", None, name), {"version": given["version"]})


def start_install(service: Service, uow: UnitOfWork, request: Request, id: str, keep: list[str] | None,
                  *, downgrade: bool) -> None:
    """Begin to install an uploaded pack, or go on with one that failed, for which everything was said already.

    Raises 404, and 409 for what is missing, a downgrade, a second start.
    """
    row = run_of(uow, id)
    if row.state not in (UPLOADED, FAILED) or "name" not in row.manifest:
        raise Problem(409, "pack_started")
    asked = requirements(request, pack_of_run(row), ApiMemory(Api(request), Path(service.settings.home)))
    if asked["missing"]:
        raise Problem(409, "pack_requires", params={"names": ", ".join(asked["missing"])})
    if asked["downgrade"] and not downgrade and row.state == UPLOADED:
        raise Problem(409, "pack_downgrade", params={"version": asked["installed_version"]})
    uow.execute(update(pack_run).where(pack_run.c.id == id).values(
        state=INSTALLING, keep=row.keep if keep is None else keep, done=0, problem=None, finished_at=None))
    enqueue(uow, INSTALL, {"id": id})


def requirements(request: Request, pack: Pack, memory: ApiMemory) -> dict[str, Any]:
    """What a pack needs that is not there, and whether a newer version of it is."""
    installed = memory.version(pack.name)
    return {"missing": missing(Api(request), memory, pack), "installed_version": installed,
            "downgrade": installed is not None and is_newer(installed, pack.version)}


def preview(service: Service, request: Request, pack: Pack) -> dict[str, Any]:
    """What installing would do, item by item; a place that people changed is a conflict."""
    memory = ApiMemory(Api(request), Path(service.settings.home))
    before = memory.items(pack.name)
    changes = install_pack(request, pack, preview=True, memory=memory)
    return {**requirements(request, pack, memory), "name": pack.name, "version": pack.version,
            "label": pack.manifest["label"], "changes": [_shown(one, before.get(one.item.name, MISSING))
                                                         for one in changes]}


def install_job(service: Service, job: Job) -> None:
    """Install what was uploaded; run again it goes on."""
    with service.db.read() as connection:
        row = connection.execute(select(pack_run).where(pack_run.c.id == job.payload["id"])).one()
    request = caller(service, tokens_for(service, row.created_by), row.locale)
    done = 0

    def told(_: Change) -> None:
        nonlocal done
        done += 1
        with service.db.unit_of_work() as uow:
            job.save(uow, done=done)
            uow.execute(update(pack_run).where(pack_run.c.id == row.id).values(done=done))

    try:
        install_pack(request, pack_of_run(row), keep=row.keep, told=told,
                     memory=ApiMemory(Api(request), Path(service.settings.home)))
    except (PackError, ApiError) as error:
        _end(service, row.id, FAILED, in_words(error, row.locale)[:4000])
    else:
        _end(service, row.id, FINISHED, None)


def install_given_up(_: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """Tell that an installation failed too often."""
    end_given_up(uow, job.payload["id"], error)


def end_given_up(uow: UnitOfWork, id: str, error: str) -> None:
    """End a run that failed too often."""
    locale = uow.execute(select(pack_run.c.locale).where(pack_run.c.id == id)).scalar_one()
    uow.execute(update(pack_run).where(pack_run.c.id == id).values(
        state=FAILED, problem=t("error.pack_gave_up", locale, text=error)[:4000], finished_at=utcnow()))


def faulty(error: PackError) -> Problem:
    """A pack that cannot be read, as an answer: every fault with its file and place."""
    return Problem(422, "pack_faulty", errors=[
        FieldProblem(f"{fault.file}#{fault.pointer}"[:300], f"pack_{fault.code}",
                     {"text": fault.message, **fault.params})
        for fault in error.faults[:MAX_ERRORS]])


def pack_of_run(row: Row[Any]) -> Pack:
    """The pack of an upload."""
    items = tuple(Item(one["kind"], one["key"], one["file"], one["body"], one["pointer"]) for one in row.items)
    return Pack(row.pack, row.manifest["version"], row.manifest, items)


def run_of(uow: UnitOfWork, id: str) -> Row[Any]:
    """An upload or installation, locked; raises 404."""
    row = uow.execute(select(pack_run).where(pack_run.c.id == id).with_for_update()).first()
    if row is None:
        raise not_found("pack")
    return row


def _end(service: Service, id: str, state: str, problem: str | None) -> None:
    with service.db.unit_of_work() as uow:
        uow.execute(update(pack_run).where(pack_run.c.id == id).values(
            state=state, problem=problem, finished_at=utcnow()))


def _shown(change: Change, base: Any) -> dict[str, Any]:
    label = change.item.body.get("label") or change.item.body.get("name")
    return {"kind": change.item.kind, "key": change.item.key, "action": change.action,
            "label": label if isinstance(label, dict) else {},
            "differences": [{"pointer": one.pointer, "before": one.before, "after": one.after,
                             "conflict": is_conflict(change, one.pointer, base)} for one in change.differences]}
