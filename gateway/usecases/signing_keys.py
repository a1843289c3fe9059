"""Rotation of the key that signs access tokens: a new one signs, the one before it still verifies."""

from __future__ import annotations

from datetime import timedelta

from chassis.clock import utcnow
from chassis.service import Service
from gateway.usecases import audit


def rotate_signing_key(service: Service) -> str:
    """Replace the signing key and drop those that no living token was signed with; returns the new key's id."""
    key_id = service.signer.rotate()
    retired = service.signer.retire(keep=2)
    with service.db.unit_of_work() as uow:
        audit.record(uow, "signing_key.rotated", audit.SYSTEM, detail={"key": key_id, "retired": retired})
    return key_id


def rotate_when_old(service: Service) -> None:
    """Replace the signing key when it has reached its age."""
    days = service.settings.key_rotation_days
    if days and utcnow() - service.signer.newest_made_at() > timedelta(days=days):
        rotate_signing_key(service)
