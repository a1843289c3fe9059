"""`/v1/undeliverable/{object}/{id}`: which e-mail addresses of a record do not work, as mail that came back says.

The record is read with the caller's own token, so he learns of no address that he may not see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from chassis.auditing import Target
from chassis.auth import Principal
from chassis.clock import to_wire
from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint
from chassis.http.problem import Problem, not_found
from chassis.http.writes import writes
from chassis.ids import is_id
from services.notify.api.campaigns import RUN
from services.notify.api.mail_templates import as_caller
from services.notify.api.people import live_service, person
from services.notify.usecases.mails.bouncing import clear_address, history_of
from services.notify.usecases.mails.composing import Composer, CustomerAway

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
blueprint = ServiceBlueprint("undeliverable", __name__, url_prefix="/v1/undeliverable",
                             description="Addresses that mail came back from")


class BouncedSchema(Schema):
    """An address of a record; `failed_at` is when it failed for good, null when it only was not reached at times."""

    field = fields.String(required=True)
    failed_at = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, allow_none=True, metadata={"description": "as in RFC 3463, such as 5.1.1"})
    softs = fields.Integer(required=True)
    last_at = fields.String(required=True)


class BouncedOfRecordSchema(Schema):
    """The addresses of a record that mail came back from, and whether the caller may clear them."""

    items = fields.List(fields.Nested(BouncedSchema), required=True)
    may_clear = fields.Boolean(required=True)


@blueprint.route("/<object_name>/<id>")
@blueprint.response(200, BouncedOfRecordSchema)
def show(object_name: str, id: str) -> Any:
    """Show which addresses of a record do not work."""
    record, addresses = _addresses(object_name, id)
    found = {name: history_of(live_service(), address) for name, address in addresses.items()}
    return {"items": [_shown(name, row) for name, row in found.items() if row is not None],
            "may_clear": _may_clear(person(), record)}


@blueprint.route("/<object_name>/<id>/<field>", methods=["DELETE"])
@writes
@blueprint.response(204)
def clear(object_name: str, id: str, field: str, uow: UnitOfWork) -> None:
    """Let an address be written to again; for the owner of the record, and whoever runs campaigns."""
    record, addresses = _addresses(object_name, id)
    if field not in addresses:
        raise not_found("field")
    if not _may_clear(person(), record):
        raise Problem(403, "forbidden")
    clear_address(live_service(), uow, person(), addresses[field], Target("record", id, object_name))


def _addresses(object_name: str, id: str) -> tuple[Mapping[str, Any], dict[str, str]]:
    """The record as the caller sees it, and its e-mail addresses by field; raises 404 and 503."""
    composer = Composer(live_service(), as_caller)
    try:
        definition = composer.definition(object_name) if is_id(id) and _NAME.match(object_name) else None
        record = composer.record(object_name, id) if definition else None
    except CustomerAway:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"}) from None
    if definition is None or record is None:
        raise not_found("record")
    names = [one["name"] for one in definition["fields"] if one["type"] == "email"]
    return record, {name: record[name] for name in names if isinstance(record.get(name), str) and record[name]}


def _may_clear(principal: Principal, record: Mapping[str, Any]) -> bool:
    return principal.can(RUN) or record.get("owner_id") == principal.user_id


def _shown(name: str, row: Any) -> dict[str, Any]:
    return {"field": name, "failed_at": to_wire(row.hard_at) if row.hard_at else None, "status": row.status,
            "softs": row.softs, "last_at": to_wire(row.last_at)}
