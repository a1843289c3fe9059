"""Who stands in for whom: new tasks of somebody who is absent are made for his deputy, and say whom they are done for.

A deputy who is absent himself has one of his own; a circle of them ends with the last who is not in it twice. Nobody
stands in towards himself: an application never goes to who has made it because he is somebody's deputy. An absence
ends by itself, because only those of this moment are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from chassis.auth.directory import Snapshot
from chassis.db import UnitOfWork
from services.workflow.store.tables import absence

MAX_ABSENT = 10_000


class Deputies:
    """The deputies of one moment, read when somebody is first asked for."""

    def __init__(self, uow: UnitOfWork, directory: Snapshot, now: datetime) -> None:
        self._uow, self._directory, self._now = uow, directory, now

    @cached_property
    def _standing_in(self) -> Mapping[str, str]:
        rows = self._uow.execute(select(absence.c.person_id, absence.c.deputy_id).where(
            absence.c.ends_at > self._now, absence.c.starts_at <= self._now)
            .order_by(absence.c.starts_at.desc(), absence.c.id).limit(MAX_ABSENT)).all()
        return {row.person_id: row.deputy_id for row in rows}  # of two that overlap the earlier counts

    def of(self, person: str, but: Collection[str | None] = ()) -> str:
        """Return who does what is `person`'s now: he himself, or his deputy; never one of `but`."""
        seen = [person]
        while (deputy := self._standing_in.get(seen[-1])) is not None:
            if deputy in seen or deputy in but or not self._is_active(deputy):
                break
            seen.append(deputy)
        return seen[-1]

    def columns(self, person: str, but: Collection[str | None] = ()) -> dict[str, Any]:
        """The columns of a task of `person`'s: who does it, where he belongs, and for whom."""
        assignee = self.of(person, but)
        user = self._directory.users.get(assignee) or {}
        return {"assignee_id": assignee, "department_id": user.get("department_id"),
                "for_id": None if assignee == person else person}

    def _is_active(self, id: str) -> bool:
        user = self._directory.users.get(id)
        return bool(user and user["active"])
