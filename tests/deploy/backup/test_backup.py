"""A real cluster is backed up, damaged, restored and compared; a drill that should fail does."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.testkit.processes import account_for, make_private_folder
from freehold.backup.fingerprints import fingerprint
from freehold.backup.making import admin_url
from freehold.backup.seals import connect
from tests.deploy.backup.clusters import SERVICES, Machine, random_bytes

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """(repository on another disk, recovery key in a safe)."""
    disk = make_private_folder(None, account_for("postgres"), "freehold-repository-")
    yield disk / "repository", tmp_path / "safe" / "recovery.key"
    shutil.rmtree(disk)


@pytest.fixture
def machine(places: tuple[Path, Path]) -> Iterator[Machine]:
    """A server whose cluster runs and whose repository is begun."""
    one = Machine(*places)
    try:
        one.make_cluster()
        one.do("begin")
        yield one
    finally:
        one.wreck()


def fill(machine: Machine, first: int, count: int) -> None:
    rows = f"SELECT n, md5(n::text) FROM generate_series({first}, {first + count - 1}) n"
    for name in SERVICES:
        machine.sql(name, f"INSERT INTO record {rows}")


def state(machine: Machine) -> dict[str, object]:
    """Counts and checksums of every table, and every file's bytes."""
    found: dict[str, object] = {path.name: path.read_bytes() for path in machine.files.rglob("*") if path.is_file()}
    for name in SERVICES:
        with connect(admin_url(machine.plan), name) as connection:
            found[name] = fingerprint(connection)
    return found


def moment(machine: Machine) -> str:
    return str(machine.sql("postgres", "SELECT to_char(clock_timestamp(), 'YYYY-MM-DD\"T\"HH24:MI:SS.USOF:00')")[0][0])


def test_a_lost_machine_comes_back_from_repository_and_recovery_key_alone(
        machine: Machine, places: tuple[Path, Path]) -> None:
    fill(machine, 1, 500)
    machine.write_file("customer/files/contract.pdf", random_bytes(9_000_000))
    machine.write_file("gateway/keys/signing.pem", b"key of the gateway")
    machine.do("make", "--type", "full")
    fill(machine, 501, 250)
    machine.write_file("customer/files/offer.pdf", b"an offer")
    machine.do("make")
    before = state(machine)
    machine.stop()
    machine.wreck()

    bare = Machine(*places)
    try:
        assert "the repository is open" in bare.do("recover", "--recovery-key", str(places[1]))
        bare.plan_file.write_text(bare.plan_file.read_text().replace(
            f'"folders":["{bare.files}"]', f'"folders":["{machine.files}"]'))
        bare.do("restore")
        bare.start()
        shutil.move(machine.files, bare.folder / "came-back")
        bare.files = bare.folder / "came-back"
        assert state(bare) == before
    finally:
        bare.wreck()
        shutil.rmtree(machine.folder, ignore_errors=True)


def test_any_second_between_two_writes_can_be_had_back(machine: Machine) -> None:
    fill(machine, 1, 100)
    machine.do("make", "--type", "full")
    machine.sql("customer", "INSERT INTO record VALUES (1001, 'wanted')")
    machine.write_file("customer/files/wanted.txt", b"wanted")
    time.sleep(1.1)
    between = moment(machine)
    time.sleep(1.1)
    machine.sql("customer", "DELETE FROM record WHERE id <= 100")
    machine.sql("workflow", "DROP TABLE record")
    machine.do("make")
    machine.stop()

    machine.do("restore", "--to", between)
    machine.start()
    assert machine.sql("customer", "SELECT count(*) FROM record") == [(101,)]
    assert machine.sql("customer", "SELECT name FROM record WHERE id = 1001") == [("wanted",)]
    assert machine.sql("workflow", "SELECT count(*) FROM record") == [(100,)]
    assert (machine.files / "customer/files/wanted.txt").read_bytes() == b"wanted"
    machine.do("make")
    assert "verified" in machine.do("drill")


def test_a_damaged_cluster_and_damaged_files_are_mended_in_place(machine: Machine) -> None:
    fill(machine, 1, 300)
    file = machine.write_file("customer/files/contract.pdf", random_bytes(100_000))
    machine.do("make", "--type", "full")
    before = state(machine)
    machine.stop()
    for page in (machine.data / "base").glob("*/1*"):
        page.write_bytes(b"\0" * page.stat().st_size)
    file.write_bytes(b"encrypted by a stranger")
    (machine.files / "report.duckdb").write_bytes(b"a read model that knows too much")

    machine.do("restore")
    machine.start()
    assert state(machine) == before


def test_the_drill_compares_every_table_and_file_and_leaves_a_time(machine: Machine) -> None:
    fill(machine, 1, 200)
    machine.write_file("customer/files/contract.pdf", random_bytes(5_000_000))
    machine.do("make", "--type", "full")
    fill(machine, 201, 50)
    said = machine.do("drill")
    assert "gives back 400 rows of 2 tables and 1 files" in said
    metrics = machine.plan.metrics_file.read_text()
    verified = re.search(r"^freehold_last_verified_restore_timestamp_seconds (\S+)$", metrics, re.MULTILINE)
    assert verified
    assert abs(float(verified.group(1)) - time.time()) < 60
    assert not machine.plan.scratch.exists()


