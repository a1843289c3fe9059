"""Dead letters: kept in the service's database, where they can be listed, explained and replayed.

The broker's `<queue>.dead` queues are emptied into the table `dead_letter` by the clerk of the service's worker.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from chassis.clock import utcnow
from chassis.db import insert_or
from chassis.db.tables import dead_letter
from chassis.db.unit_of_work import UnitOfWork
from chassis.events.broker import BrokerUnavailable, Delivery
from chassis.events.message import MalformedMessage, message_from_json
from chassis.ids import new_id

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

MALFORMED = "malformed"  # the type of what is no message of ours


class Clerk:
    """Files the dead letters of one queue; `run` is the body of a thread."""

    def __init__(self, service: Service, queue: str) -> None:
        self._service, self._queue = service, queue

    def run(self, stop: threading.Event) -> None:
        """File until `stop`."""
        while not stop.is_set():
            channel = None
            try:
                channel = self._service.broker.channel(f"{self._queue}.dead", 50)
                while not stop.is_set():
                    self._work(channel)
            except (BrokerUnavailable, SQLAlchemyError) as error:
                log.warning("filing of dead letters pauses: %s", type(error).__name__)
                stop.wait(2)
            finally:
                if channel is not None:
                    channel.close()

    def _work(self, channel: Any) -> None:
        deliveries = channel.fetch(50, 1.0)
        if deliveries:
            with self._service.db.unit_of_work() as uow:
                for delivery in deliveries:
                    file_dead_letter(uow, self._queue, delivery)
            channel.ack(deliveries)


def file_dead_letter(uow: UnitOfWork, queue: str, delivery: Delivery) -> None:
    """Write a dead letter; one that is replayed and dies again is shown once, with its newest error."""
    row = _row(queue, delivery)
    insert = insert_or(uow, dead_letter).values(row)
    renewed = {name: insert.excluded[name] for name in ("error", "attempts", "dead_at", "replayed_at")}
    uow.execute(insert.on_conflict_do_update(index_elements=["queue", "message_id"], set_=renewed))


def _row(queue: str, delivery: Delivery) -> dict[str, Any]:
    try:
        message = message_from_json(delivery.body)
        known = {"message_id": message.id, "type": message.type}
    except MalformedMessage:
        known = {"message_id": new_id(), "type": MALFORMED}
    body = delivery.body.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return known | {"id": new_id(), "queue": queue, "body": body, "error": delivery.error or "the consumer died",
                    "attempts": delivery.attempts, "dead_at": utcnow(), "replayed_at": None}


def select_waiting(queue: str | None = None) -> Select[Any]:
    """Return the query for the dead letters that wait for a decision, of one queue or of all."""
    waiting = select(dead_letter).where(dead_letter.c.replayed_at.is_(None))
    return waiting if queue is None else waiting.where(dead_letter.c.queue == queue)


def list_dead_letters(connection: Connection, limit: int = 100) -> Sequence[Any]:
    """Return the newest dead letters that wait for a decision."""
    return connection.execute(select_waiting().order_by(dead_letter.c.dead_at.desc(), dead_letter.c.id)
                              .limit(limit)).all()


def find_dead_letter(connection: Connection, id: str) -> Any | None:
    """Return one dead letter with its body, or None."""
    return connection.execute(select(dead_letter).where(dead_letter.c.id == id)).one_or_none()


def replay(uow: UnitOfWork, id: str) -> bool:
    """Send a dead letter to its queue again, under its old message id; False when there is none to replay."""
    row = find_dead_letter(uow.connection, id)
    if row is None or row.replayed_at is not None or row.type == MALFORMED:
        return False
    uow.replay(message_from_json(row.body), row.queue)
    uow.execute(update(dead_letter).where(dead_letter.c.id == id).values(replayed_at=utcnow()))
    return True


def discard(uow: UnitOfWork, id: str) -> bool:
    """Remove a dead letter for good; False when there is none."""
    return uow.execute(delete(dead_letter).where(dead_letter.c.id == id)).rowcount > 0
