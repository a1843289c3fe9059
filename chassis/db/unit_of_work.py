"""Unit of work: one transaction, and the messages that commit with it (transactional outbox)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, CursorResult, Executable, Table

from chassis.clock import utcnow
from chassis.db.bulk import insert_many
from chassis.db.tables import outbox
from chassis.events.message import Message, new_message

if TYPE_CHECKING:
    from chassis.db.engine import Database

_INSERT_OUTBOX = outbox.insert()


class UnitOfWork:
    """The present transaction of a service; made by `Database.unit_of_work`."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.database, self.connection = database, connection
        self._messages: list[tuple[Message, str | None]] = []
        self._after: list[Callable[[], None]] = []

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement inside this transaction."""
        return self.connection.execute(statement, parameters)

    def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that each name every column of a table, by the fastest way that the database has."""
        insert_many(self.connection, table, rows)

    def publish(self, type: str, subject: str | None, data: dict[str, Any]) -> Message:
        """Add an event that becomes visible exactly when this transaction commits."""
        message = new_message(self.database.service, type, subject, data)
        self._messages.append((message, None))
        return message

    def replay(self, message: Message, queue: str) -> None:
        """Add a message for one queue only, under its old id."""
        self._messages.append((message, queue))

    def after_commit(self, follow_up: Callable[[], None]) -> None:
        """Run `follow_up` in memory once the transaction is durable; it may be lost in a crash."""
        self._after.append(follow_up)

    def flush_outbox(self) -> None:
        """Write the collected messages; called once, just before the commit."""
        if not self._messages:
            return
        now = utcnow()
        rows = [{"type": message.type, "queue": queue, "body": message.to_json(), "created_at": now}
                for message, queue in self._messages]
        self.connection.execute(_INSERT_OUTBOX, rows if len(rows) > 1 else rows[0])
        self._after.append(self.database.waker.wake)

    def committed(self) -> None:
        """Run the follow-ups; called once, just after the commit."""
        for follow_up in self._after:
            follow_up()
