"""Webhooks are made, changed and taken away; every step is in the audit log.

A secret is shown when it is made and never again. It is kept sealed; after a rotation the one before signs beside the
new one for the time that the receiver needs to change over.

A webhook reads as its person, so it is managed like that person's API keys: only by people, and by nobody who lacks a
permission of his. An API key may not: it would read through a webhook what its scopes do not cover.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from chassis.auditing import Target, tell
from chassis.auth import Principal
from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import is_id, new_id
from services.notify.model.webhooks import MOST_WEBHOOKS, host_of, new_secret
from services.notify.store.tables import webhook
from services.notify.usecases.reaching import fault_of

if TYPE_CHECKING:
    from chassis.service import Service

_FRESH = {"failures": 0, "failing_since": None, "off_reason": None}


def create_webhook(service: Service, uow: UnitOfWork, principal: Principal,
                   body: Mapping[str, Any]) -> tuple[Any, str]:
    """Make a webhook; returns its row and the secret. Raises 422, and 409 when there are too many."""
    _check_reach(service, principal, body["acts_as"])
    _check(service, body)
    if (uow.execute(select(func.count()).select_from(webhook)).scalar() or 0) >= MOST_WEBHOOKS:
        raise Problem(409, "too_many_webhooks", params={"most": MOST_WEBHOOKS})
    id, now, secret = new_id(), utcnow(), new_secret()
    uow.execute(webhook.insert().values(
        id=id, **body, secrets=[_sealed(service, id, secret)], failures=0, paused_until=now, leased_until=now,
        version=1, created_at=now, updated_at=now))
    return _told(uow, principal, "webhook.created", id), secret


def change_webhook(service: Service, uow: UnitOfWork, principal: Principal, id: str,
                   changes: Mapping[str, Any]) -> Any:
    """Change some members; to switch it on again forgives what went wrong before."""
    known = locked(uow, id)
    check_if_match(known.version)
    for person in {known.acts_as, changes.get("acts_as", known.acts_as)}:
        _check_reach(service, principal, person)
    _check(service, known._asdict() | changes if changes.get("state") == "active" else changes)
    more = _FRESH | {"paused_until": utcnow()} if changes.get("state") == "active" else {}
    uow.execute(update(webhook).where(webhook.c.id == id).values(
        **changes, **more, version=known.version + 1, updated_at=utcnow()))
    return _told(uow, principal, "webhook.changed", id)


def delete_webhook(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Take a webhook away; what waits for it is forgotten with its log (`schedules`)."""
    known = locked(uow, id)
    check_if_match(known.version)
    _check_reach(service, principal, known.acts_as)
    _told(uow, principal, "webhook.deleted", id)
    uow.execute(delete(webhook).where(webhook.c.id == id))


def rotate_secret(service: Service, uow: UnitOfWork, principal: Principal, id: str, overlap: timedelta) -> str:
    """Make a new secret and return it; the present one signs beside it for `overlap`."""
    known = locked(uow, id)
    _check_reach(service, principal, known.acts_as)
    secret, until = new_secret(), to_wire(utcnow() + overlap)
    before = [{"sealed": one["sealed"], "until": until} for one in known.secrets if one["until"] is None]
    uow.execute(update(webhook).where(webhook.c.id == id).values(
        secrets=[_sealed(service, id, secret), *before], version=known.version + 1, updated_at=utcnow()))
    _told(uow, principal, "webhook.secret_rotated", id)
    return secret


def locked(uow: UnitOfWork, id: str) -> Any:
    """Return the row of a webhook, locked; raises 404."""
    row = uow.execute(select(webhook).where(webhook.c.id == id).with_for_update()).one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("webhook")
    return row


def seal_of(id: str) -> str:
    """Return what the secrets of a webhook are sealed to."""
    return f"webhook {id}"


def _sealed(service: Service, id: str, secret: str) -> dict[str, Any]:
    return {"sealed": service.sealer.seal(secret, seal_of(id)), "until": None}


def _check_reach(service: Service, principal: Principal, person: str) -> None:
    """Raise 403 for a caller who would get more out of the webhook than he has himself."""
    if principal.kind == "key":
        raise Problem(403, "webhook_people_only")
    directory = service.directory.snapshot()
    user = directory.users.get(person)
    held = directory.permissions(tuple(user["role_ids"])) if user else frozenset()
    if not principal.can("roles.manage") and not held <= principal.permissions:
        raise Problem(403, "webhook_person_more_powerful")


def _check(service: Service, body: Mapping[str, Any]) -> None:
    """What is given must be right; a webhook in trouble can be switched off as it is."""
    code = fault_of(service, body["url"]) if "url" in body else None
    faults = [FieldProblem("/url", code)] if code else []
    user = service.directory.snapshot().users.get(body["acts_as"]) if "acts_as" in body else {"active": True}
    if user is None or not user["active"]:
        faults.append(FieldProblem("/acts_as", "unknown_user"))
    if faults:
        raise invalid(*faults)


def _told(uow: UnitOfWork, principal: Principal, action: str, id: str) -> Any:
    row = uow.execute(select(webhook).where(webhook.c.id == id)).one()
    tell(uow, principal, action, Target("webhook", id, row.name),
         {"host": host_of(row.url), "acts_as": row.acts_as, "kinds": row.kinds, "objects": row.objects,
          "state": row.state})
    return row
