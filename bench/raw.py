"""The raw driver and broker: what the same machine does with nothing of ours in between."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pika
import psycopg

from bench.furnish import Furnished
from bench.report_page import Line
from chassis.ids import new_id

_SECONDS = 4.0
_GET = "SELECT * FROM r_customer WHERE id = %s"
LIST = ("SELECT * FROM r_customer WHERE region = 'east' AND level = 'A' AND department_id = %s "
         "ORDER BY created_at DESC, id DESC LIMIT 20")


@dataclass
class Raw:
    """Operations a second by (what, concurrency), confirms a second of the broker, and one flush of the disk."""

    rates: dict[tuple[str, int], float]
    confirms: float
    flush_us: float

    def rate(self, name: str, concurrency: int) -> float:
        return self.rates[name, concurrency]

    def lines(self) -> list[Line]:
        """Return the raw figures themselves."""
        said = {"get": "raw psycopg: get by id", "list": "raw psycopg: list 20",
                "insert": "raw psycopg: insert and commit"}
        return [*(Line(f"{said[name]}, c={concurrency}", f"{rate:,.0f}/s")
                  for (name, concurrency), rate in sorted(self.rates.items())),
                Line("raw pika: confirms one by one, quorum queue", f"{self.confirms:,.0f}/s"),
                Line("disk: write and fdatasync of 4 KiB", f"{self.flush_us:,.0f} µs")]


def raw_figures(house: Furnished) -> Raw:
    """Measure all of them on the product's own servers."""
    url = house.database_url("customer").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bench_insert (id uuid PRIMARY KEY, name text, at timestamptz)")
        department = connection.execute(
            "SELECT department_id FROM r_customer WHERE id = %s", (house.ids[0],)).fetchone()[0]
    work: dict[str, Callable[[Any, int], Any]] = {
        "get": lambda cursor, turn: cursor.execute(_GET, (house.ids[turn % len(house.ids)],)).fetchone(),
        "list": lambda cursor, turn: cursor.execute(LIST, (department,)).fetchall(),
        "insert": lambda cursor, turn: cursor.execute(
            "INSERT INTO bench_insert VALUES (%s, %s, now())", (new_id(), "a name")),
    }
    rates = {(name, concurrency): _rate(url, one, concurrency) for name, one in work.items() for concurrency in (1, 16)}
    return Raw(rates, _confirms(house), _flush())


def _rate(url: str, one: Callable[[Any, int], Any], concurrency: int) -> float:
    done = [0] * concurrency
    until = time.monotonic() + _SECONDS

    def work(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            while time.monotonic() < until:
                one(cursor, done[number])
                done[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / _SECONDS


def _confirms(house: Furnished) -> float:
    assert house.product.stack is not None
    connection = pika.BlockingConnection(pika.URLParameters(house.product.stack.rabbit.url("customer")))
    channel = connection.channel()
    channel.queue_declare("customer.bench", durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind("customer.bench", "customer.retry", "customer.bench")
    channel.confirm_delivery()
    began, sent = time.monotonic(), 0
    while time.monotonic() - began < _SECONDS:
        channel.basic_publish("customer.retry", "customer.bench", b"x" * 500, pika.BasicProperties(delivery_mode=2))
        sent += 1
    channel.queue_delete("customer.bench")
    connection.close()
    return sent / _SECONDS


def _flush() -> float:
    with tempfile.TemporaryFile() as file:
        began = time.monotonic()
        for _ in range(200):
            os.write(file.fileno(), b"x" * 4096)
            os.fdatasync(file.fileno())
        return (time.monotonic() - began) / 200 * 1e6
