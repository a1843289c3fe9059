"""Who opened a message of a campaign or followed a link in it: one record of the shipped object for each message.

So rules, scores, segments, reports and permissions of it are the ordinary ones, as with answers to surveys. It is made
when something happens for the first time, and grows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.context import Cause, Origin, current_cause
from chassis.db import UnitOfWork
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.create_records import create_records
from services.customer.usecases.responses import About, links_to, writer
from services.customer.usecases.results import Result
from services.customer.usecases.update_records import Patch, update_records

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

RESPONSE = "campaign_response"  # the shipped object
_KEY = "message_id"


def keep_engagements(service: Service, uow: UnitOfWork, told: Iterable[Mapping[str, Any]]) -> None:
    """Write down what the events tell; where the object is missing, nothing."""
    record_type = service.parts["types"].find(RESPONSE)
    if record_type is None or _KEY not in record_type.fields:
        return
    for one in told:
        cause = current_cause().because_of(origin=Origin("system", one["campaign"]["id"], one["campaign"]["name"]))
        standing = _standing(uow, record_type, one["message_id"])
        result = _create(service, uow, record_type, one, cause) if standing is None else (
            _update(service, uow, record_type, standing, one, cause))
        if result is not None and result.problem is not None:  # the company has changed the object meanwhile
            log.warning("what came of a campaign was not kept: %s", result.problem.code)


def _create(service: Service, uow: UnitOfWork, record_type: RecordType, one: Mapping[str, Any],
            cause: Cause) -> Result | None:
    """Nothing for somebody who is gone since: it would be nobody's."""
    about = About(one["object"], one["record_id"], one["object"], one["record_id"])
    links = links_to(service, uow, record_type, about)
    if one["record_id"] not in links.values():
        return None
    values = {"campaign": one["campaign"]["name"][:200], _KEY: one["message_id"], **_came(one, 0), **links}
    return create_records(service, uow, writer(service, "campaign"), record_type, [_known(record_type, values)],
                          cause=cause, by_layout=False)[0]


def _update(service: Service, uow: UnitOfWork, record_type: RecordType, standing: Record, one: Mapping[str, Any],
            cause: Cause) -> Result:
    patch = Patch(standing["id"], _known(record_type, _came(one, standing.get("links") or 0)))
    return update_records(service, uow, writer(service, "campaign"), record_type, [patch], cause=cause,
                          by_layout=False)[0]


def _came(one: Mapping[str, Any], links: int) -> dict[str, Any]:
    """What the event says; each link is told once."""
    moments = {name: one[name] for name in ("opened_at", "clicked_at") if one[name]}
    return moments | ({"last_link": one["url"], "links": links + 1} if one["url"] else {})


def _known(record_type: RecordType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Without the fields that the company has taken away."""
    return {name: value for name, value in values.items() if name in record_type.fields or name == "owner_id"}


def _standing(uow: UnitOfWork, record_type: RecordType, message_id: str) -> Record | None:
    column: Any = record_type.table.c[record_type.column_of(_KEY)]
    id = uow.execute(select(record_type.table.c.id).where(column == message_id)).scalar()
    rows = record_type.by_id.rows(uow.connection, {"id": id}) if id else ()
    return record_type.load(rows[0]) if rows else None
