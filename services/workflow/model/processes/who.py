"""Who has to act, as `freehold:people` says it: persons, roles, fields of the record, the applicant."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chassis.ids import is_id
from services.workflow.model.processes.definition import Who
from services.workflow.model.processes.reader import Reader, extension
from services.workflow.model.processes.vocabulary import OURS
from services.workflow.model.processes.xml import Element

MAX_PEOPLE = 50
MAX_UP = 10


def read_people(element: Element, reader: Reader) -> tuple[Who, ...]:
    """The people that `freehold:people` of an element names."""
    given = extension(element, "people")
    if given is None or not 0 < len(given.children) <= MAX_PEOPLE:
        reader.wrong(element, "people_missing", limit=MAX_PEOPLE)
        return ()
    found = [_who(element, child, reader) for child in given.children]
    return tuple(who for who in found if who is not None)


def _who(task: Element, given: Element, reader: Reader) -> Who | None:
    read = _WHO.get(given.name) if given.space == OURS else None
    who = read(given.attributes, reader) if read else None
    if who is None:
        reader.wrong(task, "who_unknown", who=given.name[:60])
    return who


def _person(attributes: Mapping[str, str], reader: Reader) -> Who | None:
    id = attributes.get("id", "")
    known = is_id(id) and (reader.checker is None or id in reader.checker.users)
    return Who("person", id) if known else None


def _role(attributes: Mapping[str, str], reader: Reader) -> Who | None:
    key, up = attributes.get("key", ""), attributes.get("up")
    if not key or (reader.checker is not None and key not in reader.checker.roles):
        return None
    if up is None:
        return Who("role", key)
    return Who("role", key, int(up)) if up.isascii() and up.isdigit() and len(up) < 3 and int(up) <= MAX_UP else None


def _field(attributes: Mapping[str, str], reader: Reader) -> Who | None:
    name = attributes.get("name", "")
    known = reader.model.fields.get(name)
    is_person = name in ("owner_id", "created_by") or (known is not None and known.type == "user")
    return Who("field", name) if is_person else None


_WHO: Mapping[str, Callable[[Mapping[str, str], Reader], Who | None]] = {
    "person": _person, "role": _role, "field": _field, "applicant": lambda _, __: Who("applicant"),
}
