"""Views whose body names people: those whom this service does not know yet are asked for before the view begins.

Somebody who was hired a moment ago can so be given a task, a share or a place in a pool at once, before the event that
tells of him has arrived. It happens outside the unit of work, because what is learnt is written by one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from flask import request

from chassis.auth.guard import current_principal
from chassis.http.current import current_service
from chassis.http.parsing import read_json
from chassis.http.problem import Problem

F = TypeVar("F", bound=Callable[..., Any])

_MEMBERS = frozenset({"user_id", "person_id", "people", "assignee_id", "owner_id", "tasks_to"})
_GRANTEE = "user:"


def meets(view: F) -> F:
    """Ask for the people whom the body names and nobody here knows; stands above `writes`."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        current_principal()
        try:
            named = set(people_named(read_json(request)))
        except Problem:  # the view says what is wrong with the body
            named = set()
        current_service().directory.meet(named)
        return view(*args, **kwargs)

    return wrapped  # type: ignore[return-value]


def people_named(body: Any, member: str = "") -> Iterator[str]:
    """The ids of people that a body names, in a member that holds them or as `user:…`."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from people_named(value, name)
    elif isinstance(body, list):
        for value in body:
            yield from people_named(value, member)
    elif isinstance(body, str) and (member in _MEMBERS or body.startswith(_GRANTEE)):
        yield body.removeprefix(_GRANTEE).lower()
