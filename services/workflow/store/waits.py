"""Waits of instances, as statements speak of one."""

from __future__ import annotations

from typing import Any

from services.workflow.store.tables import process_wait

_WAIT = process_wait.c


def this_wait(wait: Any) -> tuple[Any, ...]:
    """The conditions that only this wait meets: what its token waits for at its node."""
    return _WAIT.instance_id == wait.instance_id, _WAIT.token == wait.token, _WAIT.node == wait.node
