"""Outbox to inbox over both databases and both brokers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chassis.db.tables import outbox
from chassis.events import Rejected
from chassis.events.broker import Outgoing
from chassis.events.consumers import Consumer
from chassis.events.dead_letters import list_dead_letters, replay
from chassis.events.local import LocalBroker
from chassis.events.relay import Relay
from chassis.service import Service
from chassis.worker import Worker

from .conftest import MADE, Trouble, effects, make_thing


@contextmanager
def working(service: Service) -> Iterator[Worker]:
    worker = Worker(service)
    worker.start()
    try:
        yield worker
    finally:
        assert worker.stop(10)


def eventually(claim: Callable[[], Any], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < until, "did not come true in time"
        time.sleep(0.02)


def test_each_committed_event_has_exactly_one_effect_in_order(service: Service) -> None:
    with working(service):
        for number in range(50):
            make_thing(service, f"n{number}")
        eventually(lambda: len(effects(service)) >= 50)
    assert effects(service) == [f"n{number}" for number in range(50)]


def test_an_event_of_a_rolled_back_unit_of_work_is_never_seen(service: Service) -> None:
    with pytest.raises(KeyboardInterrupt):
        _publish_and_crash(service)
    with working(service):
        make_thing(service, "real")
        eventually(lambda: effects(service))
    assert effects(service) == ["real"]


def test_a_message_published_twice_has_one_effect(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    make_thing(service, "once")
    relay = Relay(service.db, service.broker)
    with monkeypatch.context() as crash:
        crash.setattr(service.db, "unit_of_work", _crash)
        with pytest.raises(KeyboardInterrupt):
            relay.publish_batch()  # published and confirmed, but the row stays
    with working(service):
        eventually(lambda: effects(service))
        make_thing(service, "after")
        eventually(lambda: "after" in effects(service))
    assert effects(service) == ["once", "after"]


def _publish_and_crash(service: Service) -> None:
    with service.db.unit_of_work() as uow:
        uow.publish(MADE, "thing", {"name": "ghost"})
        _crash()


def _crash() -> Any:
    raise KeyboardInterrupt


def test_a_poisonous_message_does_not_hold_up_the_others(service: Service, trouble: Trouble) -> None:
    trouble.failures["bad"] = 100
    with working(service):
        for name in ("a", "bad", "b"):
            make_thing(service, name)
        eventually(lambda: set(effects(service)) == {"a", "b"})
        eventually(lambda: _dead(service))
        [letter] = _dead(service)
        assert letter.queue == "customer.things"
        assert "cannot take bad" in letter.error
        trouble.failures.clear()
        with service.db.unit_of_work() as uow:
            assert replay(uow, letter.id)
        eventually(lambda: "bad" in effects(service))
    assert sorted(effects(service)) == ["a", "b", "bad"]
    assert not _dead(service)


def test_a_failure_that_passes_is_healed_by_a_retry(service: Service, trouble: Trouble) -> None:
    trouble.failures["shy"] = 3  # in its batch, alone, and at the first retry
    with working(service):
        make_thing(service, "shy")
        eventually(lambda: effects(service) == ["shy"])
    assert not _dead(service)


def test_a_rejected_message_dies_at_once(service: Service, trouble: Trouble) -> None:
    trouble.failures["no"], trouble.error = 100, Rejected
    with working(service):
        make_thing(service, "no")
        eventually(lambda: _dead(service))
    assert sum(call.count("no") for call in trouble.calls) == 2


def test_what_nobody_wants_is_gone_unread(service: Service, trouble: Trouble) -> None:
    consumer = Consumer(service, service.spec.subscriptions[0], (0.2,))
    channel = service.broker.channel("customer.things", 10)
    try:
        trouble.wanted = False
        service.broker.publish([Outgoing(MADE, "not even a message")] * 3)
        while consumer.work(channel, 5) == 0:
            pass
        trouble.wanted = True
        make_thing(service, "wanted")
        Relay(service.db, service.broker).publish_batch()
        while not effects(service):
            consumer.work(channel, 5)
    finally:
        channel.close()
    assert (effects(service), trouble.calls, _dead(service)) == (["wanted"], [["wanted"]], [])


def test_the_relay_leaves_nothing_behind(service: Service) -> None:
    with working(service):
        make_thing(service, "x")
        eventually(lambda: effects(service))
        eventually(lambda: not _outbox(service))


def test_a_worker_stops_within_its_time(service: Service) -> None:
    with working(service):
        make_thing(service, "x")
        eventually(lambda: effects(service))
        started = time.monotonic()
    assert time.monotonic() - started < 5


def _dead(service: Service) -> Any:
    with service.db.read() as connection:
        return list_dead_letters(connection)


def _outbox(service: Service) -> Any:
    with service.db.read() as connection:
        return connection.execute(outbox.select()).all()


def test_large_messages_come_in_together_while_a_consumer_pauses(service: Service) -> None:
    """The socket holds one of them; whoever only sleeps finds one more after each pause."""
    subscription = service.spec.subscriptions[0]
    channel = service.broker.channel(subscription.queue, 40)
    try:
        service.broker.publish([Outgoing(MADE, f"{number:02}" + "x" * 500_000) for number in range(20)])
        channel.gather(20, 0.1 if isinstance(service.broker, LocalBroker) else 30, threading.Event())
        found = channel.fetch(20, 5)
        assert [delivery.body[:2] for delivery in found] == [f"{number:02}" for number in range(20)]
        channel.ack(found)
        stop, began = threading.Event(), time.monotonic()
        stop.set()
        channel.gather(20, 30, stop)
        assert time.monotonic() - began < 10
    finally:
        channel.close()
