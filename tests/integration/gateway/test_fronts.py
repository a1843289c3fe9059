"""The same tests through all three fronts: the Flask proxy over HTTP, in one process, and nginx."""

from __future__ import annotations

import getpass
import gzip
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chassis.auth.keys import KeyRing
from chassis.http.app import create_app
from chassis.service import build
from chassis.testkit.servers import free_port
from gateway.bootstrap import SPEC
from gateway.edge.nginx import render
from gateway.proxy import front
from gateway.routing import SERVICES

from .upstream import Dummy, served

OTHERS = tuple(name for name in SERVICES if name != "gateway")
ORIGIN = "https://portal.example.com"


@dataclass
class World:
    """One front and the dummy services behind it."""

    kind: str
    address: str
    dummies: dict[str, Dummy]

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.address, timeout=20)

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        connection = self.connect()
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        answer.content = answer.read()  # type: ignore[attr-defined]
        connection.close()
        return answer

    def json(self, *args: Any, **kwargs: Any) -> Any:
        return json.loads(self.ask(*args, **kwargs).content)


def make_console(folder: Path) -> Path:
    (folder / "assets").mkdir(parents=True)
    (folder / "docs").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>console</title>" + " " * 2000)
    (folder / "docs" / "index.html").write_text("<!doctype html><title>docs</title>")
    (folder / "assets" / "app-1a2b.js").write_text("let a = 1;\n" * 500)
    (folder / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(b"let a = 1;\n" * 500))
    (folder / ".hidden").write_text("secret")
    (folder.parent / "outside.txt").write_text("secret")
    return folder


