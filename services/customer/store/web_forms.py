"""Public forms and what was sent through them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.web_forms import WebForm
from services.customer.store.tables import web_form, web_form_message


def all_forms(connection: Connection, object_name: str | None = None) -> list[WebForm]:
    """Every form, or those of an object, by their names' order of making."""
    statement = select(web_form).order_by(web_form.c.id)
    if object_name is not None:
        statement = statement.where(web_form.c.object == object_name)
    return [_form(row) for row in connection.execute(statement)]


def form_of_slug(connection: Connection, slug: str) -> WebForm | None:
    """The form at a public address."""
    row = connection.execute(select(web_form).where(web_form.c.slug == slug)).first()
    return None if row is None else _form(row)


def form_of_id(connection: Connection, id: str, *, locked: bool = False) -> WebForm | None:
    """One form, perhaps locked."""
    statement = select(web_form).where(web_form.c.id == id)
    row = connection.execute(statement.with_for_update() if locked else statement).first()
    return None if row is None else _form(row)


def keep_form(uow: UnitOfWork, form: WebForm) -> None:
    """Keep a new form."""
    uow.execute(web_form.insert(), {"id": form.id, "object": form.object, **_changing(form)})


def change_form(uow: UnitOfWork, form: WebForm) -> None:
    """Keep a changed form."""
    uow.execute(update(web_form).where(web_form.c.id == form.id).values(**_changing(form)))


def forget_form(uow: UnitOfWork, id: str) -> None:
    """Forget a form and what is known of its messages; records stay."""
    uow.execute(delete(web_form_message).where(web_form_message.c.form_id == id))
    uow.execute(delete(web_form).where(web_form.c.id == id))


def use_up(uow: UnitOfWork, nonce: str, form_id: str, address: str) -> bool:
    """Take a page's number, once; False when it has been used."""
    row = {"nonce": nonce, "form_id": form_id, "address": address, "at": utcnow(), "record_id": None, "sources": {}}
    try:
        with uow.savepoint():
            uow.execute(web_form_message.insert(), row)
    except IntegrityError:
        return False
    return True


def note_record(uow: UnitOfWork, nonce: str, record_id: str, sources: Mapping[str, str]) -> None:
    """Remember which record a message became, and where its writer came from."""
    uow.execute(update(web_form_message).where(web_form_message.c.nonce == nonce)
                .values(record_id=record_id, sources=dict(sources)))


def sent_since(connection: Connection, form_id: str, address: str, since: datetime) -> int:
    """How many pages of the form came back from an address."""
    of = web_form_message.c
    return connection.execute(select(func.count()).where(
        of.form_id == form_id, of.address == address, of.at > since)).scalar_one()


def message_counts(connection: Connection, since: datetime) -> dict[str, tuple[int, datetime]]:
    """Form → how many records it made since then, and when the latest."""
    of = web_form_message.c
    rows = connection.execute(select(of.form_id, func.count(), func.max(of.at)).where(
        of.at > since, of.record_id.is_not(None)).group_by(of.form_id))
    return {form_id: (count, latest) for form_id, count, latest in rows}


def forget_messages(uow: UnitOfWork, before: datetime) -> None:
    """Forget who sent what; the records stay."""
    uow.execute(delete(web_form_message).where(web_form_message.c.at < before))


def _changing(form: WebForm) -> dict[str, Any]:
    return {"slug": form.slug, "version": form.version, "body": form.description(), "updated_at": utcnow()}


def _form(row: Any) -> WebForm:
    body = {name: tuple(value) if name in ("sections", "origins") else value for name, value in row.body.items()}
    return WebForm(id=row.id, object=row.object, slug=row.slug, version=row.version, **body)
