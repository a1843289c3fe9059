"""What a service tells the audit log, which the gateway keeps: who did what, from where.

An entry is an event of the service's own transaction. It commits before the first byte leaves and reaches the log
exactly once, whatever crashes in between; when it cannot be written, nothing leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any

from flask import has_request_context, request

from chassis.auth.principal import Principal
from chassis.clock import to_wire, utcnow
from chassis.db.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Target:
    """What it was done to; an object of the metadata has a name and no id."""

    kind: str
    id: str | None
    name: str


def tell(uow: UnitOfWork, principal: Principal, action: str, target: Target, detail: Mapping[str, Any]) -> None:
    """Add an entry to the present transaction; `action` is like `records.exported`, `detail` must hold no secret."""
    uow.publish(f"freehold.{uow.database.service}.audit.recorded.v1", None, {
        "at": to_wire(utcnow()), "actor": {"kind": principal.kind, "id": principal.user_id, "name": principal.name},
        "action": action, "target": asdict(target), "ip": client_address(), "detail": dict(detail)})


def client_address() -> str | None:
    """Return the address of the present request's client as the edge tells it; None outside of a request."""
    if not has_request_context():
        return None
    told = request.headers.get("X-Forwarded-For") or request.remote_addr or ""
    try:
        return str(ip_address(told.strip()))
    except ValueError:
        return None