@pytest.fixture(scope="module", params=["http", "in_process", "nginx"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp(f"front-{request.param}")
    console = make_console(folder / "dist")
    KeyRing(folder / "keys" / "gateway").ensure()
    with ExitStack() as stack:
        dummies = {name: Dummy(name) for name in OTHERS}
        addresses = {name: stack.enter_context(served(dummy)) for name, dummy in dummies.items()}
        env = {"FREEHOLD_HOME": str(folder), "FREEHOLD_DEFAULT_LOCALE": "en",
               "FREEHOLD_GATEWAY_CONSOLE_DIR": str(console), "FREEHOLD_GATEWAY_CORS_ORIGINS": ORIGIN,
               "FREEHOLD_GATEWAY_PASSWORD_MEMORY_KIB": "64",
               **{f"FREEHOLD_{name.upper()}_URL": f"http://{address}" for name, address in addresses.items()},
               "FREEHOLD_GATEWAY_FORWARDED_HOPS": "1" if request.param == "nginx" else "0"}
        gateway = build(SPEC, env=env)
        stack.callback(gateway.close)
        gateway.prepare()
        app: Any = create_app(gateway)
        if request.param == "in_process":
            app = front(gateway, {"gateway": app, **dummies})
        address = stack.enter_context(served(app))
        if request.param == "nginx":
            address = stack.enter_context(nginx(folder, address, addresses, console))
        yield World(request.param, address, dummies)


class nginx:  # noqa: N801 - reads as the program's name
    """A running nginx with the generated configuration."""

    def __init__(self, folder: Path, gateway: str, addresses: dict[str, str], console: Path) -> None:
        self._port = free_port()
        state = folder / "nginx"
        state.mkdir()
        self._file = state / "nginx.conf"
        self._file.write_text(render(
            {"gateway": [gateway]} | {name: [address] for name, address in addresses.items()}, state,
            listen=f"127.0.0.1:{self._port}", console_dir=console, default_locale="en", workers="1",
            cors_origins=ORIGIN, user=getpass.getuser() if os.geteuid() == 0 else ""))
        self._program = shutil.which("nginx") or "/usr/sbin/nginx"

    def __enter__(self) -> str:
        command = [self._program, "-c", str(self._file), "-p", str(self._file.parent), "-e", "stderr"]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        assert "[warn]" not in checked.stderr, checked.stderr
        self._process = subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                    break
            except OSError:
                time.sleep(0.05)
        return f"127.0.0.1:{self._port}"

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)


def test_a_service_sees_its_own_path_and_the_query_as_it_was(world: World) -> None:
    seen = world.json("GET", "/api/customer/v1/records/lead/%E5%BC%A0%20a%3Fb?q=%2F..%2F&x=a%2520b")
    assert seen["service"] == "customer"
    assert seen["path"].encode("latin-1").decode() == "/v1/records/lead/张 a?b"
    assert seen["query"] == "q=%2F..%2F&x=a%2520b"


@pytest.mark.parametrize("name", OTHERS)
def test_each_service_is_reached_at_its_prefix(world: World, name: str) -> None:
    assert world.json("POST", f"/api/{name}/v1/things", body=b"hello")["service"] == name


def test_bodies_and_methods_pass(world: World) -> None:
    seen = world.json("PATCH", "/api/workflow/v1/rules/1", body='{"name":"规则"}'.encode(),
                      headers={"Content-Type": "application/json", "If-Match": '"3"', "Authorization": "Bearer t"})
    assert (seen["method"], seen["body"]) == ("PATCH", '{"name":"规则"}')
    assert (seen["headers"]["IF_MATCH"], seen["headers"]["AUTHORIZATION"]) == ('"3"', "Bearer t")


def test_clients_cannot_speak_as_services_or_proxies(world: World) -> None:
    seen = world.json("GET", "/api/customer/v1/x", headers={
        "X-Freehold-Depth": "0", "X-Freehold-Origin": "rule:1", "X-Freehold-Causation": "c", "X-Freehold-Bulk": "b",
        "X-Freehold-Origin-Name": "n", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Proto": "https", "Connection": "X-Secret", "X-Request-ID": "mine-1"})["headers"]
    assert not [name for name in seen if name.startswith("X_FREEHOLD")]
    assert seen["X_FORWARDED_FOR"] == "127.0.0.1"
    assert (seen["X_FORWARDED_PROTO"], seen["X_FORWARDED_PREFIX"]) == ("http", "/api/customer")
    assert seen["X_REQUEST_ID"] == "mine-1"


@pytest.mark.parametrize("given", ["", "two words", "x" * 200, "<script>"])
def test_a_request_without_a_decent_id_gets_one(world: World, given: str) -> None:
    answer = world.ask("GET", "/api/customer/v1/x", headers={"X-Request-ID": given} if given else {})
    made = json.loads(answer.content)["headers"]["X_REQUEST_ID"]
    assert made != given
    assert len(made) >= 32
    assert answer.headers["X-Request-ID"] == made


@pytest.mark.parametrize("path", [
    "/api/customer/v1/../v1/x", "/api/customer/v1/%2e%2e/x", "/api/customer/v1/..%2f..%2fhealthz",
    "/api/customer//v1/x", "/api/customer/v1/a%2fb", "/api/customer/v1/a%5Cb", "/api/customer/v1/%00",
    "/api/customer/v1/./x", "/api/gateway/v1/..", "/api/customer/v1/a\\b", "/api/customer/v1/x//"])
def test_tricky_paths_reach_nothing(world: World, path: str) -> None:
    before = len(world.dummies["customer"].seen)
    connection = world.connect()
    connection.putrequest("GET", path, skip_host=False)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 400
    if answer.headers["Content-Type"] == "application/problem+json":
        assert json.loads(answer.read())["code"] == "path_refused"
    connection.close()
    assert len(world.dummies["customer"].seen) == before


@pytest.mark.parametrize("path", [
    "/api/customer/healthz/ready", "/api/customer/.well-known/jwks.json", "/api/unknown/v1/x", "/api/customer/metrics",
    "/api/report", "/api/"])
def test_nothing_but_the_api_is_reachable(world: World, path: str) -> None:
    answer = world.ask("GET", path, headers={"Accept": "text/html"})
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["instance"] == path


def test_events_arrive_while_the_stream_is_open(world: World) -> None:
    dummy = world.dummies["notify"]
    dummy.go.clear()
    connection = world.connect()
    connection.request("GET", "/api/notify/v1/inbox/stream", headers={"Accept": "text/event-stream"})
    answer = connection.getresponse()
    first = answer.read1(1000)
    dummy.go.set()
    rest = answer.read()
    assert first == b"event: inbox\ndata: 1\n\n"
    assert rest == b"event: inbox\ndata: 2\n\n"
    connection.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_long_upload_passes_while_it_is_still_coming(world: World, chunked: bool) -> None:
    dummy = world.dummies["customer"]
    dummy.received = 0
    dummy.first_bytes.clear()
    piece, pieces = b"x" * 65_536, 160

    def body() -> Iterator[bytes]:
        for number in range(pieces):
            if number == pieces // 2:
                assert dummy.first_bytes.wait(10), "the service got nothing while the client was sending"
            yield piece

    connection = world.connect()
    headers = {} if chunked else {"Content-Length": str(len(piece) * pieces)}
    connection.request("POST", "/api/customer/v1/imports", body=body(), headers=headers, encode_chunked=chunked)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (201, str(len(piece) * pieces).encode())
    connection.close()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(world: World) -> None:
    before = len(world.dummies["workflow"].seen)
    connection = world.connect()
    connection.putrequest("POST", "/api/workflow/v1/rules")
    connection.putheader("Content-Length", str(9 * 1024 * 1024))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert json.loads(answer.read())["code"] == "body_too_large"
    connection.close()
    assert len(world.dummies["workflow"].seen) == before


def test_what_a_service_refuses_comes_back_as_it_is(world: World) -> None:
    answer = world.ask("POST", "/api/customer/v1/refuses", body=b"{}")
    assert (answer.status, answer.content) == (409, b'{"code":"mine"}')


def test_answers_without_body_pass(world: World) -> None:
    empty = world.ask("DELETE", "/api/customer/v1/empty")
    assert (empty.status, empty.headers["ETag"], empty.content) == (204, '"7"', b"")
    head = world.ask("HEAD", "/api/customer/v1/x")
    assert (head.status, head.content) == (200, b"")


def test_repeated_headers_stay_repeated(world: World) -> None:
    assert world.ask("GET", "/api/customer/v1/x").headers.get_all("Set-Cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("path", ["/", "/api/customer/v1/x", "/api/auth/me", "/api/unknown", "/assets/app-1a2b.js",
                                  "/api/customer/v1/%2e%2e"])
def test_every_answer_protects_the_browser_once(world: World, path: str) -> None:
    headers = world.ask("GET", path, headers={"Accept": "text/html"}).headers
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy",
                 "X-Frame-Options"):
        assert len(headers.get_all(name) or []) == 1, name
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Access-Control-Allow-Origin"] is None


def test_only_named_origins_may_call_from_a_browser(world: World) -> None:
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    allowed = world.ask("OPTIONS", "/api/customer/v1/x", headers=ask | {"Origin": ORIGIN})
    assert (allowed.status, allowed.headers["Access-Control-Allow-Origin"]) == (204, ORIGIN)
    assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]
    call = world.ask("GET", "/api/customer/v1/x", headers={"Origin": ORIGIN})
    assert call.headers.get_all("Access-Control-Allow-Origin") == [ORIGIN]
    foreign = world.ask("GET", "/api/customer/v1/x", headers={"Origin": "https://evil.example"})
    assert foreign.headers["Access-Control-Allow-Origin"] is None


