"""Long jobs and schedules on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.calls import Answer
from chassis.clock import utcnow
from chassis.db.tables import job as job_table
from chassis.events.local import LocalBroker
from chassis.jobs import Job, JobKind, JobRunner, cancel, enqueue
from chassis.schedules import Schedule, Scheduler
from chassis.service import Service, ServiceSpec, build

from .conftest import effect, effects, metadata

STEPS = 5


class Crash(BaseException):
    """A process that is gone: nothing catches it."""


@pytest.fixture
def make_service(spec: ServiceSpec, database_url: str, tmp_path: Path) -> Any:
    made: list[Service] = []

    class Nobody:
        def send(self, target: str, *_: Any) -> Answer:
            return Answer(target, 599, b"")

    def make(run: Callable[[Service, Job], None], failed: Any = None) -> Service:
        env = {"FREEHOLD_HOME": str(tmp_path), "FREEHOLD_DATABASE_URL": database_url}
        service = build(replace(spec, jobs=(JobKind("steps", run, failed),)), env=env,
                        broker=LocalBroker(tmp_path / f"broker{len(made)}.db"), transport=Nobody())
        service.prepare()
        with service.db.unit_of_work() as uow:
            metadata.create_all(uow.connection)
        made.append(service)
        return service

    yield make
    for service in made:
        service.close()


def steps(crash_before: set[int]) -> Callable[[Service, Job], None]:
    """Work through five steps, each with its progress; dies once before each step of `crash_before`."""
    def run(service: Service, job: Job) -> None:
        for step in range(job.progress.get("next", 0), STEPS):
            if step in crash_before:
                crash_before.discard(step)
                raise Crash
            with service.db.unit_of_work() as uow:
                uow.execute(effect.insert(), {"name": f"step {step}"})
                job.save(uow, next=step + 1)

    return run


def add(service: Service) -> str:
    with service.db.unit_of_work() as uow:
        return enqueue(uow, "steps", {})


def state(service: Service, id: str) -> Any:
    with service.db.read() as connection:
        return connection.execute(select(job_table).where(job_table.c.id == id)).one()


def let_lease_run_out(service: Service) -> None:
    with service.db.unit_of_work() as uow:
        uow.execute(update(job_table).values(lease_until=utcnow() - timedelta(seconds=1)))


def test_a_crashed_job_resumes_where_its_committed_work_ended(make_service: Any) -> None:
    service = make_service(steps({2, 4}))
    id = add(service)
    for _ in range(2):
        with pytest.raises(Crash):
            JobRunner(service).run_one()
        let_lease_run_out(service)
    assert JobRunner(service).run_one()
    assert effects(service) == [f"step {number}" for number in range(STEPS)]
    assert (state(service, id).state, state(service, id).attempts) == ("done", 3)


def test_a_job_in_somebodys_hands_is_left_alone(make_service: Any) -> None:
    service = make_service(steps({1}))
    add(service)
    with pytest.raises(Crash):
        JobRunner(service).run_one()
    assert not JobRunner(service).run_one()


def test_a_runner_that_lost_its_job_cannot_commit_for_it(make_service: Any) -> None:
    taken: list[Job] = []

    def steal(service: Service, job: Job) -> None:
        with service.db.unit_of_work() as uow:
            uow.execute(update(job_table).values(lease_owner="somebody else"))
        taken.append(job)
        steps(set())(service, job)

    service = make_service(steal)
    add(service)
    JobRunner(service).run_one()
    assert taken
    assert effects(service) == []


def test_a_cancelled_job_stops_at_its_next_save(make_service: Any) -> None:
    def cancelled_in_the_middle(service: Service, job: Job) -> None:
        steps({3} if job.progress else set())(service, job)

    service = make_service(cancelled_in_the_middle)
    id = add(service)
    with service.db.unit_of_work() as uow:
        cancel(uow, id)
    assert not JobRunner(service).run_one()
    assert state(service, id).state == "cancelled"


def test_a_job_that_fails_again_and_again_is_given_up_and_says_so(make_service: Any) -> None:
    told: list[str] = []

    def fail(service: Service, job: Job) -> None:
        raise ValueError("no such thing")

    service = make_service(fail, lambda service, uow, job, error: told.append(error))
    id = add(service)
    for _ in range(5):
        let_lease_run_out(service)
        assert JobRunner(service).run_one()
    assert state(service, id).state == "failed"
    assert told == ["ValueError: no such thing"]


def test_a_schedule_runs_when_it_is_due_and_its_failure_is_nobody_elses(make_service: Any) -> None:
    service, ran = make_service(steps(set())), []

    def fail(_: Service) -> None:
        raise ValueError("bad day")

    scheduler = Scheduler(service, (Schedule("bad", timedelta(hours=1), fail),
                                    Schedule("good", timedelta(hours=1), lambda _: ran.append("good")),
                                    Schedule("often", timedelta(0), lambda _: ran.append("often"))))
    scheduler.run_due()
    scheduler.run_due()
    assert ran == ["good", "often", "often"]
