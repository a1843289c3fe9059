"""Telling the author of a rule that it could not create a record: once a day for each version of the rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, tuple_

from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from services.workflow.events import publish_notifications
from services.workflow.model.texts import said
from services.workflow.store.tables import rule_version
from services.workflow.usecases.acting import PLAIN_MESSAGE
from services.workflow.usecases.notifying import notification

Row = Mapping[str, Any]
_VERSION = rule_version.c


def tell_authors(uow: UnitOfWork, runs: Sequence[Row]) -> None:
    """Ask for a message to whoever saved the rule of a run that has ended without the record it was to create."""
    failed = {(run["rule_id"], run["rule_version"]): run for run in runs if _why(run) is not None}
    if not failed:
        return
    authors = uow.execute(select(_VERSION.rule_id, _VERSION.version, _VERSION.by_id).where(
        tuple_(_VERSION.rule_id, _VERSION.version).in_(sorted(failed)), _VERSION.by_id.is_not(None))).all()
    publish_notifications(uow, [_message(failed[rule, version], author) for rule, version, author in authors])


def _why(run: Row) -> Mapping[str, str] | None:
    return next((action["detail"] for action in run["actions"]
                 if action["type"] == "create_record" and action["result"] == "failed"), None)


def _message(run: Row, author: str) -> dict[str, Any]:
    now = utcnow()
    params = {"message": said("told.not_created", rule=run["rule_name"], reason=_why(run) or {}),
              "rule": run["rule_name"], "object": run["object"], "record": run["record_title"], "count": 1,
              "at": to_wire(now)}
    cause = run["rule_id"], run["rule_version"], "not_created", now.date().isoformat(), author
    return notification(cause, author, PLAIN_MESSAGE, params, bulk=None,
                        link={"object": run["object"], "id": run["record_id"], "title": run["record_title"]})
