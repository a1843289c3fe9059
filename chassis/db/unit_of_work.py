"""Unit of work: one transaction, and the messages that commit with it (transactional outbox)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, CursorResult, Executable, Table
from sqlalchemy.exc import IntegrityError

from chassis.clock import utcnow
from chassis.db.beside import Copying
from chassis.db.bulk import WORTH_A_COPY, insert_many
from chassis.db.pipeline import Write, insert_into, send
from chassis.db.prepared import Prepared, Row
from chassis.db.tables import outbox
from chassis.events.message import Message, new_message

if TYPE_CHECKING:
    from chassis.db.engine import Database

_INSERT_OUTBOX = outbox.insert()
Explain = Callable[[IntegrityError], Exception]


class UnitOfWork:
    """The present transaction of a service; made by `Database.unit_of_work`.

    Writes given to `later` wait until something else is asked of the connection, or for the end, and are then sent
    together; so the order of all statements is kept. PostgreSQL's BEGIN waits for the first statement, and a COMMIT
    that has writes before it goes with them. What is given to `copy` is under way at once, beside the caller's work.
    """

    def __init__(self, database: Database, connection: Connection) -> None:
        self.database, self._connection = database, connection
        self._begun = database.is_sqlite  # which begins with the connection
        self._explain: Explain | None = None
        self._writes: list[Write] = []
        self._copying = Copying()
        self._meanwhile: Callable[[], object] | None = None
        self._messages: list[tuple[Message, str | None]] = []
        self._after: list[Callable[[], None]] = []

    @property
    def connection(self) -> Connection:
        """The connection of this transaction, with nothing left to send."""
        self._send()
        if not self._begun:
            self._connection.exec_driver_sql("BEGIN")
            self._begun = True
        return self._connection

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement inside this transaction."""
        return self.connection.execute(statement, parameters)

    def rows(self, statement: Prepared, parameters: Mapping[str, Any]) -> Sequence[Row]:
        """All rows of a prepared statement; as the first one of this transaction it brings the BEGIN along."""
        if self._begun or self._writes:
            return statement.rows(self.connection, parameters)
        self._begun = True
        return statement.rows(self._connection, parameters, begin=True)

    def aside(self, statement: Prepared, parameters: Mapping[str, Any]) -> Sequence[Row]:
        """All rows of a prepared statement that is none of this transaction's business, such as drawing a number."""
        if self._begun or self._writes:
            return statement.rows(self.connection, parameters)
        return statement.rows(self._connection, parameters)

    def later(self, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write without waiting for the result; errors come out of the end of the unit of work, or earlier."""
        if rows:
            self._writes.append((statement, rows))

    def explain(self, broken: Explain | None) -> None:
        """From here on a constraint that is broken by a write of `later` raises what `broken` makes of it."""
        self._explain = broken

    def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that each name every column of a table, by the fastest way that the database has."""
        if len(rows) < WORTH_A_COPY:
            self.later(insert_into(table), rows)
        else:
            insert_many(self.connection, table, rows)

    def copies(self, count: int) -> bool:
        """Whether so many rows go by COPY here, so that it is worth while to write its lines for `copy`."""
        return not self.database.is_sqlite and count >= WORTH_A_COPY

    def copy(self, table: Table, lines: Iterable[str]) -> None:
        """Insert rows given as lines of COPY's text format, every column in the order of the table.

        Does not wait for the database: errors come out of what is asked of it next, or of the end.
        """
        ready = self._begun and not self._writes
        self._copying.start(self._connection if ready else self.connection, table, lines)

    def meanwhile(self, work: Callable[[], object]) -> None:
        """Call `work`, which begins something beside, when this waits for rows of `copy` to be taken in; SQLite never
        does, so it is called at once."""
        if self.database.is_sqlite:
            work()
        else:
            self._meanwhile = work

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

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of the work that may fail alone: when the block raises, its writes and events are undone."""
        with self.connection.begin_nested():
            messages, after = len(self._messages), len(self._after)
            try:
                yield
                self._send()
            except BaseException:
                self.give_up()
                del self._messages[messages:], self._after[after:]
                raise

    def finish(self) -> None:
        """Send what waits, messages included; called once, at the end of the block."""
        if self._messages:
            now = utcnow()
            self.later(_INSERT_OUTBOX, [
                {"type": message.type, "queue": queue, "body": message.to_json(), "created_at": now}
                for message, queue in self._messages])
            self._after.append(self.database.waker.wake)
        self._send(commit=not self.database.is_sqlite)
        self._copying.end()

    def give_up(self) -> None:
        """Forget what waits, and wait for what is under way; called before anything is taken back."""
        self._writes = []
        self._copying.end()

    def _send(self, commit: bool = False) -> None:
        if self._copying.is_under_way and self._meanwhile is not None:
            self._meanwhile()
        self._copying.wait()
        if not self._writes:
            return
        writes, self._writes = self._writes, []
        begin, self._begun = not self._begun, True
        try:
            send(self._connection, writes, begin=begin, commit=commit)
        except IntegrityError as error:
            if self._explain is None:
                raise
            raise self._explain(error) from error

    def committed(self) -> None:
        """Run the follow-ups; called once, just after the commit."""
        for follow_up in self._after:
            follow_up()
