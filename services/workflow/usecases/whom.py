"""Whom an action means: the owner of the record, a person, a department, or those with a role.

A role with `up` is looked for in the owner's department (0), or so many levels above it; where nobody has it, in the
next department above, as with approvers. The owner himself never stands above himself, so "the sales manager of the
owner" of a record that a sales manager owns is the one above him.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.auth.directory import Snapshot
from services.workflow.model.actions import OWNER
from services.workflow.model.processes.approvers import holders_of
from services.workflow.model.texts import Texts, said
from services.workflow.usecases.judging import Firing
from services.workflow.usecases.plans import RunPlan


def people_meant(run: RunPlan, whom: Any) -> list[str]:
    """Return the ids of everybody who is meant and has not left, in the order of their ids."""
    directory = run.circumstances.directory
    if whom == OWNER:
        people = [run.record.owner_id] if run.record.owner_id else []
    elif "user_id" in whom:
        people = [whom["user_id"]]
    elif "role" in whom:
        people = _with_role(run, whom)
    else:
        return [person["id"] for person in directory.people_in(whom["department_id"])]
    return [person for person in people if run.circumstances.is_active(person)]


def one_meant(run: RunPlan, whom: Any) -> str | None:
    """Return who is meant; of several, who has least to do. A person who has left is named all the same."""
    if whom == OWNER:
        return run.record.owner_id
    if "user_id" in whom:
        return str(whom["user_id"])
    people = people_meant(run, whom)
    return run.circumstances.load.least(people) if people else None


def whose_turn(run: RunPlan, to: Mapping[str, Any]) -> str | None:
    """Return who of a department or a role gets the record, by turns or by load; None when nobody is there."""
    people, group = people_meant(run, to), group_of(to, run.firing, run.circumstances.directory)
    if not people or group is None:
        return None
    if to.get("method") != "least_busy":
        return run.circumstances.rotation.next((run.rule.id, group), people)
    chosen = run.circumstances.load.least(people)
    run.circumstances.load.add(chosen)
    return chosen


def group_of(to: Mapping[str, Any], firing: Firing, directory: Snapshot) -> str | None:
    """Return the id of the department or the role whose people take turns.

    Those above owners take turns apart for each department of an owner: in one row of turns for all, a department
    whose people stand late in it would send the next one back to its first person again and again.
    """
    if "role" not in to:
        return to.get("department_id")
    if to.get("up") is not None:
        department = directory.users.get(firing.judged.after.get("owner_id") or "", {}).get("department_id")
        if department:
            return str(department)
    return next((id for id, role in directory.roles.items() if role["key"] == to["role"]), None)


def nobody_in(run: RunPlan, to: Mapping[str, Any]) -> Texts:
    """Return that nobody is in a department or has a role, by language."""
    if "role" not in to:
        return said("failed.nobody_there", department=run.circumstances.name_of(to["department_id"]))
    role = next((one for one in run.circumstances.directory.roles.values() if one["key"] == to["role"]), None)
    return said("failed.nobody_with_role", role=role["name"] if role else to["role"])


def _with_role(run: RunPlan, whom: Mapping[str, Any]) -> list[str]:
    directory, owner = run.circumstances.directory, run.record.owner_id
    holders = holders_of(whom["role"], directory)
    if whom.get("up") is None:
        return sorted(user["id"] for user in holders)
    department = directory.users.get(owner or "", {}).get("department_id")
    for above in directory.departments_above(department)[whom["up"]:] if department else ():
        found = sorted(user["id"] for user in holders if user.get("department_id") == above and user["id"] != owner)
        if found:
            return found
    return []
