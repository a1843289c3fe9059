"""Build the read model anew from the record store, while events keep flowing.

A new generation of tables is opened; from then on events go into both. All records are read page by page into the new
one, where versions decide between a page and an event. What no longer exists is on no page, so it is not there in the
end, when the new generation takes the place of the old one in one transaction. A job: killed, it goes on at its page.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.clock import from_wire, to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.db.tables import job as job_table
from chassis.jobs import Job, enqueue
from chassis.service import of_node
from services.report.metrics import REBUILDS
from services.report.store.read_model import ReadModel, RecordRow
from services.report.usecases.ask_customer import (
    all_definitions,
    base_currency,
    page_of_records,
    pages_of_rates,
    pages_of_rules,
    pages_of_shares,
)

if TYPE_CHECKING:
    from chassis.service import Service

REBUILD = "report.rebuild"
_OPEN = ("queued", "running")


def ask_for_rebuild(uow: UnitOfWork, node: str = "") -> str:
    """Start a rebuild of a node's model unless one is under way; returns the job's id either way."""
    kind = of_node(REBUILD, node)
    under_way = select(job_table.c.id).where(job_table.c.kind == kind, job_table.c.state.in_(_OPEN))
    return uow.execute(under_way.order_by(job_table.c.id).limit(1)).scalar() or enqueue(uow, kind, {})


def rebuild_everywhere(service: Service, uow: UnitOfWork) -> str:
    """Start a rebuild on every node; returns the id of the job of this one."""
    own = service.settings.node
    for node in filter(None, map(str.strip, service.settings.read_model_nodes.split(","))):
        if node != own:
            ask_for_rebuild(uow, node)
    return ask_for_rebuild(uow, own)


def rebuild_when_wanted(service: Service) -> None:
    """Start a rebuild when the model asks for one: its file is new, or something may be missing."""
    model: ReadModel = service.parts["read_model"]
    if model.view().state.wanted:
        with service.db.unit_of_work() as uow:
            ask_for_rebuild(uow, service.settings.node)


def rebuild_job(service: Service, job: Job) -> None:
    """The job: begin or go on, read every object, switch."""
    model: ReadModel = service.parts["read_model"]
    state, generation = model.view().state, job.progress.get("generation")
    if generation is None or generation not in state.live_generations:
        _begin(service, model, job)
    for name in list(job.progress["waiting"]):
        _read_object(service, model, job, name)
    _switch(model, job.progress["generation"], from_wire(job.progress["started_at"]))
    REBUILDS.labels("done").inc()


def rebuild_failed(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """Count a rebuild that was given up; the model still asks for one."""
    REBUILDS.labels("failed").inc()


def _begin(service: Service, model: ReadModel, job: Job) -> None:
    """Open a generation first and ask what there is second, so that no event falls between the two."""
    started_at = utcnow()
    with model.changing() as writer:
        generation = writer.begin()
    definitions = all_definitions(service)
    with model.changing() as writer:
        for definition in definitions:
            writer.define(definition, [generation])
            writer.keep_tombstones(definition["name"], generation)
    _read_sharing(service, model, generation)
    _read_rates(service, model, generation)
    _save(service, job, generation=generation, started_at=to_wire(started_at), read=0, cursor=None,
          waiting=sorted(definition["name"] for definition in definitions))


def _read_sharing(service: Service, model: ReadModel, generation: int) -> None:
    """Sharing rules and shares of single records, page by page; events that came meanwhile are newer."""
    for pages, rules in ((pages_of_rules(service), True), (pages_of_shares(service), False)):
        for page in pages:
            with model.changing() as writer:
                writer.share([] if rules else page, page if rules else [], [generation])


def _read_rates(service: Service, model: ReadModel, generation: int) -> None:
    """The base currency and exchange rates, page by page."""
    base = base_currency(service)
    for page in pages_of_rates(service):
        with model.changing() as writer:
            writer.convert(base, page, by_event=False, generations=[generation])


def _read_object(service: Service, model: ReadModel, job: Job, name: str) -> None:
    cursor, generation = job.progress["cursor"], job.progress["generation"]
    while True:
        page = page_of_records(service, name, cursor)
        if page is None:
            with model.changing() as writer:
                writer.drop(name, [generation])
            break
        rows = [RecordRow(record["id"], record["version"], record) for record in page["items"]]
        with model.changing() as writer:
            writer.put(name, rows, [generation])
        cursor = page["next_cursor"]
        if cursor is None:
            break
        _save(service, job, cursor=cursor, read=job.progress["read"] + len(rows))
    _save(service, job, cursor=None, waiting=[other for other in job.progress["waiting"] if other != name])


def _switch(model: ReadModel, generation: int, started_at: datetime) -> None:
    with model.changing() as writer:
        if writer.state.building == generation:
            writer.switch(started_at)


def _save(service: Service, job: Job, **progress: Any) -> None:
    with service.db.unit_of_work() as uow:
        job.save(uow, **progress)
