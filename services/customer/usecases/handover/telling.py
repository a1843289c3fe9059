"""What receivers of a hand-over hear: one message about all records, one about all tasks, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.ids import new_id
from chassis.jobs import Job
from services.customer.events import publish_notifications
from services.customer.store.handovers import found_counts

if TYPE_CHECKING:
    from chassis.service import Service

_TOLD_AT_ONCE = 200


def tell_receivers(service: Service, job: Job, run: Row[Any]) -> None:
    """Tell everybody once; what was told commits with the progress of the job."""
    wishes = list(_wishes(service, run))
    for start in range(job.progress.get("told", 0), len(wishes), _TOLD_AT_ONCE):
        piece = wishes[start:start + _TOLD_AT_ONCE]
        with service.db.unit_of_work() as uow:
            publish_notifications(uow, piece)
            job.save(uow, told=start + len(piece))


def _wishes(service: Service, run: Row[Any]) -> Iterator[dict[str, Any]]:
    with service.db.read() as connection:
        counts = found_counts(connection, run.id)
    types = service.parts["types"].all()
    objects = [dict(types[name].definition.plural) for name in counts["records"] if name in types]
    person = service.directory.name_of(run.person_id) or ""
    for template, receivers in (("records_received", counts["receivers"]), ("tasks_received", counts["tasks"])):
        for user, number in sorted(receivers.items()):
            yield {"id": new_id(), "user_id": user, "template": template, "link": None, "bulk": None,
                   "params": {"number": number, "person": person, "objects": objects}}
