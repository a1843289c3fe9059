"""The action `send_email`: to an e-mail field of the record or of one that it refers to, from a template of notify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from services.workflow.model.objects import ObjectModel

if TYPE_CHECKING:
    from services.workflow.model.actions import Checker

SEND_EMAIL = "send_email"


def check_send_email(action: dict[str, Any], checker: Checker, pointer: str) -> dict[str, Any]:
    """`to` is `email` or `contact_id.email`; the template must be one over the object of the rule."""
    checker.members(action, ("type", "to", "template"), pointer)
    to, template = action.get("to"), action.get("template")
    if not isinstance(to, str) or not to:
        checker.wrong(f"{pointer}/to", "required")
    elif not _is_email(to, checker):
        checker.wrong(f"{pointer}/to", "not_an_email_field")
    known = checker.mail_template(template) if isinstance(template, str) else None
    if known is None:
        checker.wrong(f"{pointer}/template", "template_unknown")
    elif known != checker.object.name:
        checker.wrong(f"{pointer}/template", "template_of_other_object")
    return {"to": to, "template": template}


def recipient_of(action: Mapping[str, Any], model: ObjectModel, record: Mapping[str, Any]) -> dict[str, str] | None:
    """Whose field holds the address: `{"object", "id", "field"}`; None when the record refers to nobody."""
    first, _, last = action["to"].partition(".")
    if not last:
        return {"object": model.name, "id": record["id"], "field": first} if record.get(first) else None
    known = model.fields.get(first)
    if known is None or not record.get(first):
        return None
    return {"object": known.target, "id": record[first], "field": last}


def _is_email(to: str, checker: Checker) -> bool:
    first, _, last = to.partition(".")
    model: ObjectModel | None = checker.object
    if last:
        reference = checker.object.fields.get(first)
        model = checker.objects.get(reference.target) if reference and reference.type == "reference" else None
    known = model.fields.get(last or first) if model is not None else None
    return known is not None and known.type == "email"
