"""The frame of every change of identity: take the revision, change, tell the other services."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update

from chassis.db.unit_of_work import UnitOfWork
from chassis.service import Service
from gateway.events import publish_changes
from gateway.queries import directory
from gateway.store.tables import directory_revision


def next_version(uow: UnitOfWork) -> int:
    """Return the version that this transaction gives to what it changes; others wait until it ends."""
    grown = update(directory_revision).values(version=directory_revision.c.version + 1)
    return uow.execute(grown.returning(directory_revision.c.version)).scalar_one()


def hold(uow: UnitOfWork) -> None:
    """Let other changes of identity wait until this transaction ends.

    Whoever ends sessions or keys takes it before he locks a user, a session or a key, like everybody else here; that
    order is what keeps transactions from waiting for each other in a circle.
    """
    uow.execute(select(directory_revision.c.id).with_for_update())


def announce(service: Service, uow: UnitOfWork, version: int, *, users: Iterable[str] = (),
             departments: Iterable[str] = (), roles: Iterable[str] = (), calendars: Iterable[str] = ()) -> None:
    """Publish the entities with these ids as they now stand in the transaction."""
    connection = uow.connection
    publish_changes(uow, version, users=directory.users(connection, list(users)),
                    departments=directory.departments(connection, list(departments)),
                    roles=directory.roles(connection, list(roles)),
                    calendars=directory.calendars(connection, list(calendars)))
    uow.after_commit(service.directory.renew)  # type: ignore[attr-defined]


def announce_removed(service: Service, uow: UnitOfWork, version: int, kind: str, body: dict[str, object]) -> None:
    """Publish that an entity (`departments`, `roles` or `calendars`) is gone."""
    publish_changes(uow, version, **{kind: [body | {"version": version, "deleted": True}]})
    uow.after_commit(service.directory.renew)  # type: ignore[attr-defined]
