"""Several writers at once: nothing is lost, nobody waits long, also while a field is added."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from services.customer.store import schema
from services.customer.usecases import settle_schema

from .conftest import LEAD, _found

ROWS = 10_000
LONGEST_WAIT = 2.0  # seconds; a machine that does much else stops everybody for a while


def test_of_writers_with_the_same_version_one_wins(company: Any) -> None:
    path = f"/records/lead/{company.lead(company.wang)['id']}"
    token = company.harness.token(company.wang)

    def change(score: int) -> int:
        headers = {"If-Match": '"1"', "Authorization": f"Bearer {token}"}
        return company.harness.app.test_client().patch(f"/v1{path}", json={"score": score}, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(change, range(12)))
    assert answers == [200] + [412] * 11
    assert company.call(company.wang, "GET", path).json["version"] == 2


def test_writers_without_a_version_lose_nothing(company: Any) -> None:
    path = f"/records/lead/{company.lead(company.wang)['id']}"
    token = company.harness.token(company.wang)
    changes = [{"score": 7}, {"rate": "5"}, {"vip": True}, {"region": "east"}, {"note": "n"}, {"company": "c"}]

    def change(values: dict[str, Any]) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return company.harness.app.test_client().patch(f"/v1{path}", json=values, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(change, changes)) == {200}
    record = company.call(company.wang, "GET", path).json
    assert (record["version"], record["score"], record["vip"], record["company"]) == (7, 7, True, "c")


def test_the_same_unique_value_is_written_once(company: Any) -> None:
    token = company.harness.token(company.wang)

    def create(_: int) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        body = {"name": "x", "code": "SAME"}
        return company.harness.app.test_client().post("/v1/records/lead", json=body, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(create, range(6))) == [201] + [409] * 5


@pytest.fixture
def large(tmp_path: Path, postgres_url: str) -> Any:
    """A company on PostgreSQL with 10,000 leads."""
    harness = Harness(SPEC, tmp_path, postgres_url)
    company = _found(harness)
    rows = [{"action": "create", "values": {"name": f"n{place}", "score": place % 100}} for place in range(500)]
    for _ in range(ROWS // 500):
        assert company.call(company.wang, "POST", "/records/lead/batch", {"operations": rows}).status_code == 200
    try:
        yield company
    finally:
        harness.close()


def test_fields_are_added_while_others_write(large: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(schema, "SMALL", 1000)  # so the table counts as large
    stop, waits, failures = threading.Event(), [], []
    token = large.harness.token(large.wang)

    def write() -> None:
        client = large.harness.app.test_client()
        while not stop.is_set():
            started = time.perf_counter()
            answer = client.post("/v1/records/lead", json={"name": "new"}, headers={"Authorization": f"Bearer {token}"})
            waits.append(time.perf_counter() - started)
            if answer.status_code != 201:
                failures.append(answer.json)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    time.sleep(1.0)
    quiet = max(waits)  # a busy machine makes everybody wait; adding fields must not add to it
    try:
        states = [add(large, field) for field in (
            {"name": "extra", "type": "text", "indexed": True}, {"name": "badge", "type": "text", "unique": True},
            {"name": "parent_id", "type": "reference", "options": {"object": "lead"}})]
        settle_schema.settle(large.harness.service)
    finally:
        time.sleep(0.3)
        stop.set()
        for writer in writers:
            writer.join()
    assert failures == []
    assert len(waits) > 20
    assert max(waits) < max(LONGEST_WAIT, quiet * 4)
    assert states == ["ready", "adding", "ready"]
    assert large.lead(large.wang, badge="b", extra="e")["badge"] == "b"
    assert large.call(large.wang, "POST", "/records/lead", {"name": "x", "badge": "b"}).status_code == 409
    with large.harness.service.db.read() as connection:
        standing = schema.existing_indexes(connection, "lead")
    assert {"r_lead__extra__newest", "r_lead__badge__unique", "r_lead__parent_id__newest"} <= standing


def add(company: Any, field: dict[str, Any]) -> str:
    answer = company.call(company.admin, "POST", f"/objects/{LEAD['name']}/fields", field)
    assert answer.status_code == 201, answer.json
    return answer.json["state"]


def test_settling_beside_new_fields_drops_no_index_of_theirs(large: Any) -> None:
    """Whoever settles has read the definitions before; an index that appeared since is not one that nobody wants."""
    service, stop, dropped = large.harness.service, threading.Event(), []

    @event.listens_for(service.db.engine, "before_cursor_execute")
    def notice(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("DROP INDEX"):
            dropped.append(statement)

    def settle() -> None:
        while not stop.is_set():
            settle_schema.settle(service)

    with ThreadPoolExecutor(1) as pool:
        settling = pool.submit(settle)
        answers = [large.call(large.admin, "POST", "/objects/lead/fields",
                              {"name": f"f{place}", "type": "integer", "indexed": True}) for place in range(12)]
        stop.set()
        settling.result()
    assert {answer.status_code for answer in answers} == {201}
    assert dropped == []
