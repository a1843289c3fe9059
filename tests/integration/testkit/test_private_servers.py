"""The servers that all other integration tests stand on."""

from __future__ import annotations

from collections.abc import Callable

import pika
import pika.exceptions
import psycopg
import pytest

from chassis.testkit.servers import PrivatePostgres, PrivateRabbit


def libpq(url: str) -> str:
    return url.replace("+psycopg", "")


def test_a_login_cannot_open_the_database_of_another_service(postgres: PrivatePostgres) -> None:
    mine, other = postgres.createdb("wall_mine"), postgres.createdb("wall_other")
    assert mine != other
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(libpq(mine).rsplit("/", 1)[0] + "/wall_other")


def test_the_database_is_utf8_and_has_icu_collations(postgres_url: str) -> None:
    with psycopg.connect(libpq(postgres_url)) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        question = "SELECT count(*) > 0 FROM pg_collation WHERE collname = 'zh-x-icu'"
        assert connection.execute(question).fetchone() == (True,)


def test_committed_rows_survive_a_kill_of_postgres() -> None:
    with PrivatePostgres() as server:
        url = libpq(server.createdb("customer"))
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
        server.kill()
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT value FROM kept").fetchone() == (42,)


def test_creating_a_database_twice_keeps_its_address(postgres: PrivatePostgres) -> None:
    assert postgres.createdb("twice") == postgres.createdb("twice")


def test_a_dropped_database_can_be_made_again(postgres: PrivatePostgres) -> None:
    postgres.createdb("gone")
    postgres.dropdb("gone")
    with psycopg.connect(libpq(postgres.createdb("gone"))) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def channel_of(url: str) -> pika.adapters.blocking_connection.BlockingChannel:
    return pika.BlockingConnection(pika.URLParameters(url)).channel()


def test_a_service_cannot_touch_the_queue_of_another(rabbit_url: Callable[[str], str]) -> None:
    channel = channel_of(rabbit_url("customer"))
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
        channel.queue_declare("report.records", durable=True)
    channel.connection.close()


def test_every_test_gets_an_empty_broker(rabbit: PrivateRabbit) -> None:
    first, second = rabbit.new_vhost(), rabbit.new_vhost()
    channel = channel_of(rabbit.url("customer", first))
    channel.queue_declare("customer.here", durable=True)
    channel.connection.close()
    channel = channel_of(rabbit.url("customer", second))
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="NOT_FOUND"):
        channel.queue_declare("customer.here", passive=True)
    channel.connection.close()


def test_there_is_no_default_guest(rabbit: PrivateRabbit) -> None:
    assert "guest" not in rabbit.ctl("list_users")


def test_confirmed_messages_survive_a_kill_of_rabbitmq() -> None:
    with PrivateRabbit() as server:
        channel = channel_of(server.url("customer"))
        channel.queue_declare("customer.kept", durable=True, arguments={"x-queue-type": "quorum"})
        channel.confirm_delivery()
        channel.exchange_declare("freehold.events", "topic", durable=True)
        channel.queue_bind("customer.kept", "freehold.events", "#")
        durable = pika.BasicProperties(delivery_mode=2)
        channel.basic_publish("freehold.events", "freehold.customer.kept", b"kept", durable)
        channel.connection.close()
        server.settle()
        server.kill()
        server.start()
        channel = channel_of(server.url("customer"))
        assert channel.basic_get("customer.kept", auto_ack=True)[2] == b"kept"
        channel.connection.close()
