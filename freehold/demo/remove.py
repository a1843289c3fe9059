"""Removing the demo company: exactly what stands in its journal, and nothing that people have begun to use.

A record that a record of the customer's own points at is kept and reported. People are closed rather than deleted,
because what they did keeps their names; their user names become free. Tasks are cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from freehold.demo.install import GATEWAY, PASSWORD_FILE, TASKS
from freehold.demo.journal import Journal
from freehold.demo.model import OBJECTS
from freehold.demo.records import Removal, take_back
from gateway.packs.api import Api, ApiError, Request

_GONE, _IN_USE = 404, 409


def remove_demo(request: Request, home: Path, *, report: Callable[[str], None] = lambda _: None) -> Removal:
    """Remove the demo that the journal in `home` describes; may be repeated. Without a journal nothing happens."""
    journal, removal = Journal(home), Removal()
    if not journal.begun:
        return removal
    api = Api(request)
    _each(removal, journal, "task", lambda id: api.call("POST", f"{TASKS}/{id}/cancel"))
    for name in reversed(OBJECTS):
        take_back(api, journal, name, removal)
        report(f"  {removal.removed[name]} × {name}")
    _each(removal, journal, "user", lambda id: api.call("PATCH", f"{GATEWAY}/users/{id}", {
        "active": False, "department_id": None, "role_ids": [], "username": f"removed.{id[-12:]}"}))
    _each(removal, journal, "department", lambda id: api.call("DELETE", f"{GATEWAY}/departments/{id}"))
    journal.remove()
    (home / PASSWORD_FILE).unlink(missing_ok=True)
    return removal


def _each(removal: Removal, journal: Journal, kind: str, remove: Callable[[str], object]) -> None:
    """Remove single things, the youngest first, so that children go before parents."""
    removal.removed[kind] = 0
    for id in reversed(journal.ids(kind)):
        try:
            remove(id)
        except ApiError as error:
            if error.status not in (_GONE, _IN_USE):
                raise
            if error.status == _IN_USE:
                removal.kept.append((kind, id))
        else:
            removal.removed[kind] += 1
