"""Messages between processes on both databases: who waits about the same thing gets one, and none is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.jsonio import dumps
from services.workflow.consumers import OBJECT_CHANGED, RECORD_MERGED
from services.workflow.usecases.processes import messages, occurring, steps
from services.workflow.usecases.processes.occurring import occur_next
from tests.integration.workflow.conftest import LEAD, World
from tests.integration.workflow.test_processes import Office
from tests.integration.workflow.test_send_email import ordered
from tests.support.bpmn import correlation, end, escaped, message, node, start

TOP = '<message id="m" name="paid"/>'
BY_REGION = correlation("region")


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def run(office: Office) -> None:
    while occur_next(office.world.harness.service):
        pass


def waiting(office: Office, about: str = "") -> dict:
    return office.publish(start(), node("receiveTask", "R", about, messageRef="m"), flows="Start>R", top=TOP)


def test_a_message_goes_to_the_one_of_those_about_the_same_thing_who_has_waited_longest(office: Office) -> None:
    about_record, about_region = waiting(office), waiting(office, BY_REGION)
    first, second, third = (office.start(one) for one in (about_region, about_region, about_record))
    office.start(office.publish(start(), end("End", BY_REGION + message("m")), flows="Start>End", top=TOP))
    run(office)
    assert [office.instance(one)["state"] for one in (first, second, third)] == ["completed", "running", "running"]
    body = {"name": "paid", "correlation": office.lead["id"]}
    assert office.world.call("POST", "/v1/process-messages", body).status_code == 202
    run(office)
    assert [office.instance(one)["state"] for one in (second, third)] == ["running", "completed"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time of messages and waits: its only member."""
    clock = [utcnow()]
    for module in (messages, occurring, steps):
        monkeypatch.setattr(module, "utcnow", lambda: clock[0])
    return clock


def test_who_begins_to_wait_has_the_oldest_of_the_messages_that_were_kept_at_once(
        office: Office, clock: list[datetime]) -> None:
    sender = office.publish(start(), end("End", message("m")), flows="Start>End", top=TOP)
    receiver = waiting(office)
    for _ in range(3):
        office.start(sender)
        clock[0] += timedelta(seconds=40)
        run(office)
    _, second, newest = (row["id"] for row in office.world.rows("process_message", "id"))
    clock[0] += timedelta(seconds=1)
    first = office.start(receiver)
    run(office)
    assert office.instance(first)["state"] == "completed"
    assert [row["id"] for row in office.world.rows("process_message", "id")] == [second, newest]


def test_a_message_that_nobody_waits_for_is_looked_at_rarely_and_kept_for_a_day(
        office: Office, clock: list[datetime], statements: Callable[[], list[str]]) -> None:
    office.start(office.publish(start(), end("End", message("m")), flows="Start>End", top=TOP))
    since, looks = clock[0], 0
    while office.world.rows("process_message"):
        statements()
        run(office)
        looks += sum(one.startswith("UPDATE process_message") for one in statements())
        clock[0] = max(clock[0] + timedelta(milliseconds=1), *(
            [row["due_at"] for row in office.world.rows("process_message")] or [clock[0]]))
    assert clock[0] - since < timedelta(days=1, seconds=1)
    assert looks < 150


def test_who_begins_to_wait_while_the_message_is_looked_at_gets_it(
        office: Office, clock: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = waiting(office)
    office.start(office.publish(start(), end("End", message("m")), flows="Start>End", top=TOP))
    brought, begun = messages._brought, []

    def meanwhile(uow: Any, sent: Any) -> bool:
        found = brought(uow, sent)
        if not begun:
            begun.append(pool.submit(office.start, receiver))
            while not (begun[0].done() or waits_for_a_lock(office)):
                pass
        return found

    monkeypatch.setattr(messages, "_brought", meanwhile)
    with ThreadPoolExecutor(1) as pool:
        run(office)
        first: Future[str] = begun[0]
        instance = first.result(30)
    run(office)
    assert office.instance(instance)["state"] == "completed"


def waits_for_a_lock(office: Office) -> bool:
    """Whether somebody waits until another has committed; on SQLite whoever writes does."""
    with office.world.harness.service.db.read() as connection:
        return connection.dialect.name == "sqlite" or bool(connection.scalar(text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")))


def test_messages_of_two_records_that_become_one_are_looked_at(office: Office, clock: list[datetime]) -> None:
    merged = new_id()
    instance = office.start(waiting(office))
    assert office.world.call("POST", "/v1/process-messages", {"name": "paid", "correlation": merged}).status_code == 202
    run(office)
    assert office.instance(instance)["state"] == "running"
    data = {"object": "lead", "survivor_id": office.lead["id"], "merged_id": merged, "merge_id": new_id(),
            "title": "Matrix", "undone": False}
    office.world.deliver(office.world.harness.message(RECORD_MERGED, data))
    clock[0] += timedelta(seconds=1)
    run(office)
    assert office.instance(instance)["state"] == "completed"


def test_what_is_waited_for_about_a_merged_record_goes_to_the_survivor(office: Office) -> None:
    office.start(waiting(office))
    survivor = new_id()
    data = {"object": "lead", "survivor_id": survivor, "merged_id": office.lead["id"], "merge_id": new_id(),
            "title": "Matrix", "undone": False}
    office.world.deliver(office.world.harness.message(RECORD_MERGED, data))
    assert [row["correlation"] for row in office.world.rows("process_wait")] == [survivor]


def test_a_send_task_writes_to_the_customer_each_time(office: Office) -> None:
    field = {"name": "email", "type": "email", "label": {"en": "E-mail"}, "options": {}}
    office.world.deliver(office.world.harness.message(
        OBJECT_CHANGED, {"object": LEAD | {"version": 2, "fields": [*LEAD["fields"], field]}, "deleted": False}))
    office.world.harness.neighbours["notify", "GET", "/v1/mail-templates/hello"] = lambda _: (200, {"object": "lead"})
    office.lead |= {"email": "ann@example.com"}
    office.answer = (200, office.lead)
    actions = dumps([{"type": "send_email", "to": "email", "template": "hello"}])
    send = [node("sendTask", id, f"<extensionElements><fh:actions>{escaped(actions)}</fh:actions></extensionElements>")
            for id in ("One", "Two")]
    office.start(office.publish(start(), *send, flows="Start>One One>Two"))
    one, two = ordered(office.world)
    assert one["recipient"] == two["recipient"] == {"object": "lead", "id": office.lead["id"], "field": "email"}
    assert (one["id"] == two["id"], one["cause"] == two["cause"]) == (False, False)
