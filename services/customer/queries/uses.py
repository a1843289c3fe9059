"""What needs an object or a field: asked before it is deleted or changed.

What stands in the definitions themselves is known here, what people keep beside them in `queries.kept_uses`; rules and
dashboards are asked for at the services that keep them. A use that is `blocking` has to go first, the others lose the
field or rest. A service that does not answer is named as `silent`, so nobody takes its silence for a no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from services.customer.model.calculated.plan import problems_of
from services.customer.model.faults import BadValueError, InvalidError
from services.customer.model.fields import REMOVING
from services.customer.model.mentions import fields_in
from services.customer.model.objects import ObjectDef, describe, without_field
from services.customer.queries.kept_uses import kept_uses
from services.customer.store.record_type import RecordType

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 200
MOST_RECORDS = 10_000
_PAGE = 200
_KINDS = {"title_field": "title", "conversion": "conversion", "touches": "touch", "planned_task": "planned_task",
          "lock": "lock"}
Use = dict[str, Any]


def uses_of(service: Service, record_type: RecordType, field: str | None = None) -> dict[str, Any]:
    """What needs an object, or one of its fields, at most `MOST` of each kind of place."""
    known = {name: one.definition for name, one in service.parts["types"].renewed().items()}
    definition = known.get(record_type.name, record_type.definition)
    own = list(_of_field(known, definition, field) if field else _of_object(known, definition))
    own += [*_layouts(record_type, field), *_kept(service, record_type, field)]
    found, silent = own[:MOST], []
    for target, ask in (("workflow", _rules), ("report", _dashboards)):
        answer = ask(service, definition.name, field)
        if answer is None:
            silent.append(target)
        else:
            found += answer[:MOST]
    return {"items": found, "silent": silent, "records": None if field else _records(service, record_type)}


def _records(service: Service, record_type: RecordType) -> int:
    """How many records would go along, counted up to `MOST_RECORDS`; whoever may see them."""
    some = select(record_type.table.c.id).limit(MOST_RECORDS).subquery()
    with service.db.read() as connection:
        return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _use(kind: str, blocking: bool, *, object: str | None = None, field: str | None = None, id: str | None = None,
         name: Mapping[str, str] | None = None) -> Use:
    return {"kind": kind, "object": object, "field": field, "id": id, "name": name, "blocking": blocking}


def _of_field(known: Mapping[str, ObjectDef], definition: ObjectDef, name: str) -> Iterator[Use]:
    gone = tuple(replace(one, state=REMOVING) if one.name == name else one for one in definition.fields)
    yield from (_use(kind, True, object=definition.name) for kind in _parts_without(definition, name))
    yield from _broken(known, {**known, definition.name: replace(definition, fields=gone)}, definition.name, name)
    if name in definition.list_fields:
        yield _use("list", False, object=definition.name)
    if any(name in section["fields"] for section in definition.form_sections):
        yield _use("form", False, object=definition.name)
    if any(name in rule["fields"] for rule in definition.duplicate_rules):
        yield _use("duplicates", False, object=definition.name)
    for field in definition.ready.values():
        if any(name in _asked_by(choice.get("stage") or {}) for choice in field.options.get("choices") or ()):
            yield _use("stage", False, object=definition.name, field=field.name, name=field.label)


def _asked_by(stage: Mapping[str, Any]) -> set[str]:
    """The fields that the gates of a stage ask."""
    return fields_in([stage.get("enter"), stage.get("exit")]) | set(stage.get("required") or ())


def _layouts(record_type: RecordType, field: str | None) -> Iterator[Use]:
    """Layouts: what they say of a field that is gone is left out."""
    for layout in record_type.layouts:
        if field is not None and field in fields_in(layout.description()):
            yield _use("layout", False, object=layout.object, id=layout.key, name=layout.label)


def _kept(service: Service, record_type: RecordType, field: str | None) -> Iterator[Use]:
    """What people keep: of an object that goes, its own goes with it."""
    with service.db.read() as connection:
        kept = list(kept_uses(connection, service.parts["types"].all(), record_type.name, field))
    for one in kept:
        blocking = one.holds_fields and (field is not None or one.object != record_type.name)
        yield _use(one.kind, blocking, object=one.object, id=one.id, name=one.name)


def _parts_without(definition: ObjectDef, name: str) -> list[str]:
    """The parts of the description that do not stand without the field."""
    rest = [one for one in definition.ready.values() if one.name != name]
    try:
        describe(definition.name, without_field(definition, name), rest, definition.system)
    except InvalidError as error:
        steps = {fault.pointer.split("/")[1] for fault in error.faults if fault.pointer}
        return sorted(_KINDS.get(step, "description") for step in steps)
    except BadValueError:
        return ["description"]
    return []


def _of_object(known: Mapping[str, ObjectDef], definition: ObjectDef) -> Iterator[Use]:
    name = definition.name
    others = {other: one for other, one in known.items() if other != name}
    for other in others.values():
        for field in other.ready.values():
            if field.target == name:
                yield _use("reference", True, object=other.name, field=field.name, name=field.label)
        if any(made["object"] == name for made in (other.conversion or {}).get("creates", ())):
            yield _use("conversion", False, object=other.name, name=other.label)
    yield from _broken(known, others, name, None)


def _broken(before: Mapping[str, ObjectDef], after: Mapping[str, ObjectDef], object_name: str,
            field: str | None) -> Iterator[Use]:
    """Calculated fields that could not be calculated any more; those that go themselves do not count."""
    wrong = {(one.object, one.field) for one in problems_of(dict(before))}
    broken = {(one.object, one.field) for one in problems_of(dict(after))} - wrong - {(object_name, field)}
    for other, name in sorted(broken):
        broken_field = before[other].ready[name]
        yield _use(broken_field.type, True, object=other, field=name, name=broken_field.label)


def _rules(service: Service, object_name: str, field: str | None) -> list[Use] | None:
    rules = _asked(service, "workflow", f"/v1/rules?object={object_name}&limit={_PAGE}")
    return None if rules is None else [
        _use("rule", False, object=object_name, id=rule["id"], name=rule["name"]) for rule in rules
        if field is None or field in fields_in([rule["trigger"], rule["criteria"], rule["actions"]])]


def _dashboards(service: Service, object_name: str, field: str | None) -> list[Use] | None:
    boards = _asked(service, "report", f"/v1/dashboards?limit={_PAGE}")
    return None if boards is None else [
        _use("dashboard", False, object=object_name, id=board["id"], name=board["name"]) for board in boards
        if any(_speaks_of(widget, object_name, field) for widget in board["widgets"])]


def _speaks_of(widget: Any, object_name: str, field: str | None) -> bool:
    """Whether a question anywhere in a widget is about the object, and about the field."""
    if isinstance(widget, list):
        return any(_speaks_of(one, object_name, field) for one in widget)
    if not isinstance(widget, dict):
        return False
    if widget.get("object") == object_name:
        return field is None or field in fields_in(widget)
    return any(_speaks_of(one, object_name, field) for one in widget.values())


def _asked(service: Service, target: str, path: str) -> list[Any] | None:
    """All pages of a list of another service, or None when it does not answer."""
    found: list[Any] = []
    cursor = ""
    while len(found) < 10 * _PAGE:
        answer = service.calls.request(target, "GET", path + (f"&cursor={cursor}" if cursor else ""))
        if answer.status != 200 or not isinstance(answer.json, dict):
            return None
        found += answer.json["items"]
        cursor = answer.json["next_cursor"]
        if not cursor:
            break
    return found