def test_sign_in_and_administration_reach_the_gateway(world: World) -> None:
    answer = world.ask("POST", "/api/auth/login", body=b'{"username":"nobody","password":"x"}',
                       headers={"Content-Type": "application/json"})
    assert (answer.status, json.loads(answer.content)["code"]) == (401, "invalid_credentials")
    problem = world.json("GET", "/api/gateway/v1/users", headers={"Accept-Language": "zh-CN"})
    assert (problem["instance"], problem["title"]) == ("/api/gateway/v1/users", "请先登录")
    assert world.json("GET", "/.well-known/jwks.json")["keys"]
    assert world.json("GET", "/healthz/live")["status"] == "live"


def test_the_combined_description_is_public(world: World) -> None:
    document = world.json("GET", "/api/openapi.json")
    assert "/api/auth/login" in document["paths"]
    assert "/api/gateway/v1/users" in document["paths"]


# the console


def test_the_console_is_served_with_its_own_addresses(world: World) -> None:
    for path in ("/", "/records/lead/123", "/admin/users?tab=1"):
        answer = world.ask("GET", path, headers={"Accept": "text/html"})
        assert answer.status == 200
        assert b"<title>console</title>" in answer.content
        assert answer.headers["Cache-Control"] == "no-cache"
    assert b"docs" in world.ask("GET", "/docs/", headers={"Accept": "text/html"}).content
    assert world.ask("GET", "/api/docs").headers["Location"].endswith("/docs/")


def test_programs_that_accept_anything_get_the_first_page_but_no_other(world: World) -> None:
    assert world.ask("GET", "/").status == 200
    assert world.ask("GET", "/records/lead/123").status == 404


def test_files_with_a_digest_are_kept_for_ever_and_sent_compressed(world: World) -> None:
    answer = world.ask("GET", "/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content).startswith(b"let a = 1;")
    assert "javascript" in answer.headers["Content-Type"]
    plain = world.ask("GET", "/assets/app-1a2b.js")
    assert (plain.headers["Content-Encoding"], plain.content[:9]) == (None, b"let a = 1")


def test_an_unchanged_page_is_not_sent_again(world: World) -> None:
    tag = world.ask("GET", "/", headers={"Accept": "text/html"}).headers["ETag"]
    assert world.ask("GET", "/", headers={"Accept": "text/html", "If-None-Match": tag}).status == 304


@pytest.mark.parametrize("path", ["/../outside.txt", "/%2e%2e/outside.txt", "/assets/../../outside.txt", "/.hidden",
                                  "/assets/missing.js", "/..%5coutside.txt"])
def test_no_file_outside_of_the_console_is_served(world: World, path: str) -> None:
    connection = world.connect()
    connection.putrequest("GET", path)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status in (400, 404)
    assert b"secret" not in answer.read()
    connection.close()


# what only a network brings


@pytest.mark.parametrize("world", ["http", "nginx"], indirect=True)
def test_a_call_that_writes_is_never_sent_twice(world: World) -> None:
    dummy = world.dummies["report"]
    dummy.seen.clear()
    answer = world.ask("POST", "/api/report/v1/breaks", body=b"{}")
    assert answer.status == 502
    assert json.loads(answer.content)["code"] in ("service_unreachable", "edge_unreachable")
    assert dummy.seen == ["POST /v1/breaks"]


def test_a_public_form_says_itself_who_may_embed_it(world: World) -> None:
    answer = world.ask("GET", "/f/embedded")
    assert (answer.status, answer.content) == (200, b"hi")
    assert answer.headers.get_all("Content-Security-Policy") == ["frame-ancestors https://www.example.com"]
    assert answer.headers.get_all("Referrer-Policy") == ["origin"]
    assert answer.headers.get_all("X-Frame-Options") is None
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert world.json("POST", "/f/talk-to-us?lang=en", body=b"name=x")["path"] == "/f/talk-to-us"
    assert world.ask("POST", "/f/talk-to-us", body=b"x" * 70_000).status == 413
