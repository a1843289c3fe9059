"""Who has to act: from what a user task says to people, in its order, each once, only those who have not left.

The department of a process is the applicant's: `up="1"` asks the people with a role in the department above his, and
if nobody there has it, in the next one above, as a vacant post is filled by whoever stands above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chassis.auth.directory import Snapshot
from services.workflow.model.processes.definition import Who


def people_for(wanted: Sequence[Who], directory: Snapshot, record: Mapping[str, Any], applicant: str) -> list[str]:
    """Return the ids of the people; none when nobody is there."""
    found = (person for who in wanted for person in _people(who, directory, record, applicant))
    return [id for id in dict.fromkeys(found) if _is_active(directory, id)]


def _people(who: Who, directory: Snapshot, record: Mapping[str, Any], applicant: str) -> Iterator[str]:
    if who.way == "role":
        yield from _with_role(who, directory, applicant)
    elif who.way == "field":
        person = record.get(who.value)
        if isinstance(person, str):
            yield person
    else:
        yield who.value if who.way == "person" else applicant


def _with_role(who: Who, directory: Snapshot, applicant: str) -> list[str]:
    holders = holders_of(who.value, directory)
    if who.up is None:
        return sorted(user["id"] for user in holders)
    department = directory.users.get(applicant, {}).get("department_id")
    for above in directory.departments_above(department)[who.up:] if department else ():
        found = sorted(user["id"] for user in holders if user.get("department_id") == above)
        if found:
            return found
    return []


def holders_of(role: str, directory: Snapshot) -> list[Mapping[str, Any]]:
    """Everybody who has a role, by its key, and has not left."""
    ids = {id for id, one in directory.roles.items() if one["key"] == role}
    return [user for user in directory.users.values() if user["active"] and ids & set(user["role_ids"])]


def _is_active(directory: Snapshot, id: str) -> bool:
    user = directory.users.get(id)
    return bool(user and user["active"])
