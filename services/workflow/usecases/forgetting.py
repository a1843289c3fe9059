"""Forget a person whom the customer service has erased: what tasks, runs and waiting changes say of him.

Tasks keep their dates, people and states, runs their rules and outcomes; only words go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.workflow.store.tables import rule_run, task

ERASED = {"en": "[erased]", "zh-CN": "[已删除]"}


def forget_person(uow: UnitOfWork, data: Mapping[str, Any]) -> None:
    """Take the words of an erased record, given as in the event, out of everything about it."""
    ids = list(data["ids"])
    uow.execute(update(task).where(or_(task.c.link_id.in_(ids), task.c.source_id.in_(ids))).values(
        title=ERASED, link_title=ERASED["en"], version=task.c.version + 1, updated_at=utcnow()))
    for run in uow.execute(select(rule_run.c.id, rule_run.c.actions).where(rule_run.c.record_id.in_(ids))).all():
        actions = [{**action, "detail": None} for action in run.actions]
        uow.execute(update(rule_run).where(rule_run.c.id == run.id).values(
            record_title=ERASED["en"], reason={"text": ERASED, "clauses": []}, actions=actions, error=None))
