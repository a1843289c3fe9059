"""Who may see and change which tasks.

Everybody his own: those assigned to him, those he created, and those that a deputy does for him. Beyond these, a
role's policy on the object `task` says so with its data scope (a task belongs to its assignee's department); who
manages rules sees and changes all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, or_, true

from chassis.auth import Principal
from services.workflow.store.tables import task

OBJECT = "task"


def may_see_all(principal: Principal, action: str = "read") -> bool:
    """Tell whether no task is hidden from (or closed to) the caller."""
    policy = principal.objects(OBJECT)
    return principal.can("rules.manage") or (policy.allows(action) and "all" in policy.scopes)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for tasks that the caller sees."""
    if may_see_all(principal):
        return true()
    me = principal.user_id
    own = or_(task.c.assignee_id == me, task.c.creator_id == me, task.c.for_id == me)
    departments = _departments(principal, "read")
    return or_(own, task.c.department_id.in_(sorted(departments))) if departments else own


def may_change(principal: Principal, row: Mapping[str, Any]) -> bool:
    """Tell whether the caller may change a task that he sees."""
    if may_see_all(principal, "update") or principal.user_id in (row["assignee_id"], row["creator_id"]):
        return True
    return row["department_id"] in _departments(principal, "update")


def _departments(principal: Principal, action: str) -> set[str]:
    policy, own = principal.objects(OBJECT), principal.department_id
    if own is None or not policy.allows(action):
        return set()
    found = {own} if "department" in policy.scopes else set()
    return found | set(principal.departments_below(own)) if "department_and_below" in policy.scopes else found
