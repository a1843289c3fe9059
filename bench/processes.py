"""What processes cost: steps of the token engine through a real PostgreSQL, each one committed with its tasks, waits,
history and outbox.

    python -m bench.processes [--seconds 20] [--waiting 100000]

The customer service is a stand-in that answers at once, and requests go into the web application without a socket: what
is measured is the workflow service and its database, on the cores that both share. Two processes of the service work at
once, as two workers of a deployment would.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert, select

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.testkit.harness import Harness
from chassis.testkit.postgres import PrivatePostgres
from services.workflow.bootstrap import SPEC
from services.workflow.consumers import OBJECT_CHANGED
from services.workflow.store.tables import process_instance, process_wait, task

LEAD = {"name": "lead", "version": 1, "title_field": "name", "label": {"en": "Lead"}, "fields": [
    {"name": "name", "type": "text", "label": {"en": "Name"}, "options": {}}]}
FILE = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:f="urn:freehold:bpmn:1" id="D"
 targetNamespace="urn:x"><process id="P"><startEvent id="Start"/>
 <userTask id="A"><extensionElements><f:people><f:applicant/></f:people></extensionElements></userTask>
 <userTask id="B"><extensionElements><f:people><f:applicant/></f:people></extensionElements></userTask>
 <endEvent id="End"/><sequenceFlow id="a" sourceRef="Start" targetRef="A"/>
 <sequenceFlow id="b" sourceRef="A" targetRef="B"/><sequenceFlow id="c" sourceRef="B" targetRef="End"/>
 </process></definitions>"""
SLICE = 5_000


class Figures(NamedTuple):
    """Instances and steps a second; a step's 99th percentile and processor time of the service, in milliseconds."""

    instances: float
    steps: float
    p99: float
    processor: float


class Desk:
    """A person who starts processes and completes their two steps."""

    def __init__(self, house: Harness, person: str, process: str) -> None:
        self.house, self.person, self.process = house, person, process
        self.steps: list[float] = []

    def instance(self) -> None:
        """Start one instance, complete both of its steps; it ends."""
        record = new_id()
        started = self._timed("POST", f"/v1/processes/{self.process}/instances", {"record_id": record})
        for _ in range(2):
            [open] = self._open(started["id"])
            self._timed("POST", f"/v1/tasks/{open}/decide", {"outcome": "done"})

    def start(self) -> None:
        """Start one instance, which stays where it is."""
        self._timed("POST", f"/v1/processes/{self.process}/instances", {"record_id": new_id()})

    def _timed(self, method: str, path: str, body: Any) -> Any:
        begun = time.perf_counter()
        answer = self.house.call(self.person, method, path, body)
        self.steps.append(time.perf_counter() - begun)
        assert answer.status_code < 300, answer.json
        return answer.json

    def _open(self, instance: str) -> list[str]:
        """The open task of an instance, looked up without the API: people have it on their screen."""
        with self.house.service.db.read() as connection:
            return list(connection.execute(select(task.c.id).where(
                task.c.instance_id == instance, task.c.state == "open")).scalars())


def opened(folder: Path, url: str) -> Harness:
    """The service over a database, with neighbours that answer at once."""
    return Harness(SPEC, folder, url, neighbours=_Anybody())


class _Anybody(dict[tuple[str, str, str], Any]):
    """Every record is there."""

    def get(self, key: Any, default: Any = None) -> Any:
        if key[0] != "customer" or "/records/lead/" not in key[2]:
            return default
        record = {"id": key[2].rpartition("/")[2], "version": 1, "name": "Matrix", "owner_id": None}
        return lambda _: (200, record)


def furnished(house: Harness) -> tuple[str, str]:
    """A person, and a process with two steps of his."""
    admin = house.administrator()
    house.deliver(house.message(OBJECT_CHANGED, {"object": LEAD, "deleted": False}))
    answer = house.call(admin, "POST", "/v1/processes", {"name": {"en": "Two steps"}, "object": "lead", "xml": FILE})
    assert answer.status_code == 201, answer.json
    return admin, answer.json["id"]


