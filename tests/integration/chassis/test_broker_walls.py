"""The walls on the broker: a service's login reaches its own queues and tells its own events, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from chassis.events.rabbit import RabbitBroker

EVENT = "freehold.customer.record.changed.v1"
OWN, OTHER = "customer.records", "report.records"


@pytest.fixture
def channels(rabbit_url: Callable[[str], str]) -> Iterator[Callable[[str], BlockingChannel]]:
    """Channels of services' logins, in a broker where customer and report have declared what they need."""
    for service, queue in (("customer", OWN), ("report", OTHER)):
        broker = RabbitBroker(rabbit_url(service), "test")
        broker.declare(queue, [EVENT], [0.2])
        broker.close()
    opened: list[pika.BlockingConnection] = []

    def channel(service: str) -> BlockingChannel:
        opened.append(pika.BlockingConnection(pika.URLParameters(rabbit_url(service))))
        made = opened[-1].channel()
        made.confirm_delivery()
        return made

    yield channel
    for connection in opened:
        connection.close()


def waiting(channel: BlockingChannel, queue: str) -> list[bytes]:
    found: list[bytes] = []
    while (body := channel.basic_get(queue, auto_ack=True)[2]) is not None:
        found.append(body)
    return found


@pytest.mark.parametrize(("exchange", "key"), [
    ("", OTHER), ("", f"{OTHER}.dead"), ("", f"{OTHER}.retry.0.2"), ("", OWN), ("report.retry", OTHER),
    ("freehold.events", "freehold.report.cube.built.v1"),
    ("freehold.events", "freehold.gateway.directory.changed.v1"), ("amq.topic", EVENT)])
def test_a_login_can_publish_into_no_queue_of_another_service(
        channels: Callable[[str], BlockingChannel], exchange: str, key: str) -> None:
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        channels("customer").basic_publish(exchange, key, b"forged")
    for queue in (OTHER, f"{OTHER}.dead", f"{OTHER}.retry.0.2"):
        assert waiting(channels("report"), queue) == []


@pytest.mark.parametrize("attempt", [
    lambda channel: channel.queue_bind(OTHER, "customer.retry", "x"),
    lambda channel: channel.exchange_bind("report.retry", "customer.retry", OTHER),
    lambda channel: channel.queue_bind(OWN, "report.retry", OTHER),
    lambda channel: channel.basic_consume(OTHER, print),
    lambda channel: channel.queue_purge(OTHER),
    lambda channel: channel.queue_delete(OTHER),
    lambda channel: channel.queue_declare("customer.trick", arguments={
        "x-dead-letter-exchange": "", "x-dead-letter-routing-key": OTHER}),
    lambda channel: channel.queue_declare("customer.trick", arguments={
        "x-dead-letter-exchange": "report.retry", "x-dead-letter-routing-key": OTHER})])
def test_there_is_no_way_around_it(channels: Callable[[str], BlockingChannel], attempt: Callable[[Any], Any]) -> None:
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        attempt(channels("customer"))


def test_its_own_events_reach_all_that_listen_and_its_own_exchange_only_itself(
        channels: Callable[[str], BlockingChannel]) -> None:
    channel = channels("customer")
    channel.basic_publish("freehold.events", EVENT, b"told")
    channel.basic_publish("customer.retry", OWN, b"again")
    channel.basic_publish("customer.retry", OTHER, b"nobody is bound by this name")
    assert waiting(channel, OWN) == [b"told", b"again"]
    assert waiting(channels("report"), OTHER) == [b"told"]