def test_a_standby_leaves_the_work_to_its_primary_until_it_takes_over(machine: Machine,
                                                                       places: tuple[Path, Path]) -> None:
    fill(machine, 1, 100)
    machine.write_file("customer/files/contract.pdf", b"signed")
    machine.do("make", "--type", "full")
    machine.do("drill")
    standby = Machine(*places)
    try:
        standby.follow(machine)
        for work in ("make", "files", "drill"):
            assert standby.do(work) == "this server is a standby: its primary does that\n"
        seen, known = times(standby), times(machine)
        assert seen.keys() == known.keys()
        assert all(abs(seen[name] - known[name]) < 30 for name in seen)

        machine.stop()
        standby.take_over()
        fill(standby, 101, 50)
        assert "and 1 files, sealed" in standby.do("make")
        assert "gives back 300 rows" in standby.do("drill")
    finally:
        standby.wreck()


def times(machine: Machine) -> dict[str, float]:
    """When backups, snapshots and drills were made last, as a server's watchers are told."""
    told = re.findall(r"^(freehold_\w+_timestamp_seconds) (\S+)$", machine.plan.metrics_file.read_text(), re.MULTILINE)
    return {name: float(value) for name, value in told}


def test_seals_are_set_among_writers_and_hold(machine: Machine) -> None:
    fill(machine, 1, 10)
    stop, written = threading.Event(), []

    def write(first: int) -> None:
        number = first
        while not stop.is_set():
            machine.sql("customer", f"INSERT INTO record VALUES ({number}, 'steady')")
            machine.sql("workflow", f"UPDATE record SET name = '{number}' WHERE id = 1 + {number} % 10")
            written.append(number)
            number += 1

    writers = [threading.Thread(target=write, args=(first,)) for first in (1_000, 100_000)]
    for one in writers:
        one.start()
    try:
        machine.do("make", "--type", "full")
        machine.do("make")
    finally:
        stop.set()
        for one in writers:
            one.join()
    assert len(written) > 20
    assert "verified" in machine.do("drill")


def test_the_drill_finds_what_is_wrong(machine: Machine) -> None:
    fill(machine, 1, 50)
    machine.write_file("customer/files/contract.pdf", random_bytes(10_000))
    machine.do("make", "--type", "full")
    machine.do("drill")
    verified = machine.plan.metrics_file.read_text()
    piece = next((machine.repository / "contents" / "pieces").glob("??/*"))
    whole = piece.read_bytes()
    piece.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "was altered" in _failure(machine, "drill")
    piece.write_bytes(whole)
    for segment in (machine.repository / "postgres" / "archive").rglob("0000*-*"):
        segment.unlink()
    assert "did not come up" in _failure(machine, "drill")
    assert machine.plan.metrics_file.read_text() == verified


def test_the_repository_alone_says_nothing(machine: Machine, places: tuple[Path, Path]) -> None:
    machine.sql("customer", "INSERT INTO record VALUES (1, 'Ada Lovelace, Analytical Engines')")
    machine.write_file("customer/files/contract.txt", b"between Ada Lovelace and Charles Babbage " * 50)
    machine.do("make", "--type", "full")
    for file in places[0].rglob("*"):
        assert "contract" not in file.name
        if file.is_file():
            assert b"Lovelace" not in file.read_bytes(), file


def test_a_machine_with_another_key_does_not_write_into_a_repository(
        machine: Machine, places: tuple[Path, Path]) -> None:
    machine.do("make", "--type", "full")
    other = Machine(*places)
    try:
        assert "belongs to another repository key" in _failure(other, "begin")
        assert "is not the recovery key" in _failure(other, "recover", "--recovery-key", _other_key(other))
    finally:
        other.wreck()


def test_a_restore_is_refused_while_postgresql_runs_and_for_a_time_to_come(machine: Machine) -> None:
    machine.do("make", "--type", "full")
    assert "stop it first" in _failure(machine, "restore")
    later = datetime(2999, 1, 1, tzinfo=UTC).isoformat()
    assert "still to come" in machine.call("restore", "--to", later).output
    assert "offset" in machine.call("restore", "--to", "2026-01-01T10:00:00").output


def test_what_is_kept_can_be_listed(machine: Machine) -> None:
    machine.do("make", "--type", "full")
    machine.do("make")
    said = machine.do("list")
    assert len(re.findall(r"^\d{8}-\d{6}F\S*  (full|incr)", said, re.MULTILINE)) == 2
    assert "any second from" in said


def _failure(machine: Machine, *arguments: str) -> str:
    done = machine.call(*arguments)
    assert done.exit_code == 1, done.output
    return done.output


def _other_key(machine: Machine) -> str:
    from freehold.backup.keys import make_recovery_key

    make_recovery_key(machine.folder / "another.key", machine.folder / "another.pub")
    return str(machine.folder / "another.key")
