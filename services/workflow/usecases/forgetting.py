"""Forget a person whom the customer service has erased: what tasks, runs, processes and waiting changes say of him.

Tasks and instances keep their dates, people and states, runs their rules and outcomes; only words go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, or_, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.workflow.store.dry_runs import dry_run_hit
from services.workflow.store.tables import process_history, process_instance, rule_run, task

_KEPT = frozenset({"applicant", "started_at", "approved", "rejected", "done"})  # variables that say nothing of him
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
    uow.execute(delete(dry_run_hit).where(dry_run_hit.c.record_id.in_(ids)))
    _forget_instances(uow, ids)


def _forget_instances(uow: UnitOfWork, ids: list[str]) -> None:
    table = process_instance.c
    for one in uow.execute(select(table.id, table.body).where(table.record_id.in_(ids))).all():
        kept = {name: value for name, value in one.body["variables"].items() if name in _KEPT or value in _KEPT}
        uow.execute(update(process_instance).where(table.id == one.id).values(
            record_title=ERASED["en"], body={**one.body, "variables": kept}, problem=None))
        uow.execute(update(process_history).where(process_history.c.instance_id == one.id).values(comment=None))