def worked(folder: Path, url: str, person: str, process: str, seconds: float, result: Connection) -> None:
    """Run whole instances for some seconds; tells how many, and how long each step took."""
    house = opened(folder, url)
    desk = Desk(house, person, process)
    for _ in range(5):
        desk.instance()
    desk.steps.clear()
    done, end, spent = 0, time.monotonic() + seconds, time.process_time()
    while time.monotonic() < end:
        desk.instance()
        done += 1
    result.send((done, desk.steps, time.process_time() - spent))
    house.close()


def together(folder: Path, url: str, person: str, process: str, seconds: float,
             workers: int) -> Figures:
    """What so many workers do at once."""
    context, ends = get_context("spawn"), []
    for number in range(workers):
        here, there = Pipe()
        place = folder / f"worker-{number}-{workers}"
        place.mkdir()
        context.Process(target=worked, args=(place, url, person, process, seconds, there)).start()
        ends.append(here)
    results = [end.recv() for end in ends]
    steps = sorted(step for _, some, _ in results for step in some)
    return Figures(sum(done for done, _, _ in results) / seconds, len(steps) / seconds, percentile(steps, 0.99),
                   sum(spent for _, _, spent in results) / len(steps) * 1000)


def percentile(ordered: list[float], part: float) -> float:
    """In milliseconds."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


def fill(house: Harness, person: str, process: str, count: int) -> None:
    """Instances that wait for a person and a timer."""
    for _ in range(0, count, SLICE):
        _fill(house, person, process)


def _fill(house: Harness, person: str, process: str) -> None:
    now, ids = utcnow(), [new_id() for _ in range(SLICE)]
    body = {"tokens": [{"id": 2, "node": "A", "frame": 0, "state": "waiting", "turn": 1, "people": [person]}],
            "frames": [{"id": 0}], "variables": {"applicant": person}, "next_id": 3}
    with house.service.db.unit_of_work() as uow:
        uow.execute(insert(process_instance), [
            {"id": id, "process_id": process, "process_version": 1, "process_name": {"en": "Two steps"},
             "object": "lead", "record_id": new_id(), "record_title": "Matrix", "state": "running", "body": body,
             "problem": None, "applicant_id": person, "started_at": now, "ended_at": None, "version": 1}
            for id in ids])
        uow.execute(insert(process_wait), [
            {"instance_id": id, "token": 2, "node": "A", "kind": "message", "key": "paid", "correlation": id,
             "since": now, "due_at": None, "attempts": 0} for id in ids])
        uow.execute(insert(task), [
            {"id": new_id(), "title": {"en": "A"}, "kind": None, "state": "open", "due_at": None,
             "due_sort": now, "assignee_id": person, "department_id": None, "link_object": "lead",
             "link_id": new_id(), "link_title": "Matrix", "link_version": 1, "creator_kind": "process",
             "creator_id": process, "creator_name": {"en": "Two steps"}, "created_at": now, "updated_at": now,
             "completed_at": None, "completed_by": None, "version": 1, "instance_id": id,
             "step": {"token": 2, "turn": 1, "node": "A", "decision": False}} for id in ids])


def begun(house: Harness, person: str, process: str, count: int) -> float:
    """How long a new instance takes, in milliseconds: the median of some."""
    desk = Desk(house, person, process)
    for _ in range(count):
        desk.start()
    return percentile(sorted(desk.steps[10:]), 0.5)


def main() -> None:
    """Print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=20)
    asked.add_argument("--waiting", type=int, default=100_000)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with PrivatePostgres() as server:  # commits reach the disk
            measure(folder, server.createdb("processes"), options.seconds, options.waiting)


def measure(folder: Path, url: str, seconds: float, waiting: int) -> None:
    """Measure on an empty database, then beside those who wait."""
    (folder / "first").mkdir()
    house = opened(folder / "first", url)
    person, process = furnished(house)
    house.service.db.engine.dispose()
    for workers in (1, 2):
        got = together(folder, url, person, process, seconds, workers)
        print(f"{workers} worker(s): {got.instances:.0f} instances/s, {got.steps:.0f} steps/s, p99 {got.p99:.1f} ms, "
              f"{got.processor:.2f} ms of processor for a step", flush=True)
    alone = begun(house, person, process, 300)
    fill(house, person, process, waiting)
    beside = begun(house, person, process, 300)
    print(f"a new instance: {alone:.2f} ms alone, {beside:.2f} ms beside {waiting:,} that wait", flush=True)
    house.close()


if __name__ == "__main__":
    main()
