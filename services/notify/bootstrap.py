"""The composition of the notify service: the one place that names all of its parts."""

from __future__ import annotations

from chassis.service import Service, ServiceSpec
from services.notify.api import BLUEPRINTS
from services.notify.api.following import serve_following
from services.notify.api.leaving import serve_leaving
from services.notify.consumers import SUBSCRIPTIONS
from services.notify.events import PUBLISHES
from services.notify.imap import Imap
from services.notify.mail import Mailer
from services.notify.outside import Outside, networks_of
from services.notify.schedules import LOOPS, SCHEDULES
from services.notify.settings import SETTINGS
from services.notify.store.tables import metadata
from services.notify.stream import Streams


def attach(service: Service) -> None:
    """Give the service its mail server, its way to the world and its live inboxes."""
    service.parts["mailer"] = Mailer(service.settings)
    service.parts["outside"] = Outside(networks_of(service.settings.outside_networks))
    service.parts["imap"] = Imap(service.parts["outside"])
    service.parts["streams"] = Streams(service)


SPEC = ServiceSpec(
    name="notify",
    package="services.notify",
    metadata=metadata,
    migrations="services.notify.store.migrations",
    blueprints=BLUEPRINTS,
    subscriptions=SUBSCRIPTIONS,
    schedules=SCHEDULES,
    loops=LOOPS,
    publishes=PUBLISHES,
    settings=SETTINGS,
    on_build=attach,
    extend_app=(serve_leaving, serve_following),
)
