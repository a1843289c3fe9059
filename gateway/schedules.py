"""What the gateway does at intervals."""

from __future__ import annotations

from datetime import timedelta

from chassis.schedules import Schedule
from gateway.usecases.audit import log_head
from gateway.usecases.lockouts import forget_old_attempts
from gateway.usecases.packs import forget_old_uploads
from gateway.usecases.sessions import count_living, forget_ended
from gateway.usecases.signing_keys import rotate_when_old

SCHEDULES: tuple[Schedule, ...] = (
    Schedule("gateway.count_sessions", timedelta(seconds=30), count_living),
    Schedule("gateway.forget_attempts", timedelta(minutes=30), forget_old_attempts),
    Schedule("gateway.forget_sessions", timedelta(hours=1), forget_ended),
    Schedule("gateway.forget_uploads", timedelta(hours=6), forget_old_uploads),
    Schedule("gateway.rotate_signing_key", timedelta(hours=6), rotate_when_old),
    Schedule("gateway.log_audit_head", timedelta(hours=1), log_head),
)
