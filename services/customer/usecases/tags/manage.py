"""The list of tags: every change of it reaches the fields of tags in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, not_found
from chassis.ids import new_id
from chassis.jobs import Job, enqueue
from services.customer.model.faults import InvalidError
from services.customer.model.fields import FieldDef
from services.customer.model.options import choice_list
from services.customer.store.record_type import RecordType
from services.customer.store.tags import read_choices, tag
from services.customer.usecases.access import Access
from services.customer.usecases.define_fields import add_field, alter_field
from services.customer.usecases.edits import lock_records, write_edits
from services.customer.usecases.merging.references import in_full
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

UNTAG = "customer.untag"
MAX_TAGS = 500
_PIECE = 500
_SYSTEM = Principal(kind="service", name="customer")
_LABEL = {"en": "Tags", "zh-CN": "标签"}
_NAMES = ("tags", "company_tags", "all_tags")


def create_tag(service: Service, uow: UnitOfWork, given: Mapping[str, Any]) -> dict[str, Any]:
    """Add a tag; raises 409 and 422."""
    made = _checked({"value": given.get("key") or new_id(), "label": given.get("label"), "color": given.get("color")})
    if len(read_choices(uow.connection)) >= MAX_TAGS:
        raise Problem(409, "too_many_tags", params={"max": MAX_TAGS})
    try:
        with uow.savepoint():
            uow.execute(tag.insert(), {"key": made["value"], "label": made["label"], "color": made.get("color"),
                                       "created_at": utcnow()})
    except IntegrityError as error:
        raise Problem(409, "name_taken", errors=[FieldProblem("/key", "name_taken")]) from error
    _spread(service, uow)
    return made


def change_tag(service: Service, uow: UnitOfWork, key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Change a tag's label or colour; raises 404 and 422."""
    row = uow.execute(select(tag).where(tag.c.key == key).with_for_update()).first()
    if row is None:
        raise not_found("tag")
    made = _checked({"value": key, "label": given.get("label", row.label), "color": given.get("color", row.color)})
    uow.execute(update(tag).where(tag.c.key == key).values(label=made["label"], color=made.get("color")))
    _spread(service, uow)
    return made


def delete_tag(uow: UnitOfWork, key: str) -> None:
    """Take a tag away from all records in the background, then from the list; raises 404."""
    if uow.execute(select(tag.c.key).where(tag.c.key == key)).first() is None:
        raise not_found("tag")
    enqueue(uow, UNTAG, {"key": key})


def give_tags(service: Service, uow: UnitOfWork, record_type: RecordType) -> FieldDef:
    """Give an object a field of tags, unless it has one; raises 409 while there are no tags."""
    field = record_type.tag_field
    if field is not None:
        return field
    found = read_choices(uow.connection)
    if not found:
        raise Problem(409, "no_tags")
    taken = {one.name for one in record_type.definition.fields}
    name = next(one for one in _NAMES if one not in taken)
    return add_field(service, uow, record_type.name, {
        "name": name, "type": "multi_choice", "label": _LABEL, "options": {"tags": True, "choices": found}})


def untag_job(service: Service, job: Job) -> None:
    """Take the tag of the payload away from every record, piece by piece, then from the list."""
    for record_type in list(service.parts["types"].renewed().values()):
        while record_type.tag_field is not None and _untag_piece(service, record_type, job):
            pass
    with service.db.unit_of_work() as uow:
        uow.execute(delete(tag).where(tag.c.key == job.payload["key"]))
        _spread(service, uow)
        job.save(uow, done=True)


def _untag_piece(service: Service, record_type: RecordType, job: Job) -> bool:
    key, access = job.payload["key"], Access(in_full(_SYSTEM), record_type)
    assert record_type.tag_field is not None
    name = record_type.tag_field.name
    column: Any = record_type.columns[name]
    holding = select(record_type.table.c.id).where(column.like(f"%|{key}|%")).order_by(record_type.table.c.id)
    with service.db.unit_of_work() as uow:
        ids = list(uow.execute(holding.limit(_PIECE)).scalars())
        standing = lock_records(uow, access, ids)
        write_edits(service, uow, access, [(record, {name: [one for one in record[name] or () if one != key] or None})
                                           for record in standing.values()])
        job.save(uow, records=job.progress.get("records", 0) + len(ids))
    return len(ids) == _PIECE


def _spread(service: Service, uow: UnitOfWork) -> None:
    """Bring the choices of all fields of tags up to date; the last tag stays in them, since a field needs one."""
    found = read_choices(uow.connection)
    for record_type in service.parts["types"].renewed().values():
        field = record_type.tag_field
        if field is not None and found and field.options["choices"] != found:
            alter_field(service, uow, record_type.name, field.name,
                        {"options": {**field.options, "choices": found}}, choices_too=True)


def _checked(choice: dict[str, Any]) -> dict[str, Any]:
    """The tag as a choice; raises 422 with pointers into the request."""
    try:
        if not choice["label"]:
            raise InvalidError.at("/0/label", "required")
        return choice_list([{name: value for name, value in choice.items() if value is not None}])[0]
    except InvalidError as error:
        renamed = [fault.__class__(fault.pointer.removeprefix("/0").replace("/value", "/key"), fault.code, fault.params)
                   for fault in error.faults]
        raise invalid_problem(InvalidError(renamed)) from error
