"""Make, change and take away public forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from chassis.db import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import FieldProblem, Problem, not_found
from chassis.ids import is_id, new_id
from services.customer.model.faults import Fault, InvalidError, unknown_members
from services.customer.model.web_forms import DESCRIPTION, WebForm, read_web_form
from services.customer.store import web_forms
from services.customer.usecases.refusals import invalid_problem, refusal

if TYPE_CHECKING:
    from chassis.service import Service

MAX_FORMS = 200


def create_form(service: Service, uow: UnitOfWork, given: Mapping[str, Any]) -> WebForm:
    """Make a form; raises 404 without its object, 409 when its address is taken, 422 with every fault."""
    name = given.get("object")
    if not isinstance(name, str):
        raise refusal([Fault("/object", "required")])
    if len(web_forms.all_forms(uow.connection)) >= MAX_FORMS:
        raise Problem(409, "too_many_web_forms", params={"max": MAX_FORMS})
    made = _read(service, new_id(), name, given)
    _write(uow, made, web_forms.keep_form)
    return made


def change_form(service: Service, uow: UnitOfWork, id: str, given: Mapping[str, Any], version: int | None) -> WebForm:
    """Replace members of a form; its object stays. Raises 404, 409, 412, 422."""
    current = _standing(uow, id, version)
    faults = unknown_members(given, ("slug", *DESCRIPTION))
    if faults:
        raise invalid_problem(InvalidError(faults))
    changed = _read(service, id, current.object, {"slug": current.slug, **current.description(), **given})
    newer = replace(changed, version=current.version + 1)
    _write(uow, newer, web_forms.change_form)
    return newer


def delete_form(uow: UnitOfWork, id: str, version: int | None) -> None:
    """Take a form away; its records stay. Raises 404, 412."""
    _standing(uow, id, version)
    web_forms.forget_form(uow, id)


def _write(uow: UnitOfWork, form: WebForm, keep: Any) -> None:
    try:
        with uow.savepoint():
            keep(uow, form)
    except IntegrityError as error:
        raise Problem(409, "address_taken", errors=[FieldProblem("/slug", "name_taken")]) from error


def _standing(uow: UnitOfWork, id: str, version: int | None) -> WebForm:
    current = web_forms.form_of_id(uow.connection, id, locked=True) if is_id(id) else None
    if current is None:
        raise not_found("form")
    if version is not None and version != current.version:
        raise stale(current.version)
    return current


def _read(service: Service, id: str, object_name: str, given: Mapping[str, Any]) -> WebForm:
    service.parts["types"].renewed()
    try:
        record_type = service.parts["types"].get(object_name)
        made = read_web_form(id, record_type.definition, record_type.criteria_fields(lambda _: True), given)
    except InvalidError as error:
        raise invalid_problem(error) from error
    if made.owner_id is not None and made.owner_id not in service.directory.snapshot().users:
        raise refusal([Fault("/owner_id", "unknown_user")])
    return made
