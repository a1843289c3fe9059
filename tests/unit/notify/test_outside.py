"""Addresses that people typed in reach the world, and nothing that only the service reaches."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.notify.outside import AddressRefused, Outside, Unreachable, networks_of
from tests.simulators.http_stage import Got, Said, stage

LOOPBACK = networks_of("127.0.0.0/8")


@pytest.mark.parametrize("address", [
    "127.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.1.1", "192.0.0.8",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "fec0::1"])
def test_an_address_inside_is_refused_however_it_is_written(address: str) -> None:
    outside = Outside(resolve=lambda *_: [address])
    with pytest.raises(AddressRefused):
        outside.post("https://inside.example/", b"", {})


def test_one_inner_address_among_outer_ones_spoils_a_name() -> None:
    with pytest.raises(AddressRefused):
        Outside(resolve=lambda *_: ["93.184.216.34", "10.0.0.1"]).post("https://mixed.example/", b"", {})


def test_public_addresses_are_reached_over_tls_only() -> None:
    with pytest.raises(AddressRefused, match="TLS only"):
        Outside(resolve=lambda *_: ["93.184.216.34"]).post("http://public.example/", b"", {})


def test_an_allowed_network_is_reached_and_a_redirect_is_an_answer_like_any_other() -> None:
    came: list[Got] = []

    def answer(got: Got) -> Said:
        came.append(got)
        return Said(302, b"\x00elsewhere" + b"x" * 100_000, {"Location": "http://127.0.0.1:1/secret"})

    with stage(answer) as address:
        reply = Outside(LOOPBACK).post(f"{address}/a/b?c=d", b"body", {"X-Own": "1"})
    assert (reply.status, len(came), came[0].body, came[0].query) == (302, 1, b"body", {"c": "d"})
    assert reply.text.startswith("\N{REPLACEMENT CHARACTER}elsewhere")
    assert len(reply.text) == 1000


def test_the_name_is_looked_up_once_so_that_it_cannot_change_its_mind() -> None:
    asked: list[str] = []

    def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with stage(lambda got: Said(200, got.headers["host"].encode())) as address:
        port = address.rpartition(":")[2]
        reply = Outside(LOOPBACK, resolve).post(f"http://name.example:{port}/", b"", {})
    assert (reply.text, asked) == (f"name.example:{port}", ["name.example"])


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_a_name_that_can_be_none_is_a_name_nobody_knows(host: str) -> None:
    with pytest.raises(Unreachable, match="the name is unknown"):
        Outside().post(f"https://{host}/", b"", {})


def test_an_address_of_version_6_is_a_host_and_has_no_port_in_it() -> None:
    with stage(lambda got: Said(200, got.headers["host"].encode())) as address:
        url = f"http://[2001:4860::abcd]:{address.rpartition(':')[2]}/"
        assert Outside(LOOPBACK, lambda *_: ["127.0.0.1"]).post(url, b"", {}).text == url[7:-1]


def test_what_is_no_answer_is_quoted_without_signs_that_a_database_refuses() -> None:
    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"no\x00HTTP\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(Unreachable, match="no\N{REPLACEMENT CHARACTER}HTTP"):
            Outside(LOOPBACK).post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"", {})
        thread.join()


@contextmanager
def trickling() -> Iterator[int]:
    """A server that says one letter of a header at a time, forever."""
    server, done = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not done.wait(0.02):
                    connection.sendall(b"a")
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        done.set()
        thread.join()
        server.close()


def test_an_answer_that_trickles_is_cut_at_the_deadline() -> None:
    with trickling() as port, pytest.raises(Unreachable, match="in time"):
        Outside(LOOPBACK, seconds=0.2).post(f"http://127.0.0.1:{port}/", b"", {})
