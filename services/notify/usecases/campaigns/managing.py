"""Campaigns are set up, changed, started, paused, cancelled; what makes or stops messages is in the audit log.

A step is possible from some states only (model.campaigns); whoever is late gets 409. A campaign reaches what the person
sees who started it, or took it over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from chassis.auditing import Target, tell
from chassis.auth import Principal
from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import is_id, new_id
from services.notify.metrics import CAMPAIGNS
from services.notify.model.campaigns import CANCELLED, DRAFT, FROM, PAUSED, PERSON_GONE, SCHEDULED, SENDING
from services.notify.queries.mail_templates import find_mail_template
from services.notify.store.tables import campaign, customer_mail
from services.notify.usecases.campaigns.asking import Refused, ask_slice
from services.notify.usecases.campaigns.running import RUNNER
from services.notify.usecases.mails.composing import CustomerAway
from services.notify.usecases.mails.taking_in import MAILS

if TYPE_CHECKING:
    from chassis.service import Service

MOST_CAMPAIGNS = 1000
_C = campaign.c


def create_campaign(uow: UnitOfWork, principal: Principal, body: Mapping[str, Any]) -> Any:
    """Write a draft; raises 409 when there are too many, and 422."""
    if (uow.execute(select(func.count()).select_from(campaign)).scalar() or 0) >= MOST_CAMPAIGNS:
        raise Problem(409, "too_many_campaigns", params={"most": MOST_CAMPAIGNS})
    _check(uow, body)
    id, now = new_id(), utcnow()
    uow.execute(campaign.insert().values(
        id=id, **body, state=DRAFT, all_taken=False, left_out={}, turn=0, due_at=now, created_by=principal.user_id,
        version=1, created_at=now, updated_at=now))
    return found(uow, id)


def change_campaign(uow: UnitOfWork, id: str, changes: Mapping[str, Any]) -> Any:
    """Change some members of a draft; raises 404, 409, 412, 422."""
    row = _ready(uow, id, "change")
    _check(uow, {name: row._mapping[name] for name in ("object", "audience", "template")} | dict(changes))
    return _moved(uow, row, **changes)


def delete_campaign(uow: UnitOfWork, id: str) -> None:
    """Take a draft away; raises 404, 409, 412."""
    _ready(uow, id, "delete")
    uow.execute(delete(campaign).where(_C.id == id))


def start_campaign(service: Service, uow: UnitOfWork, principal: Principal, id: str, at: datetime | None) -> Any:
    """Let a draft go out, now or at a moment; raises 404, 409, 412, 422, 503, and 403 for records he may not read."""
    row = _ready(uow, id, "start")
    if not service.settings.smtp_host:
        raise Problem(409, "mail_off")
    now = utcnow()
    if at is not None and at <= now:
        raise invalid(FieldProblem("/at", "in_the_past"))
    template = _check(uow, row._mapping)
    try_audience(service, row._mapping, str(principal.user_id), template["purpose"])
    _tell(uow, principal, "campaign.started", row, {"at": to_wire(at or now), "per_minute": row.per_minute})
    uow.after_commit(lambda: _set_off(service))
    return _moved(uow, row, state=SCHEDULED, due_at=at or now, run_by=principal.user_id, problem=None)


def recall_campaign(uow: UnitOfWork, principal: Principal, id: str) -> Any:
    """Make a scheduled campaign a draft again."""
    row = _ready(uow, id, "recall")
    _tell(uow, principal, "campaign.recalled", row, {})
    return _moved(uow, row, state=DRAFT)


def pause_campaign(uow: UnitOfWork, principal: Principal, id: str) -> Any:
    """Send no more for now; what is in a worker's hands at this moment still goes out."""
    row = _ready(uow, id, "pause")
    _tell(uow, principal, "campaign.paused", row, {})
    return _moved(uow, row, state=PAUSED)


def resume_campaign(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> Any:
    """Go on where it stopped; whoever lets it go on takes it over from somebody who has left."""
    row, now = _ready(uow, id, "resume"), utcnow()
    run_by = principal.user_id if row.problem == PERSON_GONE else row.run_by
    _tell(uow, principal, "campaign.resumed", row, {})
    uow.execute(update(customer_mail).where(_waits(id)).values(due_at=now, attempts=0))
    uow.after_commit(lambda: _set_off(service))
    return _moved(uow, row, state=SENDING, due_at=now, problem=None, turn=row.turn + 1, run_by=run_by)


def cancel_campaign(uow: UnitOfWork, principal: Principal, id: str) -> Any:
    """End it for good: what waits is left out."""
    row, now = _ready(uow, id, "cancel"), utcnow()
    uow.execute(update(customer_mail).where(_waits(id)).values(status="skipped", problem="cancelled", updated_at=now))
    _tell(uow, principal, "campaign.cancelled", row, {})
    uow.after_commit(lambda: CAMPAIGNS.labels(CANCELLED).inc())
    return _moved(uow, row, state=CANCELLED, ended_at=now)


def found(uow: UnitOfWork, id: str) -> Any:
    """The row of a campaign, locked; raises 404."""
    query = select(campaign).where(_C.id == id).with_for_update()
    row = uow.execute(query).one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("campaign")
    return row


def try_audience(service: Service, row: Mapping[str, Any], person: str, purpose: str) -> None:
    """Ask for one recipient, so that what is wrong is said now; raises 403, 422 and 503."""
    try:
        ask_slice(service, row, person, purpose, after=None, limit=1)
    except CustomerAway:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"}) from None
    except Refused as refused:
        raise audience_refused(refused) from None


def audience_refused(refused: Refused) -> Problem:
    """What a caller is told whom the customer service does not let ask."""
    if refused.status == 403:
        return Problem(403, "audience_not_seen")
    return invalid(FieldProblem("/audience", "audience_refused", {"why": refused.code}))


def template_of(uow_or_connection: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    """The template of a campaign; raises 422 for one that is gone, of another object, or not for marketing."""
    template = find_mail_template(uow_or_connection, row["template"])
    code = "unknown_template" if template is None else "template_of_other_object" if (
        template["object"] != row["object"]) else None if template["purpose"] else "template_without_purpose"
    if template is None or code:
        raise invalid(FieldProblem("/template", code or ""))
    return template


def _check(uow: UnitOfWork, body: Mapping[str, Any]) -> dict[str, Any]:
    audience = body["audience"]
    if (audience.get("segment") is None) == (audience.get("criteria") is None):
        raise invalid(FieldProblem("/audience", "one_of_two"))
    return template_of(uow.connection, body)


def _ready(uow: UnitOfWork, id: str, step: str) -> Any:
    row = found(uow, id)
    check_if_match(row.version)
    if row.state not in FROM[step]:
        raise Problem(409, "campaign_state", params={"state": row.state})
    return row


def _moved(uow: UnitOfWork, row: Any, **values: Any) -> Any:
    uow.execute(update(campaign).where(_C.id == row.id).values(
        **values, version=row.version + 1, updated_at=utcnow()))
    return found(uow, row.id)


def _tell(uow: UnitOfWork, principal: Principal, action: str, row: Any, detail: Mapping[str, Any]) -> None:
    tell(uow, principal, action, Target("campaign", row.id, row.name), detail)


def _waits(id: str) -> Any:
    return (customer_mail.c.campaign_id == id) & (customer_mail.c.status == "waiting")


def _set_off(service: Service) -> None:
    service.wake(RUNNER)
    service.wake(MAILS)
