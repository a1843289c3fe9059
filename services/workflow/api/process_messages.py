"""`/v1/process-messages`: a message to whichever process waits for it about the same thing."""

from __future__ import annotations

from typing import Any

from flask import current_app

from chassis.auth import requires
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import StrictSchema, Text
from chassis.http.writes import writes
from services.workflow.model.processes.stimuli import MAX_CORRELATION, Sent
from services.workflow.usecases.processes.messages import send


class SentBody(StrictSchema):
    """A message by its name in the files, and what it is about: the id of a record, or what formulas there give."""

    name = Text(max=200, min=1, required=True)
    correlation = Text(max=MAX_CORRELATION, min=1, required=True)


blueprint = ServiceBlueprint("process-messages", __name__, url_prefix="/v1/process-messages", description="Messages")


@blueprint.route("", methods=["POST"])
@writes
@requires("rules.manage")
@blueprint.arguments(SentBody)
@blueprint.response(202)
def send_message(body: dict[str, Any], uow: UnitOfWork) -> None:
    """Send a message to the instance that has waited longest for it; it is kept for a day when none does yet."""
    send(current_app.extensions["freehold"], uow, [Sent(body["name"], body["correlation"])], utcnow())
