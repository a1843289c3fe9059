"""Templates of mail to customers are written and taken away; their places are checked against the fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from services.notify.model.mail_texts import faults_in, schema_for
from services.notify.queries.mail_templates import MOST_TEMPLATES
from services.notify.store.tables import mail_template
from services.notify.usecases.mails.composing import Composer, CustomerAway


def check_texts(composer: Composer, body: Mapping[str, Any]) -> None:
    """Raise 422 for an object that is not there, and for every place that cannot be worked out."""
    try:
        definition = composer.definition(body["object"])
        if definition is None:
            raise invalid(FieldProblem("/object", "object_unknown"))
        faults = faults_in(body, schema_for(body["object"], composer.definition))
    except CustomerAway:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"}) from None
    if faults:
        raise invalid(*faults)


def put_mail_template(uow: UnitOfWork, composer: Composer, key: str, body: Mapping[str, Any]) -> None:
    """Write a template; raises 422, and 409 when there are too many."""
    check_texts(composer, body)
    if (uow.execute(select(func.count()).select_from(mail_template)
                    .where(mail_template.c.key != key)).scalar() or 0) >= MOST_TEMPLATES:
        raise Problem(409, "too_many_templates", params={"most": MOST_TEMPLATES})
    kept = {name: value for name, value in body.items() if name != "object"}
    insert = insert_or(uow, mail_template).values(
        key=key, object=body["object"], body=kept, version=1, updated_at=utcnow())
    uow.execute(insert.on_conflict_do_update(index_elements=["key"], set_={
        "object": insert.excluded.object, "body": insert.excluded.body, "updated_at": insert.excluded.updated_at,
        "version": mail_template.c.version + 1}))


def delete_mail_template(uow: UnitOfWork, key: str) -> None:
    """Take a template away; rules that name it fail clearly from now on."""
    if not uow.execute(delete(mail_template).where(mail_template.c.key == key)).rowcount:
        raise not_found("template")
