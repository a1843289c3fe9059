"""Escalations and errors that leave a called process: rows that its caller hears before it hears that the process has
ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.workflow.store.tables import process_raised

Row = Mapping[str, Any]


def raise_to_caller(uow: UnitOfWork, instance: Row, raised: Sequence[tuple[str, str]]) -> None:
    """Note what the caller of an instance shall hear, with the step that has thrown it."""
    if instance["parent_id"] is not None and raised:
        uow.execute(process_raised.insert(), [
            {"id": new_id(), "instance_id": instance["parent_id"], "token": instance["parent_token"], "what": what,
             "code": code, "due_at": utcnow(), "attempts": 0} for what, code in raised])
