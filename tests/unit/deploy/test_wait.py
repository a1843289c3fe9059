"""Processes wait for what they need, say what is missing, and do not wait for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from freehold.cli import main
from freehold.roles import prepare
from freehold.wait import wait


class _Door(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/well" else 503)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FREEHOLD_HOME", str(tmp_path))
    return tmp_path


def test_a_service_that_is_not_prepared_is_waited_for_and_named(home: Path) -> None:
    answer = CliRunner().invoke(wait, ["schema", "notify", "--timeout", "0"])
    assert answer.exit_code == 1
    assert "notify: the database lacks migrations" in answer.output


def test_a_role_that_waits_says_what_it_lacks_and_ends(home: Path) -> None:
    answer = CliRunner().invoke(main, ["notify", "worker", "--wait", "0.01"])
    assert answer.exit_code == 1
    assert "notify: the database lacks migrations" in answer.output


def test_a_prepared_service_is_ready(home: Path) -> None:
    prepare("notify").close()
    answer = CliRunner().invoke(wait, ["schema", "notify", "--timeout", "0"])
    assert (answer.exit_code, answer.output) == (0, "notify: ready\n")
    assert (home / "keys" / "notify" / "sealing.key").stat().st_mode & 0o777 == 0o600


def test_a_service_without_signing_keys_is_not_ready(home: Path) -> None:
    prepare("notify").close()
    for key in (home / "keys" / "notify").glob("*.pem"):
        key.unlink()
    answer = CliRunner().invoke(wait, ["schema", "notify", "--timeout", "0"])
    assert answer.exit_code == 1
    assert "no signing keys" in answer.output


def test_an_address_answers_or_is_named(address: str) -> None:
    well = CliRunner().invoke(wait, ["answers", f"{address}/well", "--timeout", "0"])
    assert well.exit_code == 0
    ill = CliRunner().invoke(wait, ["answers", f"{address}/well", f"{address}/ill", "--timeout", "0"])
    assert ill.exit_code == 1
    assert "/ill answered 503" in ill.output


def test_nobody_at_an_address_is_said(address: str) -> None:
    answer = CliRunner().invoke(wait, ["answers", "http://127.0.0.1:9/", "--timeout", "0"])
    assert answer.exit_code == 1
    assert "http://127.0.0.1:9/: " in answer.output
