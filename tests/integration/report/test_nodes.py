"""Several servers with a read model each: every event comes to all of them, and a rebuild is the work of one."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from chassis.db.tables import job
from chassis.jobs import JobRunner
from tests.integration.report.conftest import House, found


def test_each_node_has_a_queue_and_rebuilds_of_its_own(make_house: Callable[..., House]) -> None:
    house = make_house(FREEHOLD_NODE="crm1", FREEHOLD_REPORT_READ_MODEL_NODES="crm1,crm2")
    service = house.report.service
    queues = {one.queue for one in service.subscriptions}
    assert "report.records.crm1" in queues
    assert "report.records" not in queues
    assert any(not queue.endswith(".crm1") for queue in queues)  # what all nodes share is consumed once

    found(house)
    house.lead()
    house.sync()
    assert house.count(house.admin) == 1
    answer = house.ask(house.admin, "/rebuild")
    assert answer.status_code == 202, answer.json
    with service.db.read() as connection:
        waiting = dict(connection.execute(select(job.c.kind, job.c.id).where(job.c.state == "queued")).all())
    assert set(waiting) == {"report.rebuild.crm1", "report.rebuild.crm2"}
    assert answer.json["job_id"] == waiting["report.rebuild.crm1"]
    assert JobRunner(service).run_one()
    assert not JobRunner(service).run_one()  # the other node's is left to it
    assert house.ask(house.admin, "/status", method="GET").json["rebuild"]["state"] == "done"
    assert house.count(house.admin) == 1
