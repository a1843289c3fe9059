"""A service: its specification, and one live instance of it in a process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData, delete

from chassis import i18n, logs, traces
from chassis.auth import directory
from chassis.auth.keys import KeyRing
from chassis.auth.tokens import Verifier, service_token
from chassis.calls import Calls, HttpTransport, Transport
from chassis.clock import utcnow
from chassis.criteria.messages import MESSAGES
from chassis.db.engine import Database
from chassis.db.migrate import migrate
from chassis.db.tables import idempotency, inbox
from chassis.events.broker import Broker
from chassis.events.consumers import Subscription
from chassis.events.local import LocalBroker
from chassis.formulas.messages import MESSAGES as FORMULA_MESSAGES
from chassis.jobs import JobKind
from chassis.loops import Loop
from chassis.schedules import Schedule
from chassis.sealing import Sealer
from chassis.settings import Setting, Settings, load_settings

if TYPE_CHECKING:
    from flask import Flask
    from flask_smorest import Blueprint

    from chassis.http.openapi import ServiceApi


@dataclass(frozen=True)
class ServiceSpec:
    """Everything that makes a service, in one table; made once in its `bootstrap`."""

    name: str
    package: str  # "services.workflow": where locales/ is
    metadata: MetaData
    migrations: str  # package whose folder holds the Alembic versions
    blueprints: tuple[Blueprint, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    jobs: tuple[JobKind, ...] = ()
    loops: tuple[Loop, ...] = ()
    publishes: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    on_build: Callable[[Service], None] | None = None  # attach adapters to service.parts
    on_start: Callable[[Service], None] | None = None  # once per process, after migrations
    web_server: str = "gunicorn"  # "granian" for many short requests, see docs/adr/two-web-servers.md
    single_process: bool = False  # its web role works events too: only one process may own its store
    move: Callable[[Connection, Connection], int] | None = None  # copies tables that exist only at run time
    extend_app: tuple[Callable[[Service, Flask, ServiceApi], None], ...] = ()


class Service:
    """One live service in one process."""

    def __init__(self, spec: ServiceSpec, settings: Settings, broker: Broker, transport: Transport) -> None:
        self.spec, self.name, self.settings, self.broker = spec, spec.name, settings, broker
        self.db = Database(settings.database_url, spec.name, pool=settings.database_pool,
                           timeout_ms=settings.database_timeout_ms)
        self.signer = KeyRing(Path(settings.keys_dir) / spec.name)
        self.sealer = Sealer(Path(settings.keys_dir) / spec.name)
        self.calls = Calls(self, transport)
        self.verifier = Verifier(self)
        self.directory = directory.Directory(self)
        self.parts: dict[str, Any] = {}
        self._alarms = {loop.name: threading.Event() for loop in spec.loops}
        self._own_token: tuple[float, str] = (0.0, "")

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """What this service listens to: its own table and the directory."""
        own = (replace(one, queue=of_node(one.queue, self.settings.node)) if one.each_node else one
               for one in self.spec.subscriptions)
        return (*self.directory.subscriptions(), *own)

    @property
    def jobs(self) -> tuple[JobKind, ...]:
        """Kinds of jobs that this process takes: those of its node's own store under its node's name."""
        return tuple(replace(one, name=of_node(one.name, self.settings.node)) if one.each_node else one
                     for one in self.spec.jobs)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """What this service does at intervals: its own table and the chassis' housekeeping."""
        return (*self.spec.schedules,
                Schedule("chassis.housekeeping", timedelta(hours=1), _tidy),
                Schedule("chassis.forget_revoked", timedelta(minutes=10), directory.forget_revoked))

    @property
    def retry_delays(self) -> tuple[float, ...]:
        """Seconds before each new try of an event that failed."""
        return tuple(float(text) for text in self.settings.retry_delays.split(","))

    @cached_property
    def cursor_secret(self) -> bytes:
        """The secret that signs paging cursors, the same in all processes of the service."""
        return self.signer.secret_for("cursor")

    def alarm(self, loop: str) -> threading.Event:
        """Return what a loop of this process waits for between its looks."""
        return self._alarms[loop]

    def wake(self, loop: str) -> None:
        """Let a loop of this process look for work now; where it does not run, nothing happens."""
        self._alarms[loop].set()

    def own_token(self) -> str:
        """Return a token with which this service speaks for itself, made anew twice a minute."""
        made_at, token = self._own_token
        now = utcnow().timestamp()
        if now - made_at > 25:
            token = service_token(self)
            self._own_token = (now, token)
        return token

    def prepare(self) -> None:
        """Make what must exist before a process serves: keys, tables, queues. Repeatable, safe in parallel."""
        self.signer.ensure()
        self.sealer.ensure()
        migrate(self.db, self.spec.migrations)
        self.declare()

    def declare(self) -> None:
        """Make the service's queues at the broker."""
        for subscription in self.subscriptions:
            self.broker.declare(subscription.queue, subscription.types, self.retry_delays)

    def start(self) -> None:
        """Do what each process of the service does once before it serves."""
        if self.spec.on_start is not None:
            self.spec.on_start(self)

    def close(self) -> None:
        """Give connections back."""
        self.db.close()
        self.broker.close()


def of_node(name: str, node: str) -> str:
    """Return the name of what each node has for itself; on a single server the plain one."""
    return f"{name}.{node}" if node else name


def build(spec: ServiceSpec, *, env: dict[str, str] | None = None, broker: Broker | None = None,
          transport: Transport | None = None) -> Service:
    """Build a service from its specification and the environment; opens no connection yet."""
    settings = load_settings(spec.name, spec.settings, env)
    i18n.add_catalogue("chassis")
    i18n.add_catalogue(spec.package)
    i18n.add_messages({f"error.criteria.{code}": texts for code, texts in MESSAGES.items()})
    i18n.add_messages({f"error.formula_{code}": texts for code, texts in FORMULA_MESSAGES.items()})
    service = Service(spec, settings, broker or _broker(settings),
                      transport or HttpTransport(lambda target: getattr(settings, f"{target}_url")))
    if spec.on_build is not None:
        spec.on_build(service)
    return service


def configure_process(service: Service) -> None:
    """Set up logs and traces of the present process."""
    logs.configure(service.name, service.settings.log_level, service.settings.log_format)
    if service.settings.otlp_endpoint:
        traces.switch_on(service.settings.otlp_endpoint, service.name)


def _broker(settings: Settings) -> Broker:
    if settings.broker_url.startswith("local:"):
        return LocalBroker(settings.broker_url.removeprefix("local:"))
    from chassis.events.rabbit import RabbitBroker

    return RabbitBroker(settings.broker_url, f"freehold-{settings.service}")


def _tidy(service: Service) -> None:
    """Forget messages and remembered answers that nobody can repeat any more."""
    with service.db.unit_of_work() as uow:
        uow.execute(delete(inbox).where(inbox.c.received_at < utcnow() - timedelta(days=14)))
        uow.execute(delete(idempotency).where(idempotency.c.created_at < utcnow() - timedelta(days=3)))
