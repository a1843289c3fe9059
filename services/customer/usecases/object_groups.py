"""Groups of objects: made, renamed and ordered by who manages objects; one goes once nothing stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from services.customer.model.faults import BadValueError, Fault, InvalidError, unknown_members
from services.customer.model.labels import check_label
from services.customer.model.names import check_name, named
from services.customer.store.object_groups import is_group, object_group, read_groups
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

MAX_GROUPS = 50
MAX_POSITION = 10_000
RESERVED: frozenset[str] = frozenset()


def create_group(uow: UnitOfWork, given: Mapping[str, Any]) -> dict[str, Any]:
    """Make a group; without a key it gets one from its label. Raises 409 and 422."""
    taken = [one["key"] for one in read_groups(uow.connection)]
    key = given.get("key") or named({"label": given.get("label")}, taken, RESERVED).get("name", "group")
    if key in taken:
        raise Problem(409, "name_taken")
    return put_group(uow, key, {name: value for name, value in given.items() if name != "key"})


def put_group(uow: UnitOfWork, key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Make a group what `given` says, whether it existed or not; raises 409 beyond the most groups, and 422."""
    values = _checked(key, given)
    written = {**values, "updated_at": utcnow()}
    if uow.execute(update(object_group).where(object_group.c.key == key).values(written)).rowcount == 0:
        if len(read_groups(uow.connection)) >= MAX_GROUPS:
            raise Problem(409, "too_many_groups", params={"max": MAX_GROUPS})
        uow.execute(object_group.insert(), {"key": key, **written})
    return {"key": key, **values}


def delete_group(service: Service, uow: UnitOfWork, key: str) -> None:
    """Remove a group in which nothing stands; raises 404, and 409 with the objects that stand in it."""
    if not is_group(uow.connection, key):
        raise not_found("group")
    inside = sorted(one.name for one in service.parts["types"].renewed().values() if one.definition.group == key)
    if inside:
        raise Problem(409, "group_in_use", params={"objects": ", ".join(inside)})
    uow.execute(delete(object_group).where(object_group.c.key == key))


def check_group(uow: UnitOfWork, key: str | None) -> None:
    """Raise 422 unless the group that an object wants to stand in is there."""
    faults = faults_of_group(uow, key)
    if faults:
        raise invalid_problem(InvalidError(faults))


def faults_of_group(uow: UnitOfWork, key: str | None) -> list[Fault]:
    """What is wrong with the group that an object wants to stand in."""
    if key is None or is_group(uow.connection, key):
        return []
    return [Fault("/group", "unknown_group", {"group": key})]


def _checked(key: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    faults = unknown_members(given, ("label", "position"))
    label: dict[str, str] = {}
    try:
        check_name(key, RESERVED)
    except BadValueError as problem:
        faults.append(Fault("/key", problem.code, problem.params))
    try:
        label = check_label(given.get("label"))
    except BadValueError as problem:
        faults.append(Fault("/label", problem.code, problem.params))
    position = given.get("position", 100)
    if type(position) is not int or not 0 <= position <= MAX_POSITION:
        faults.append(Fault("/position", "bad_position"))
    if faults:
        raise invalid_problem(InvalidError(faults))
    return {"label": label, "position": position}
