"""A worker of its own process that dies by kill -9 inside a chunk: the next one goes on, and everything is exact."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import select

from services.customer.events import NOTIFICATION_REQUESTED, RECORD_CHANGED
from services.customer.store.tables import record_change

from .test_bulk_jobs import JOBS, _forget_the_lease, do_work, started

LEADS = 7
WORKER = """
import importlib, os, signal, sys
from chassis.jobs import JobRunner
from chassis.service import build
from services.customer.bootstrap import SPEC
from services.customer.usecases.bulk import work as bulk
from services.customer.usecases.handover import work as handover

home, url, module, name, calls = sys.argv[1:]
bulk.CHUNK = handover._CHUNK = 2
place = importlib.import_module(module)
kept, left = getattr(place, name), [int(calls)]

def die_in_the_middle(*args, **more):
    done = kept(*args, **more)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return done

setattr(place, name, die_in_the_middle)
service = build(SPEC, env={"FREEHOLD_HOME": home, "FREEHOLD_DATABASE_URL": url})
JobRunner(service).run_one()
"""


def die_in(company: Any, module: str, name: str, calls: int = 2) -> None:
    """Let a worker of its own process take the job and be killed when it has called this so often."""
    url = company.harness.service.db.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(company.harness.folder), url, module, name, str(calls)],
        cwd=Path(__file__).resolve().parents[3], timeout=300, check=False, capture_output=True)
    assert done.returncode == -9, done.stderr.decode()


def owned(company: Any) -> list[str]:
    return [company.lead(company.wang, name=f"lead {number}", region="east")["id"] for number in range(LEADS)]


def standing(company: Any, ids: list[str], field: str) -> Counter[Any]:
    return Counter(company.call(company.admin, "GET", f"/records/lead/{id}").json[field] for id in ids)


def written(company: Any, ids: list[str]) -> set[tuple[int, int, int]]:
    """For each lead: its version, the lines of its history, and how often it was told of."""
    with company.harness.service.db.read() as connection:
        lines = Counter(connection.execute(select(record_change.c.record_id)).scalars())
    told = Counter(change["id"] for message in company.harness.published(RECORD_CHANGED)
                   for change in message.data["changes"])
    versions = {id: company.call(company.admin, "GET", f"/records/lead/{id}").json["version"] for id in ids}
    return {(versions[id], lines[id], told[id]) for id in ids}


def test_a_hand_over_and_its_undo_survive_a_kill_of_their_worker(company: Any) -> None:
    ids = owned(company)
    id = company.call(company.admin, "POST", "/handovers", {
        "person_id": company.wang, "tasks_with_records": False,
        "plan": [{"object": "lead", "people": [company.li, company.boss]}]}).json["id"]
    die_in(company, "services.customer.usecases.handover.work", "_counted")
    assert standing(company, ids, "owner_id")[company.wang] == LEADS - 2, "the killed chunk left nothing"
    _forget_the_lease(company)
    do_work(company)
    shown = company.call(company.admin, "GET", f"/handovers/{id}").json
    assert (shown["state"], shown["progress"]["done"]) == ("finished", LEADS)
    assert standing(company, ids, "owner_id") == {company.li: 4, company.boss: 3}
    assert written(company, ids) == {(2, 2, 2)}
    assert {(wish["user_id"], wish["params"]["number"]) for message in company.harness.published(NOTIFICATION_REQUESTED)
            for wish in message.data["notifications"]} == {(company.li, 4), (company.boss, 3)}

    assert company.call(company.admin, "POST", f"/handovers/{id}/undo").status_code == 202
    die_in(company, "services.customer.usecases.handover.work", "give_back")
    assert 0 < standing(company, ids, "owner_id")[company.wang] < LEADS
    _forget_the_lease(company)
    do_work(company)
    shown = company.call(company.admin, "GET", f"/handovers/{id}").json
    assert (shown["state"], shown["undo"]["restored"], shown["undo"]["kept"]) == ("undone", LEADS, 0)
    assert standing(company, ids, "owner_id") == {company.wang: LEADS}
    assert written(company, ids) == {(3, 3, 3)}


def test_the_undoing_of_a_bulk_change_survives_a_kill_of_its_worker(company: Any) -> None:
    ids = owned(company)
    answer = started(company, company.admin, values={"region": "north"},
                     criteria={"field": "region", "op": "eq", "value": "east"})
    id = answer.json["id"]
    die_in(company, "services.customer.usecases.bulk.work", "_keep")
    assert standing(company, ids, "region") == {"north": 2, "east": LEADS - 2}
    _forget_the_lease(company)
    do_work(company)
    assert standing(company, ids, "region") == {"north": LEADS}
    assert written(company, ids) == {(2, 2, 2)}
    assert company.call(company.admin, "POST", f"{JOBS}/{id}/undo").status_code == 202
    die_in(company, "services.customer.usecases.bulk.undo", "give_back")
    assert standing(company, ids, "region") == {"east": LEADS - 2, "north": 2}
    _forget_the_lease(company)
    do_work(company)
    shown = company.call(company.admin, "GET", f"{JOBS}/{id}").json
    assert (shown["state"], shown["undo"]) == ("undone", {"restored": LEADS, "kept": 0})
    assert standing(company, ids, "region") == {"east": LEADS}
    assert written(company, ids) == {(3, 3, 3)}
