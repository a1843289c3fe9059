"""`/v1/process-signals`: something has happened that processes may wait for."""

from __future__ import annotations

from typing import Any

from flask import current_app

from chassis.auth import requires
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import StrictSchema, Text
from chassis.http.writes import writes
from services.workflow.usecases.processes.signals import throw


class SignalBody(StrictSchema):
    """A signal, by its name in the files."""

    name = Text(max=200, min=1, required=True)


blueprint = ServiceBlueprint("process-signals", __name__, url_prefix="/v1/process-signals", description="Signals")


@blueprint.route("", methods=["POST"])
@writes
@requires("rules.manage")
@blueprint.arguments(SignalBody)
@blueprint.response(202)
def throw_signal(body: dict[str, Any], uow: UnitOfWork) -> None:
    """Throw a signal to every instance that waits for it now."""
    throw(current_app.extensions["freehold"], uow, [body["name"]], utcnow())
