"""The composition of the report service: the one place that names all of its parts."""

from __future__ import annotations

import atexit

from chassis.jobs import JobKind
from chassis.service import Service, ServiceSpec
from chassis.settings import SettingError
from services.report.api import BLUEPRINTS
from services.report.api.schemas import asked_by
from services.report.consumers import SUBSCRIPTIONS
from services.report.events import PUBLISHES
from services.report.schedules import LOOPS, SCHEDULES
from services.report.settings import SETTINGS
from services.report.store.read_model import ReadModel
from services.report.store.read_model.file import ModelFile
from services.report.store.tables import metadata
from services.report.usecases.analysis.train import TRAIN, train, training_failed
from services.report.usecases.rebuild import REBUILD, rebuild_failed, rebuild_job, rebuild_when_wanted
from services.report.usecases.sending import SEND, sending


def attach(service: Service) -> None:
    """Give the service its read model; nothing is opened yet."""
    settings = service.settings
    if not 1 <= settings.fiscal_year_month <= 12:
        raise SettingError("fiscal_year_month is a month, 1 to 12")
    service.parts["read_model"] = ReadModel(ModelFile(
        settings.read_model_file, memory=settings.read_model_memory, threads=settings.read_model_threads,
        spill=settings.read_model_spill))


def open_read_model(service: Service) -> None:
    """Own the file, once the process before has let it go, and ask for a rebuild when the file is new."""
    model: ReadModel = service.parts["read_model"]
    model.open(wait=service.settings.stop_seconds + 5)
    atexit.register(model.file.close)
    rebuild_when_wanted(service)


SPEC = ServiceSpec(
    name="report",
    package="services.report",
    metadata=metadata,
    migrations="services.report.store.migrations",
    blueprints=BLUEPRINTS,
    subscriptions=SUBSCRIPTIONS,
    schedules=SCHEDULES,
    loops=LOOPS,
    jobs=(JobKind(REBUILD, rebuild_job, rebuild_failed, each_node=True), JobKind(SEND, sending(asked_by)),
          JobKind(TRAIN, train, training_failed, each_node=True)),
    publishes=PUBLISHES,
    settings=SETTINGS,
    on_build=attach,
    on_start=open_read_model,
    single_process=True,
)
