"""Surveys by link: a mail invites, and one answer becomes one record of the shipped object, made as any other.

So rules, reports, timelines and permissions of answers are the ordinary ones. To look at the page uses nothing up:
scanners of mail follow every link. The answer takes the invitation and makes the record in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chassis.clock import to_wire, utcnow
from chassis.context import Origin, current_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.metrics import SURVEY_ANSWERS
from services.customer.model.surveys import MAX_COMMENT, RESPONSE, SCALES, new_token, read_token
from services.customer.store import surveys
from services.customer.usecases.create_records import create_records
from services.customer.usecases.responses import About, links_to, writer

if TYPE_CHECKING:
    from chassis.service import Service


@dataclass(frozen=True)
class Given:
    """What came back of a page."""

    score: str
    comment: str
    wants_contact: bool


class NotAnswered(Exception):
    """The answer cannot be taken: `code` says what is wrong with it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def invite(service: Service, uow: UnitOfWork, wanted: Mapping[str, Any]) -> str:
    """Keep an invitation, once for its id; returns the address of its page. Raises 409 where answers have no object."""
    if service.parts["types"].find(RESPONSE) is None:
        raise Problem(409, "no_survey_object")
    now = utcnow()
    surveys.keep_invitation(uow, {
        **{name: wanted[name] for name in ("kind", "survey", "object", "record_id", "recipient_object",
                                           "recipient_id")},
        "id": str(wanted["id"]), "expires_at": now + timedelta(days=service.settings.survey_days),
        "answered_at": None, "created_at": now})
    token = new_token(str(wanted["id"]), service.signer.secret_for("survey"))
    return f"{service.settings.public_url}/s/{token}?lang={wanted['locale']}"


def open_survey(service: Service, token: str) -> Any:
    """The invitation behind a link; None for what is used, too old or none of ours, all alike."""
    id = read_token(token, service.signer.secret_for("survey"))
    if id is None or service.parts["types"].find(RESPONSE) is None:
        return None
    with service.db.read() as connection:
        return surveys.open_invitation(connection, id, utcnow())


def answer(service: Service, uow: UnitOfWork, invitation: Any, given: Given) -> bool:
    """Take the answer; False when somebody was faster. Raises NotAnswered, and nothing is used up then."""
    score = _score(invitation.kind, given.score)
    if len(given.comment) > MAX_COMMENT:
        raise NotAnswered("too_long")
    if not surveys.use_up(uow, invitation.id, utcnow()):
        return False
    record_type = service.parts["types"].get(RESPONSE)
    values = {"survey": invitation.survey[:200], "kind": invitation.kind, "score": score,
              "comment": given.comment.strip() or None, "wants_contact": given.wants_contact,
              "answered_at": to_wire(utcnow()), **links_to(service, uow, record_type, About.of(invitation))}
    known = {name: value for name, value in values.items() if name in record_type.fields or name == "owner_id"}
    cause = current_cause().because_of(origin=Origin("system", invitation.id, invitation.survey))
    [result] = create_records(service, uow, writer(service, "survey"), record_type, [known], cause=cause,
                              by_layout=False)
    if result.problem is not None:
        raise NotAnswered("not_kept")
    uow.after_commit(lambda: SURVEY_ANSWERS.labels(invitation.kind).inc())
    return True


def purge_invitations(service: Service) -> None:
    """Forget expired invitations; answers stay."""
    with service.db.unit_of_work() as uow:
        surveys.forget_invitations(uow, utcnow())


def _score(kind: str, text: str) -> int:
    least, most = SCALES[kind]
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and least <= int(text) <= most):
        raise NotAnswered("score_missing")
    return int(text)
