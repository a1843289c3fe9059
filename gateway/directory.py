"""The directory of the gateway itself: read from the tables where it is made, without events in between.

A change is seen in this process as soon as it is committed, in other processes of the gateway within a second.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, select

from chassis.auth.directory import Directory, Snapshot
from chassis.auth.tokens import InvalidToken
from chassis.clock import utcnow
from chassis.events.consumers import Subscription
from gateway.queries.directory import calendars, departments, roles, users
from gateway.store.tables import directory_revision, revocation
from gateway.usecases.api_keys import exchange


class GatewayDirectory(Directory):
    """Users, departments, roles and revocations from the gateway's own tables."""

    def load(self, known: Snapshot | None) -> Snapshot:
        """Read the snapshot, or return `known` when nothing has changed."""
        with self._service.db.read() as connection:
            revision = connection.execute(select(directory_revision)).one()
            version = revision.version + revision.sessions
            if known is not None and known.version == version:
                return known
            return Snapshot(
                version, *({body["id"]: body for body in read(connection)} for read in (users, departments, roles)),
                self._revoked(connection), {body["id"]: body for body in calendars(connection)})

    def fetch(self, user_id: str | None = None) -> None:
        """Do nothing: whom the gateway does not know, nobody knows."""

    def token_for_key(self, key: str) -> str:
        """Exchange an API key here; raises InvalidToken for an unknown one."""
        made = exchange(self._service, key)
        if made is None:
            raise InvalidToken("unknown API key")
        return made[0]

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Return nothing: these tables are where the events come from."""
        return ()

    def renew(self) -> None:
        """Read anew; called after a commit that changed something."""
        self.snapshot(fresh=True)

    def _revoked(self, connection: Connection) -> frozenset[str]:
        settings = self._service.settings
        life = max(settings.access_token_seconds, settings.api_key_token_seconds)
        since = utcnow() - timedelta(seconds=life * 2)
        return frozenset(connection.execute(
            select(revocation.c.session_id).where(revocation.c.at > since)).scalars())
