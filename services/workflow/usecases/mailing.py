"""A rule writes to a customer: the order goes to the notify service, which puts the message together and sends it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from chassis.clock import to_wire
from services.workflow.model.mail_action import recipient_of
from services.workflow.model.texts import Texts, pick, said
from services.workflow.usecases.plans import RunPlan

_SPACE = uuid.UUID("0c7a2d7e-52d4-4a35-8a2f-9c1f8f0e6a11")


def send_email(run: RunPlan, action: Mapping[str, Any], position: int) -> tuple[str, Texts | None]:
    """Order one message; its id is made from the change (the run, where a process acts), the rule and the
    place of the action."""
    record, rule = run.record, run.rule
    recipient = recipient_of(action, record.object, {**record.record, **record.wanted, "id": record.id})
    if recipient is None:
        return "failed", said("failed.no_address")
    cause = run.id if run.effects.by == "process" else f"{rule.id}:{record.id}:{record.version}"
    run.effects.mails.append({
        "id": str(uuid.uuid5(_SPACE, f"{cause}:{position}")), "cause": cause, "object": record.object.name,
        "record_id": record.id, "recipient": recipient, "template": action["template"],
        "rule": {"id": rule.id, "name": dict(rule.name)}, "at": to_wire(run.circumstances.now)})
    to = {locale: _label(run, action["to"], locale) for locale in ("en", "zh-CN")}
    return "done", said("did.mail", to=to, template=action["template"])


def _label(run: RunPlan, to: str, locale: str) -> str:
    field = run.record.object.fields.get(to.partition(".")[0])
    return pick(field.label, locale) if field is not None else to
