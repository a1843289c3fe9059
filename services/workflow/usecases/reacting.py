"""What happens when records change: rules fire, tasks follow their records, planned steps and key tasks of
stages become tasks.

A batch of messages is worked in a handful of statements, however many changes it brings. Runs, tasks, turns, ordered
changes of records (intents) and events commit together with the inbox; the intents are carried out afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis.clock import utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.events.message import Message
from services.workflow.events import publish_mails, publish_notifications, publish_runs, publish_tasks
from services.workflow.metrics import RUNS, TASKS_CREATED
from services.workflow.store.tables import intent, intent_group, process_order, rule_run, task
from services.workflow.usecases.following import follow_records
from services.workflow.usecases.guarding import without_known
from services.workflow.usecases.intents import INTENTS, intent_rows
from services.workflow.usecases.judging import Judge
from services.workflow.usecases.key_tasks import follow_stages
from services.workflow.usecases.people import names_of
from services.workflow.usecases.planned import follow_plans
from services.workflow.usecases.planning import Planner
from services.workflow.usecases.plans import Effects
from services.workflow.usecases.processes.signals import CLOCK
from services.workflow.usecases.telling_authors import tell_authors

if TYPE_CHECKING:
    from chassis.service import Service


def react(service: Service, uow: UnitOfWork, messages: Sequence[Message]) -> None:
    """Let the rules act on changes of records, and the tasks follow them."""
    now = utcnow()
    book = service.parts["rulebook"].current(uow.connection)
    firings = Judge(service, book, now).firings(messages)
    if firings:
        firings = without_known(uow, firings)
    if firings:
        write_effects(service, uow, Planner(service, uow, firings, now).plan(), now)
    changes = [message for message in messages if "segment" not in message.data]
    follow_stages(service, uow, book, changes, now)
    follow_records(service, uow, book, changes, now)
    follow_plans(service, uow, book, changes, now)


def write_effects(service: Service, uow: UnitOfWork, effects: Sequence[Effects], now: datetime) -> None:
    """Write what was worked out, publish it, and have ordered changes carried out."""
    groups, intents = intent_rows(effects, service.settings.default_locale, now)
    rows = {rule_run: [run for one in effects for run in one.runs], task: [row for one in effects for row in one.tasks],
            intent_group: groups, intent: intents, process_order: [row for one in effects for row in one.starts]}
    for table, some in rows.items():
        if some:
            uow.execute(table.insert(), some)
    for one in effects:
        _publish(service, uow, one)
    uow.after_commit(lambda: _count(rows[rule_run], len(rows[task])))
    if groups:
        uow.after_commit(lambda: service.wake(INTENTS))
    if rows[process_order]:
        uow.after_commit(lambda: service.wake(CLOCK))


def _publish(service: Service, uow: UnitOfWork, effects: Effects) -> None:
    with with_cause(effects.message.cause()):
        ended = [run for run in effects.runs if run["outcome"] != "pending"]
        publish_runs(uow, ended)
        tell_authors(uow, ended)
        publish_tasks(uow, "created", effects.tasks, names_of(service, effects.tasks), service.settings.default_locale)
        publish_notifications(uow, effects.notifications)
        publish_mails(uow, effects.mails)


def _count(runs: Sequence[dict[str, Any]], tasks: int) -> None:
    for outcome, count in Counter(run["outcome"] for run in runs).items():
        if outcome != "pending":
            RUNS.labels(outcome).inc(count)
    if tasks:
        TASKS_CREATED.labels("rule").inc(tasks)
