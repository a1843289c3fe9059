"""Workers that die, imports that meet, jobs that go wrong: every row has its effect exactly once."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from chassis.clock import utcnow
from chassis.db.tables import job as job_table
from chassis.jobs import JobRunner
from services.customer.store.tables import match_key, record_change
from services.customer.usecases.imports import check, passes, run

CHANGED, FINISHED = "freehold.customer.record.changed.v1", "freehold.customer.import.finished.v1"
HEADER = ("姓名", "手机")
WORKER = """
import os, signal, sys
from chassis.jobs import JobRunner
from chassis.service import build
from services.customer.bootstrap import SPEC
from services.customer.usecases.imports import check, passes, run

passes.CHUNK = 1000
module = {"run": run, "check": check}[sys.argv[2]]
kept, left = module.record_chunk, [int(sys.argv[3])]

def die_in_the_middle(*args, **more):
    kept(*args, **more)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)

module.record_chunk = die_in_the_middle
home, url = sys.argv[1].split(" ")
service = build(SPEC, env={"FREEHOLD_HOME": home, "FREEHOLD_DATABASE_URL": url})
JobRunner(service).run_one()
"""


@pytest.fixture(autouse=True)
def _chunks_of_a_thousand(monkeypatch):
    monkeypatch.setattr(passes, "CHUNK", 1000)


def people(count: int, wrong_every: int = 10) -> list[tuple[str, str]]:
    return [("" if number % wrong_every == 0 else f"人{number}", f"138{number:08d}") for number in range(count)]


def die_while(desk, what: str, chunks: int) -> None:
    """Let a worker of its own process take the job and be killed inside its n-th chunk."""
    url = desk.harness.service.db.engine.url.render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", WORKER, f"{desk.harness.folder} {url}", what, str(chunks)],
                          cwd=Path(__file__).resolve().parents[3], timeout=120, check=False, capture_output=True)
    assert done.returncode == -9, done.stderr.decode()


def expire_lease(desk) -> None:
    """Let the time pass after which another worker takes the dead one's job."""
    with desk.harness.service.db.unit_of_work() as uow:
        uow.execute(update(job_table).where(job_table.c.state == "running")
                    .values(lease_until=utcnow() - timedelta(seconds=1)))


def rows_in(desk, table) -> int:
    with desk.harness.service.db.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_an_import_whose_worker_is_killed_goes_on_where_it_was_and_does_nothing_twice(desk):
    id = desk.sheet(HEADER, *people(3200))
    desk.call("POST", f"/{id}/start")
    die_while(desk, "run", chunks=2)
    stopped = desk.show(id)
    assert (stopped["state"], stopped["progress"]) == ("importing", {"done": 1000, "total": 3200})
    assert desk.count() == 900
    JobRunner(desk.harness.service).run_one()
    assert desk.show(id)["progress"]["done"] == 1000, "the lease of the dead worker still runs"

    expire_lease(desk)
    die_while(desk, "run", chunks=2)
    assert desk.show(id)["progress"]["done"] == 2000, "killed once more"
    expire_lease(desk)
    desk.work()
    shown = desk.show(id)
    assert (shown["state"], shown["progress"]) == ("finished", {"done": 3200, "total": 3200})
    assert {name: shown["summary"][name] for name in ("create", "skip", "failed")} == {
        "create": 2880, "skip": 0, "failed": 320}
    assert [rows_in(desk, table) for table in (record_change, match_key)] == [2880, 2880]
    assert desk.count() == 2880
    assert len(desk.errors(id)) == 320
    changes = [message.data["changes"] for message in desk.harness.published(CHANGED)]
    assert max(map(len, changes)) <= 500
    told = Counter(change["id"] for some in changes for change in some)
    assert (len(told), set(told.values())) == (2880, {1})
    assert len(desk.harness.published(FINISHED)) == 1


def test_a_dry_run_whose_worker_is_killed_comes_to_the_same_end(desk):
    rows = people(2100)
    id = desk.sheet(HEADER, *rows, *rows[1:50])
    desk.call("POST", f"/{id}/check")
    die_while(desk, "check", chunks=2)
    expire_lease(desk)
    desk.work()
    summary = desk.show(id)["summary"]
    assert {name: summary[name] for name in ("rows", "create", "skip", "failed")} == {
        "rows": 2149, "create": 1890, "skip": 45, "failed": 214}
    assert len(desk.errors(id)) == 214


def test_two_imports_of_the_same_rows_at_once_create_each_record_once(desk):
    rows = people(1500, wrong_every=10**9)[1:]
    ids = [desk.sheet(HEADER, *rows) for _ in range(2)]
    for id in ids:
        assert desk.call("POST", f"/{id}/start").status_code == 202
    threads = [threading.Thread(target=JobRunner(desk.harness.service).run_one) for _ in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    summaries = [desk.show(id)["summary"] for id in ids]
    assert [desk.show(id)["state"] for id in ids] == ["finished", "finished"]
    assert sum(one["create"] for one in summaries) == 1499
    assert sum(one["skip"] for one in summaries) == 1499
    assert desk.count() == 1499


def test_an_import_cancelled_in_the_middle_stops_and_counts_what_it_did(desk, monkeypatch):
    id = desk.sheet(HEADER, *people(2500))
    kept = run.record_chunk

    def cancel_after_the_first(*args, **more):
        kept(*args, **more)
        args[0].after_commit(lambda: desk.call("DELETE", f"/{id}"))

    monkeypatch.setattr(run, "record_chunk", cancel_after_the_first)
    shown = desk.run(id)
    assert (shown["state"], shown["progress"]["done"], shown["summary"]["create"]) == ("cancelled", 1000, 900)
    assert desk.count() == 900
    assert desk.harness.published(FINISHED) == []


def test_a_chunk_that_goes_wrong_leaves_nothing_and_is_tried_again(desk, monkeypatch):
    id = desk.sheet(HEADER, *people(700))
    kept, trouble = run.record_chunk, [True]

    def fail_once(*args, **more):
        kept(*args, **more)
        if trouble:
            trouble.clear()
            raise RuntimeError("the disk is full")

    monkeypatch.setattr(run, "record_chunk", fail_once)
    desk.call("POST", f"/{id}/start")
    desk.work()
    assert (desk.show(id)["state"], desk.count()) == ("importing", 0)
    with desk.harness.service.db.unit_of_work() as uow:
        uow.execute(update(job_table).values(lease_until=None))
    desk.work()
    assert (desk.show(id)["state"], desk.count()) == ("finished", 630)


def test_a_job_that_never_works_is_given_up_with_a_reason(lone_desk, monkeypatch):
    id = lone_desk.sheet(HEADER, *people(5))
    monkeypatch.setattr(check, "record_chunk", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("no")))
    lone_desk.call("POST", f"/{id}/check")
    for _ in range(6):
        lone_desk.work()
        with lone_desk.harness.service.db.unit_of_work() as uow:
            uow.execute(update(job_table).values(lease_until=None))
    shown = lone_desk.show(id)
    assert (shown["state"], shown["problem"]["code"]) == ("failed", "import_given_up")
    assert shown["problem"]["title"] == "The import could not be finished"
