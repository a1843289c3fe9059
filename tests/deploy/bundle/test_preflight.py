"""`freehold-install preflight`: what it finds, what it advises, and that it changes nothing."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from freehold_install.preflight import machine, network, servers
from freehold_install.preflight.results import FAIL, PASS, SKIP, WARN, Result, accepted, failed

from chassis.testkit.processes import free_port
from chassis.testkit.servers import PostgresServer, RabbitServer
from tests.deploy.bundle.conftest import Bundle


def test_every_failure_says_what_to_do(sealed: Bundle, tmp_path: Path) -> None:
    answer = sealed.call(
        "preflight", "--size", "large", "--json", "--data", str(tmp_path), "--host", "no.such.name.invalid"
    )
    found = json.loads(answer.stdout)
    assert found["changed"] is False
    wrong = [one for one in found["results"] if one["outcome"] in (FAIL, WARN)]
    assert "public name" in {one["name"] for one in wrong}
    assert [one["name"] for one in wrong if not one["advice"]] == []
    assert found["ok"] is False
    assert answer.returncode == 4


def test_people_read_the_same_and_that_nothing_has_changed(sealed: Bundle, tmp_path: Path) -> None:
    answer = sealed.call("preflight", "--data", str(tmp_path), "--host", "no.such.name.invalid")
    assert answer.returncode == 4
    assert "FAIL  public name" in answer.stdout
    assert answer.stdout.rstrip().endswith("Nothing has been changed on this machine.")
    assert list(tmp_path.iterdir()) == []


def test_what_the_operator_accepts_does_not_stop_him() -> None:
    results = [Result("open files", FAIL, "20000", "65536", "raise it"), Result("memory", FAIL, "1", "4", "more")]
    taken = accepted(results, ["open files"])
    assert [one.outcome for one in taken] == [WARN, FAIL]
    assert failed(taken)
    assert not failed(accepted(results, ["open files", "memory"]))


def test_a_misspelt_option_is_not_passed_over(sealed: Bundle) -> None:
    answer = sealed.call("preflight", "--hots", "crm.example.com")
    assert answer.returncode == 2
    assert "--hots" in answer.stderr


def test_a_machine_that_is_too_small_is_told_so(tmp_path: Path) -> None:
    assert machine.processors(100_000).outcome == FAIL
    assert machine.memory(1_000_000).outcome == FAIL
    assert machine.disk_space(tmp_path / "not" / "there", 1_000_000_000).outcome == FAIL
    assert machine.processors(1).outcome == PASS


def test_a_slow_disk_is_told_so(tmp_path: Path) -> None:
    assert machine.disk_sync(tmp_path, most_ms=0.0).outcome == FAIL
    assert machine.disk_sync(tmp_path, most_ms=60_000).outcome == PASS


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        result = network.ports([number])[0]
    assert (result.name, result.outcome) == (f"port {number}", FAIL)
    assert str(number) in result.advice
    assert network.ports([free_port()])[0].outcome == PASS


@pytest.mark.parametrize(
    ("release", "outcome"), [("6.1.0-18-amd64", PASS), ("5.4.0-1", FAIL), ("4.19", FAIL), ("odd", FAIL)]
)
def test_an_old_kernel_is_told_so(release: str, outcome: str) -> None:
    assert machine.kernel(release).outcome == outcome


@pytest.mark.parametrize(
    ("text", "outcome"), [('ID=debian\nVERSION_ID="12"\n', PASS), ('ID="arch"\n', WARN), ("", WARN)]
)
def test_another_system_is_a_warning(tmp_path: Path, text: str, outcome: str) -> None:
    (tmp_path / "os-release").write_text(text)
    assert machine.system(tmp_path / "os-release").outcome == outcome


def test_an_earlier_installation_is_found(tmp_path: Path) -> None:
    assert network.earlier_installation(tmp_path).outcome == PASS
    assert network.earlier_installation(tmp_path, wanted=True).outcome == FAIL
    (tmp_path / "etc" / "freehold").mkdir(parents=True)
    found = network.earlier_installation(tmp_path)
    assert (found.outcome, "/etc/freehold" in found.found) == (FAIL, True)
    assert network.earlier_installation(tmp_path, wanted=True).outcome == PASS


def test_a_name_that_leads_to_the_machine_itself_is_a_warning() -> None:
    assert network.public_name("localhost").outcome == WARN
    assert network.public_name("192.0.2.7").outcome == PASS


@contextmanager
def time_server(ahead: float) -> Iterator[str]:
    """An SNTP server whose clock is ahead by so many seconds; answers once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))

        def answer() -> None:
            _, caller = line.recvfrom(512)
            now = time.time() + ahead + machine.NTP_TO_UNIX
            line.sendto(b"\x1c" + bytes(39) + struct.pack(">II", int(now), int(now % 1 * 2**32)), caller)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"127.0.0.1:{line.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(("ahead", "outcome"), [(0.0, PASS), (30.0, FAIL), (-30.0, FAIL)])
def test_a_clock_that_is_wrong_is_told_so(ahead: float, outcome: str) -> None:
    with time_server(ahead) as server:
        result = machine.clock_skew(server)
    assert result.outcome == outcome


def test_the_kernel_is_asked_for_its_clock() -> None:
    assert machine.clock().outcome in (PASS, WARN, SKIP)


def test_the_companys_postgresql_is_asked_for_its_version(
    postgres: PostgresServer, tmp_path: Path, sealed: Bundle
) -> None:
    url = postgres.admin_url().replace("postgresql+psycopg", "postgresql")
    good = servers.postgres(url)
    assert (good.outcome, good.found[:2].isdigit()) == (PASS, True)
    wrong = servers.postgres(url.replace(":", ":x", 2).replace("postgresql:x", "postgresql:"))
    assert wrong.outcome == FAIL
    assert "password authentication failed" in wrong.found
    file = tmp_path / "url"
    file.write_text(url)
    said = json.loads(
        sealed.call("preflight", "--json", "--data", str(tmp_path), "--postgres-url-file", str(file)).stdout
    )
    assert [one["outcome"] for one in said["results"] if one["name"] == "PostgreSQL"] == [PASS]


def test_the_companys_rabbitmq_is_asked_for_its_version(rabbit: RabbitServer) -> None:
    good = servers.rabbitmq(f"amqp://127.0.0.1:{rabbit.port}")
    assert (good.outcome, good.found.startswith("RabbitMQ ")) == (PASS, True)


@pytest.mark.parametrize("ask", [servers.postgres, servers.rabbitmq])
def test_a_server_that_does_not_answer_is_told_without_its_password(ask) -> None:
    result = ask(f"amqp://user:very-secret@127.0.0.1:{free_port()}/x")
    assert result.outcome == FAIL
    assert "very-secret" not in str(result)


def test_a_server_of_another_kind_is_not_taken_for_one(postgres: PostgresServer) -> None:
    assert servers.rabbitmq(f"amqp://127.0.0.1:{postgres.port}").outcome == FAIL
