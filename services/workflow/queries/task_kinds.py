"""Kinds of tasks, as the API shows them."""

from __future__ import annotations

from sqlalchemy import select

from services.workflow.store.tables import task_kind

SELECT = select(task_kind)
ORDER = [(task_kind.c.position, False), (task_kind.c.key, False)]
