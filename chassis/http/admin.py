"""What an operator may look at in every service: dead letters, their replay and their end.

Both decisions stand in the audit log in the name of whoever took them.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from chassis import auditing
from chassis.auth.guard import current_principal, requires
from chassis.db.tables import dead_letter
from chassis.events import dead_letters
from chassis.http.current import current_service
from chassis.http.letters import may_read_whole, without_values
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import Text
from chassis.http.problem import Problem, not_found
from chassis.http.writes import writes
from chassis.ids import is_id
from chassis.jsonio import dump_bytes, loads

PERMISSION = "system.read"


class DeadLetterSchema(Schema):
    """A message that no retry could help."""

    id = fields.String(required=True)
    queue = fields.String(required=True)
    message_id = fields.String(required=True)
    type = fields.String(required=True)
    error = fields.String(required=True)
    attempts = fields.Integer(required=True)
    dead_at = fields.AwareDateTime(required=True)
    replayed_at = fields.AwareDateTime(required=True, allow_none=True)


class DeadMessageSchema(DeadLetterSchema):
    """A dead letter with what it says; `message` is null when that is no message of ours, then look at `text`.

    `masked`: the caller may not read everything that it tells of, so its values are left out.
    """

    masked = fields.Boolean(required=True)
    message = fields.Dict(required=True, allow_none=True)
    text = fields.String(required=True)


class DeadLettersQuery(PageQuery):
    """Which dead letters to list."""

    queue = Text(max=100, load_default=None)


def blueprint() -> ServiceBlueprint:
    """Return the blueprint `/v1/admin/dead-letters`."""
    pages = ServiceBlueprint("operations", __name__, url_prefix="/v1/admin", description="Operations")

    @pages.route("/dead-letters")
    @requires(PERMISSION)
    @pages.arguments(DeadLettersQuery, location="query")
    @pages.response(200, page_of(DeadLetterSchema))
    def list_all(query: dict[str, Any]) -> Any:
        """List dead letters that wait for a decision, newest first."""
        with current_service().db.read() as connection:
            return list_page(connection, dead_letters.select_waiting(query["queue"]),
                             [(dead_letter.c.dead_at, True), (dead_letter.c.id, False)], limit=query["limit"],
                             cursor=query["cursor"], render=lambda row: row)

    @pages.route("/dead-letters/<id>")
    @requires(PERMISSION)
    @pages.response(200, DeadMessageSchema)
    def show(id: str) -> Any:
        """Return one with its message."""
        with current_service().db.read() as connection:
            row = _found(connection, id)
        return dict(row._mapping) | _content(row)

    @pages.route("/dead-letters/<id>/replay", methods=["POST"])
    @writes
    @requires(PERMISSION)
    @pages.response(204)
    def replay(id: str, uow: Any) -> None:
        """Send one to its queue again."""
        row = _found(uow.connection, id)
        if row.type == dead_letters.MALFORMED:
            raise Problem(409, "not_replayable")
        if not dead_letters.replay(uow, id):
            raise Problem(409, "already_replayed")
        _audited(uow, "dead_letter.replayed", row)

    @pages.route("/dead-letters/<id>", methods=["DELETE"])
    @writes
    @requires(PERMISSION)
    @pages.response(204)
    def discard(id: str, uow: Any) -> None:
        """Remove one for good: nobody will handle its message."""
        row = _found(uow.connection, id)
        dead_letters.discard(uow, id)
        _audited(uow, "dead_letter.discarded", row)

    return pages


_SHOWN = 20_000


def _content(row: Any) -> dict[str, Any]:
    """What the caller is shown of a message."""
    message = loads(row.body) if row.type != dead_letters.MALFORMED else None
    if may_read_whole(current_principal(), message):
        return {"message": message, "text": row.body[:_SHOWN], "masked": False}
    shown = without_values(message) if message else None
    return {"message": shown, "text": dump_bytes(shown).decode()[:_SHOWN] if shown else "", "masked": True}


def _found(connection: Any, id: str) -> Any:
    row = dead_letters.find_dead_letter(connection, id) if is_id(id) else None
    if row is None:
        raise not_found("dead letter")
    return row


def _audited(uow: Any, action: str, row: Any) -> None:
    detail = {"service": uow.database.service, "queue": row.queue, "message_id": row.message_id,
              "attempts": row.attempts, "error": row.error[:500]}
    auditing.tell(uow, current_principal(), action, auditing.Target("dead_letter", row.id, row.type), detail)
