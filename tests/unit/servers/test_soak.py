"""The watch over a new version: readiness that is lost, requests that fail, and what is forgiven."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner, Result

from freehold import soak as module
from freehold.soak import soak


class Process:
    """An admin port that says what the test wants: ready, and (good, failed) requests, for look after look."""

    def __init__(self) -> None:
        self.ready, self.counts, self.failure = [True], [(0, 0)], 500
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = outer.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> tuple[int, bytes]:
        if path == "/metrics":
            good, bad = self.counts.pop(0) if len(self.counts) > 1 else self.counts[0]
            labels = 'service="x",method="GET",route="/",status='
            return 200, (f'freehold_http_requests_total{{{labels}"200"}} {good}\n'
                         f'freehold_http_requests_total{{{labels}"{self.failure}"}} {bad}\n').encode()
        ready = self.ready.pop(0) if len(self.ready) > 1 else self.ready[0]
        return (200 if ready else 503), b"{}"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)


@pytest.fixture
def process() -> Iterator[Process]:
    one = Process()
    yield one
    one.server.shutdown()
    one.server.server_close()


def watch(*addresses: str, seconds: float = 0.1) -> Result:
    return CliRunner().invoke(soak, ["--seconds", str(seconds), *addresses])


def test_processes_that_stay_ready_are_believed(process: Process) -> None:
    process.counts = [(100, 5), (1100, 10)]  # what failed before does not count, and 5 of 1005 are within 1 %
    done = watch(process.address)
    assert done.exit_code == 0, done.output
    assert "5 of 1005 requests failed" in done.output


def test_a_process_that_is_away_for_a_moment_is_forgiven(process: Process) -> None:
    process.ready = [True] + [False] * (module.MISSES - 1) + [True]
    assert watch(process.address).exit_code == 0


@pytest.mark.parametrize("gone", [False, True])
def test_a_process_that_is_not_ready_again_and_again_ends_the_watch(process: Process, gone: bool) -> None:
    process.ready = [False]
    address = process.address
    if gone:
        address = "127.0.0.1:1"
    done = watch(address, seconds=60)
    assert done.exit_code == 1
    assert address in done.output


def test_too_many_failed_requests_are_not_believed(process: Process) -> None:
    process.counts = [(100, 0), (190, 10)]
    done = watch(process.address)
    assert done.exit_code == 1
    assert "10 of 100 requests failed" in done.output


@pytest.mark.parametrize("status", [500, 502, 504])
def test_every_failure_of_a_process_counts(process: Process, status: int) -> None:
    process.failure, process.counts = status, [(100, 0), (190, 10)]
    assert watch(process.address).exit_code == 1


def test_answers_to_come_again_later_do_not_count(process: Process) -> None:
    process.failure, process.counts = 503, [(100, 0), (190, 4000)]  # the read model is built anew
    done = watch(process.address)
    assert done.exit_code == 0, done.output
    assert "0 of 90 requests failed" in done.output


def test_a_process_that_answers_only_to_come_again_is_not_believed_when_it_is_not_ready(process: Process) -> None:
    process.failure, process.counts, process.ready = 503, [(100, 0), (100, 400)], [False]
    assert watch(process.address, seconds=60).exit_code == 1


def test_a_process_that_started_anew_counts_from_nothing(process: Process) -> None:
    process.counts = [(5000, 50), (40, 2)]
    done = watch(process.address)
    assert done.exit_code == 0
    assert "2 of 42 requests failed" in done.output
