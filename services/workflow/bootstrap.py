"""The service, put together."""

from __future__ import annotations

from chassis.jobs import JobKind
from chassis.loops import Loop
from chassis.service import Service, ServiceSpec
from services.workflow.api import (
    absences,
    approvals,
    dry_runs,
    instances,
    process_messages,
    process_moves,
    process_signals,
    processes,
    rules,
    runs,
    task_kinds,
    task_steps,
    task_transfers,
    tasks,
)
from services.workflow.consumers import SUBSCRIPTIONS
from services.workflow.events import PUBLISHES
from services.workflow.schedules import SCHEDULES
from services.workflow.settings import SETTINGS
from services.workflow.store.processes import Library
from services.workflow.store.rulebook import Rulebook
from services.workflow.store.tables import metadata
from services.workflow.usecases.carrying_out import carry_out_next
from services.workflow.usecases.intents import INTENTS
from services.workflow.usecases.moving.start import MOVE
from services.workflow.usecases.moving.work import given_up as move_given_up
from services.workflow.usecases.moving.work import move_job
from services.workflow.usecases.processes.occurring import occur_next
from services.workflow.usecases.processes.signals import CLOCK
from services.workflow.usecases.recounting import RECOUNT, recount_job
from services.workflow.usecases.trying.start import DRY_RUN
from services.workflow.usecases.trying.work import dry_run_job, given_up


def attach(service: Service) -> None:
    """Attach the rule book of this process, and its library of published processes."""
    service.parts["rulebook"] = Rulebook(service)
    service.parts["processes"] = Library()


SPEC = ServiceSpec(
    name="workflow",
    package="services.workflow",
    metadata=metadata,
    migrations="services.workflow.store.migrations",
    web_server="granian",
    blueprints=(rules.blueprint, runs.blueprint, tasks.blueprint, task_kinds.blueprint,
                task_transfers.blueprint, task_steps.blueprint, processes.blueprint, instances.blueprint,
                process_messages.blueprint, process_moves.blueprint, process_signals.blueprint, approvals.blueprint,
                absences.blueprint, dry_runs.blueprint),
    subscriptions=SUBSCRIPTIONS,
    schedules=SCHEDULES,
    jobs=(JobKind(DRY_RUN, dry_run_job, given_up), JobKind(MOVE, move_job, move_given_up),
          JobKind(RECOUNT, recount_job)),
    loops=(Loop(INTENTS, carry_out_next), Loop(CLOCK, occur_next)),
    publishes=PUBLISHES,
    settings=SETTINGS,
    on_build=attach,
)
