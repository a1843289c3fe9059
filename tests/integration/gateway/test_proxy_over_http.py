"""What only the HTTP proxy has to cope with: services that are away, slow, or break off; limits; proxies before us."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from chassis.http.problem import Problem
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.servers import free_port
from gateway.proxy import HttpUpstreams
from gateway.routing import Route

from .upstream import Dummy, served

ROUTE = Route("/api/customer/v1/", "customer", read_seconds=1, body_bytes=1000)


def ask(upstreams: HttpUpstreams, path: str = "/api/customer/v1/x", **more: Any) -> tuple[bytes, str]:
    environ = EnvironBuilder(path=path, **more).get_environ()
    body, status, _ = run_wsgi_app(lambda env, start: upstreams.forward(ROUTE, env, start), environ)
    return b"".join(body), status


@pytest.fixture
def deaf() -> Iterator[str]:
    """An address that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_service_that_is_away_is_a_502() -> None:
    with pytest.raises(Problem) as caught:
        ask(HttpUpstreams(lambda _: f"http://127.0.0.1:{free_port()}"))
    assert (caught.value.status, caught.value.code) == (502, "service_unreachable")


def test_a_service_that_is_silent_too_long_is_a_504(deaf: str) -> None:
    started = time.monotonic()
    with pytest.raises(Problem) as caught:
        ask(HttpUpstreams(lambda _: deaf))
    assert (caught.value.status, caught.value.code) == (504, "service_too_slow")
    assert time.monotonic() - started < 5


def test_a_chunked_body_is_cut_off_at_the_limit() -> None:
    with served(Dummy("customer")) as address, pytest.raises(Problem) as caught:
        ask(HttpUpstreams(lambda _: f"http://{address}"), method="POST", input_stream=io.BytesIO(b"x" * 5000),
            headers={"Transfer-Encoding": "chunked"})
    assert caught.value.status == 413


def test_a_client_that_stops_sending_is_no_error_of_the_service() -> None:
    with served(Dummy("customer")) as address, pytest.raises(Problem) as caught:
        ask(HttpUpstreams(lambda _: f"http://{address}"), method="POST", input_stream=io.BytesIO(b"half"),
            environ_overrides={"CONTENT_LENGTH": "800"})
    assert caught.value.status == 400


def test_a_kept_connection_that_died_is_opened_again_for_reading() -> None:
    """The first server closes the connection after each answer without saying so."""
    answers = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve() -> None:
            for _ in range(3):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answers)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        upstreams = HttpUpstreams(lambda _: f"http://127.0.0.1:{server.getsockname()[1]}")
        assert [ask(upstreams)[0] for _ in range(3)] == [b"ok"] * 3
        thread.join(5)


def test_connections_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Dummy("customer")) as address:
        upstreams = HttpUpstreams(lambda _: f"http://{address}")
        for _ in range(5):
            ask(upstreams)
        assert upstreams._pool("customer").num_connections == 1


# limits and addresses, through the whole gateway


@pytest.fixture
def own_database(sqlite_database: OwnDatabase) -> OwnDatabase:
    """One database is enough here."""
    return sqlite_database


def test_one_token_cannot_take_everything(make_gateway: Any) -> None:
    gateway = make_gateway(api_rate="2/hour")
    ours = [gateway.call("GET", "people", token="token-a").status_code for _ in range(3)]
    refused = gateway.call("GET", "people", token="token-a")
    assert ours == [401, 401, 429]
    assert (refused.json["code"], refused.json["instance"]) == ("too_many_requests", "/api/gateway/v1/people")
    assert int(refused.headers["Retry-After"]) > 0
    assert gateway.call("GET", "people", token="token-b").status_code == 401


def test_one_address_cannot_take_everything_with_many_tokens(make_gateway: Any) -> None:
    gateway = make_gateway(api_address_rate="3/hour")
    codes = [gateway.call("GET", "people", token=f"token-{number}").status_code for number in range(4)]
    assert codes == [401, 401, 401, 429]


@pytest.mark.parametrize(("hops", "header", "seen"), [
    ("0", "1.1.1.1", "127.0.0.1"), ("1", "1.1.1.1", "1.1.1.1"), ("1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
    ("2", "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"), ("1", "", "127.0.0.1")])
def test_only_trusted_proxies_say_who_is_behind_them(make_gateway: Any, hops: str, header: str, seen: str) -> None:
    gateway = make_gateway(forwarded_hops=hops)
    gateway.client.post("/api/auth/login", json={"username": "admin", "password": "wrong"},
                        headers={"X-Forwarded-For": header})
    assert gateway.audit(action="sign_in.failed")[0]["ip"] == seen


def test_strict_transport_is_asked_for_on_https_only(make_gateway: Any) -> None:
    gateway = make_gateway(forwarded_hops="1")
    https = gateway.client.get("/healthz/live", headers={"X-Forwarded-Proto": "https"})
    assert https.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Strict-Transport-Security" not in gateway.client.get("/healthz/live").headers


def test_a_console_that_was_not_built_is_explained(make_gateway: Any, tmp_path: Any) -> None:
    gateway = make_gateway(console_dir=str(tmp_path / "nowhere"))
    page = gateway.client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "make console" in page.text
