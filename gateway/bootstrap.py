"""The gateway, put together."""

from __future__ import annotations

from flask import Flask

from chassis.http.openapi import ServiceApi
from chassis.jobs import JobKind
from chassis.service import Service, ServiceSpec
from gateway.api import audit, auth, calendars, departments, directory, keys, packs, people, roles, site, users
from gateway.consumers import SUBSCRIPTIONS
from gateway.directory import GatewayDirectory
from gateway.events import PUBLISHES
from gateway.hashing import Passwords
from gateway.limits import Limits
from gateway.proxy import Front, HttpUpstreams
from gateway.schedules import SCHEDULES
from gateway.settings import SETTINGS
from gateway.store.tables import metadata
from gateway.usecases.pack_removal import REMOVAL, removal_given_up, removal_job
from gateway.usecases.packs import INSTALL, install_given_up, install_job


def attach(service: Service) -> None:
    """Give the gateway its own parts."""
    settings = service.settings
    service.directory = GatewayDirectory(service)
    service.parts["passwords"] = Passwords(settings.password_parallel, settings.password_memory_kib)
    service.parts["limits"] = Limits(settings)
    service.parts["upstreams"] = HttpUpstreams(lambda name: getattr(settings, f"{name}_url"), settings.upstream_pool)


def put_front(service: Service, app: Flask, api: ServiceApi) -> None:
    """Let every request pass the front."""
    app.wsgi_app = Front(service, app.wsgi_app)  # type: ignore[method-assign]


SPEC = ServiceSpec(
    name="gateway",
    package="gateway",
    metadata=metadata,
    migrations="gateway.store.migrations",
    blueprints=(auth.pages, users.pages, departments.pages, calendars.pages, roles.pages, people.pages, keys.pages,
                audit.pages, directory.pages, packs.pages),
    jobs=(JobKind(INSTALL, install_job, install_given_up), JobKind(REMOVAL, removal_job, removal_given_up)),
    subscriptions=SUBSCRIPTIONS,
    schedules=SCHEDULES,
    publishes=PUBLISHES,
    settings=SETTINGS,
    on_build=attach,
    extend_app=(site.extend, put_front),
)
