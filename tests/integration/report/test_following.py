"""The read model follows events in any order, survives what breaks, and says the same after a rebuild."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import utcnow
from chassis.db.tables import job as job_table
from chassis.ids import new_id
from chassis.jobs import JobRunner
from services.report.store.read_model import ReadModel, ReadModelBusy
from services.report.store.read_model.file import ModelFile
from services.report.usecases.follow_records import OBJECT_CHANGED, RECORD_CHANGED
from tests.integration.report.conftest import LEAD, House, found


@pytest.fixture
def alone(make_house: Any) -> House:
    """A house on SQLite: what is asked here has nothing to do with the ordinary database."""
    house = make_house()
    found(house)
    return house


def contents(house: House) -> dict[str, list[Any]]:
    """Every record that stands, with all its columns."""
    with house.model.file.reading() as cursor:
        return {name: sorted(cursor.execute(
            f'SELECT * REPLACE (created_at::VARCHAR AS created_at, updated_at::VARCHAR AS updated_at'
            f'{", f_called_at::VARCHAR AS f_called_at" if name == "lead" else ""}) '
            f'FROM "{model.table.name}" WHERE NOT deleted').fetchall(), key=str)
            for name, model in house.model.view().objects.items()}


def act(house: House, rng: random.Random, ids: list[str]) -> None:
    """Something that people do to records."""
    choice = rng.random()
    values = {"region": rng.choice(["east", "north", None]), "score": rng.choice([None, 1, 2]),
              "expected_amount": rng.choice([None, {"amount": "12.34", "currency": "CNY"}]),
              "tags": rng.choice([[], ["a"], ["b", "c"]]), "vip": rng.choice([None, True, False]),
              "called_at": rng.choice([None, "2026-03-01T08:00:00Z"])}
    if choice < 0.5 or not ids:
        ids.append(house.lead(**values)["id"])
    elif choice < 0.85:
        house.write("PATCH", f"/records/lead/{rng.choice(ids)}", values)
    else:
        house.customer.call(house.admin, "DELETE", f"/v1/records/lead/{ids.pop(rng.randrange(len(ids)))}")


def test_a_rebuild_says_the_same_as_the_events(house: House) -> None:
    rng, ids = random.Random(5), list[str]()
    for _ in range(60):
        act(house, rng, ids)
    house.sync()
    before = contents(house)
    assert len(before["lead"]) == len(ids)
    house.rebuild()
    assert contents(house) == before
    assert house.ask(house.admin, "/status", method="GET").json["rebuild"]["state"] == "done"


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_events_does_not_matter(alone: House, seed: int) -> None:
    rng, ids = random.Random(seed), list[str]()
    for _ in range(30):
        act(alone, rng, ids)
    messages = alone.events()
    alone.report.deliver(*messages)
    expected = contents(alone)
    alone.model.file.discard()
    alone.model.open()
    shuffled = [message for message in messages for _ in range(rng.choice([1, 2]))]
    rng.shuffle(shuffled)
    while shuffled:
        piece, shuffled = shuffled[:rng.randrange(1, 9)], shuffled[9:] if len(shuffled) > 9 else []
        again(alone, piece)
    for message in messages:
        again(alone, [message])
    assert contents(alone)["lead"] == expected["lead"]


def again(house: House, messages: list[Any]) -> None:
    """Deliver as new messages: the inbox does not know them."""
    house.report.deliver(*(house.report.message(message.type, message.data) for message in messages))


def test_events_that_come_during_a_rebuild_win_over_its_pages(alone: House) -> None:
    one, two = alone.lead(score=1)["id"], alone.lead(score=1)["id"]
    alone.sync()
    original = alone.report.send

    def send(target: str, method: str, path: str, *rest: Any) -> Any:
        answer = original(target, method, path, *rest)
        if path == "/v1/records/lead/query":
            alone.write("PATCH", f"/records/lead/{one}", {"score": 7})
            alone.customer.call(alone.admin, "DELETE", f"/v1/records/lead/{two}")
            alone.lead(score=9)
            alone.sync()
        return answer

    alone.report.send = send  # type: ignore[method-assign]
    alone.report.service.calls._transport = alone.report
    alone.rebuild()
    answer = alone.answer(alone.admin, {"dimensions": [{"field": "score"}]})
    assert [row["keys"][0] for row in answer["rows"]] == ["7", "9"]


def test_a_rebuild_forgets_what_no_longer_exists(alone: House) -> None:
    kept, lost = alone.lead(name="kept"), alone.lead(name="lost")
    alone.sync()
    alone.customer.call(alone.admin, "DELETE", f"/v1/records/lead/{lost['id']}")
    alone.events()  # never delivered
    assert alone.count(alone.admin) == 2
    alone.rebuild()
    answer = alone.answer(alone.admin, {"dimensions": [{"field": "name"}]})
    assert [row["keys"][0] for row in answer["rows"]] == [kept["name"]]


def test_a_late_update_does_not_bring_a_deleted_record_back(alone: House) -> None:
    lead = alone.lead()
    alone.customer.call(alone.admin, "DELETE", f"/v1/records/lead/{lead['id']}")
    alone.sync()
    late = {"object": "lead", "origin": {"kind": "person", "id": None, "name": None}, "bulk": None, "changes": [
        {"id": lead["id"], "version": 1, "action": "updated", "at": lead["updated_at"], "by": None, "changed": [],
         "before": {}, "after": lead}]}
    alone.report.deliver(alone.report.message(RECORD_CHANGED, late))
    assert alone.count(alone.admin) == 0
    alone.rebuild()
    alone.report.deliver(alone.report.message(RECORD_CHANGED, late))
    assert alone.count(alone.admin) == 0


def test_what_all_records_of_a_batch_share_is_told_of_each_of_them(alone: House) -> None:
    shared = {"name": "张\\\"'三", "region": "east", "tags": ["a", "c"], "customer_id": None,
              "expected_amount": {"amount": "12.50", "currency": "CNY"}}
    leads = [alone.lead(**shared, score=place) for place in range(3)]
    alone.customer.call(alone.admin, "DELETE", f"/v1/records/lead/{leads[0]['id']}")
    alone.sync()
    columns = ("name", "region", "tags", "customer_id", "expected_amount", "expected_amount__currency", "score", "note")
    with alone.model.file.reading() as cursor:
        rows = cursor.execute(f"SELECT deleted, {', '.join(f'f_{name}::VARCHAR' for name in columns)} "
                              f'FROM "{alone.model.find("lead").table.name}" ORDER BY f_score NULLS FIRST').fetchall()
    gone, told = (True, *[None] * 8), ("east", "|a|c|", None, "12.50", "CNY")
    assert rows == [gone, *((False, leads[place]["name"], *told, str(place), None) for place in (1, 2))]


def test_a_rebuild_goes_on_where_a_killed_one_stopped(alone: House) -> None:
    for number in range(3):
        alone.write("POST", "/records/lead/batch", {"operations": [
            {"action": "create", "values": {"name": f"{number}-{one}"}} for one in range(150)]})
    alone.sync()
    pages = 0
    original = alone.report.send

    def send(target: str, method: str, path: str, *rest: Any) -> Any:
        nonlocal pages
        if path == "/v1/records/lead/query":
            pages += 1
            if pages == 2:
                raise KeyboardInterrupt
        return original(target, method, path, *rest)

    alone.report.send = send  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        alone.rebuild()
    with alone.report.service.db.unit_of_work() as uow:
        uow.execute(job_table.update().values(lease_until=utcnow() - timedelta(minutes=1)))
    assert alone.count(alone.admin) == 450
    assert JobRunner(alone.report.service).run_one()
    assert pages == 4
    assert alone.count(alone.admin) == 450


def test_fields_come_and_go_while_records_are_counted(alone: House) -> None:
    alone.lead(score=1)
    alone.write("POST", "/objects/lead/fields", {"name": "select", "type": "integer"})
    settle(alone)
    alone.lead(select=5)
    alone.sync()
    answer = alone.answer(alone.admin, {"measures": [{"op": "sum", "field": "select"}]})
    assert answer["rows"][0]["values"] == ["5"]
    assert alone.customer.call(alone.admin, "DELETE", "/v1/objects/lead/fields/score").status_code == 204
    settle(alone)
    alone.sync()
    answer = alone.ask(alone.admin, "/query", {"object": "lead", "measures": [{"op": "sum", "field": "score"}]})
    assert answer.status_code == 422


def settle(house: House) -> None:
    while JobRunner(house.customer.service).run_one():
        pass


def test_a_field_of_another_type_under_an_old_name_starts_empty(alone: House) -> None:
    alone.lead(score=4)
    alone.sync()
    fields = [field if field["name"] != "score" else {"name": "score", "type": "boolean"} for field in LEAD["fields"]]
    known = alone.model.find("lead")
    assert known is not None
    alone.report.deliver(alone.report.message(OBJECT_CHANGED, {"deleted": False, "object": {
        **LEAD, "version": known.version + 1, "title_field": "name", "fields": fields}}))
    answer = alone.answer(alone.admin, {"dimensions": [{"field": "score"}]})
    assert [row["keys"] for row in answer["rows"]] == [[None]]


def test_records_of_an_object_that_nobody_told_of_are_taken_in(alone: House) -> None:
    alone.write("POST", "/objects", {"name": "visit", "label": {"en": "Visit"}, "fields": [
        {"name": "name", "type": "text", "required": True}]})
    alone.events()  # lost
    alone.write("POST", "/records/visit", {"name": "first"})
    alone.sync()
    assert alone.model.counts()["visit"] == 1
    assert alone.model.view().state.wanted


def test_records_wait_for_a_rebuild_when_the_customer_service_is_silent(alone: House) -> None:
    alone.report.customer = None
    alone.report.neighbours["customer", "GET", "/v1/objects/ghost"] = lambda _: (500, {})
    change = {"id": new_id(), "version": 1, "action": "created", "at": "2026-01-01T00:00:00Z", "by": None,
              "changed": [], "before": {}, "after": {"id": "x", "version": 1}}
    alone.report.deliver(alone.report.message(RECORD_CHANGED, {"object": "ghost", "changes": [change]}))
    assert alone.model.view().state.wanted


def test_a_deleted_object_is_gone(alone: House) -> None:
    known = alone.model.find("customer")
    assert known is not None
    alone.report.deliver(alone.report.message(OBJECT_CHANGED, {"object": dict(known.definition), "deleted": True}))
    assert alone.ask(alone.admin, "/query", {"object": "customer"}).status_code == 422


def test_a_new_file_asks_for_a_rebuild_and_answers_only_after_it(alone: House) -> None:
    alone.lead()
    alone.events()
    alone.model.file.discard()
    alone.report.service.start()
    answer = alone.ask(alone.admin, "/query", {"object": "lead"})
    assert (answer.status_code, answer.json["code"]) == (503, "read_model_building")
    assert JobRunner(alone.report.service).run_one()
    assert alone.count(alone.admin) == 1


def test_a_second_start_finds_everything(alone: House) -> None:
    alone.lead(called_at="2026-03-01T08:00:00Z")
    alone.sync()
    alone.model.file.close()
    alone.report.service.start()
    assert alone.count(alone.admin) == 1
    assert not alone.model.view().state.wanted


def test_questions_are_answered_while_events_come(alone: House) -> None:
    stop, counted, failed = threading.Event(), list[int](), list[BaseException]()

    def read() -> None:
        try:
            while not stop.is_set():
                counted.append(alone.model.counts()["lead"])
        except BaseException as error:
            failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(8):
        alone.write("POST", "/records/lead/batch", {"operations": [
            {"action": "create", "values": {"name": f"{number}-{one}"}} for one in range(10)]})
        alone.sync()
    stop.set()
    for reader in readers:
        reader.join()
    assert failed == []
    assert all(count % 10 == 0 for count in counted)
    assert alone.count(alone.admin) == 80


@pytest.mark.parametrize("damage", ["garbage", "half"])
def test_a_file_that_cannot_be_read_is_put_aside(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "report.duckdb"
    model = ReadModel(ModelFile(path, memory="256MB", threads=2, spill="1GB"))
    model.open()
    with model.changing() as writer:
        writer.define({**LEAD, "version": 1})
        writer.begin()
    model.file.close()
    size = path.stat().st_size
    path.write_bytes(b"no database" * 500 if damage == "garbage" else path.read_bytes()[:size // 2 - 900])
    model = ReadModel(model.file)
    model.open()
    assert model.view().state.wanted
    assert model.view().objects == {} or damage == "half"
    model.file.close()


def test_another_process_is_told_who_owns_the_file(tmp_path: Path) -> None:
    path = tmp_path / "report.duckdb"
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(f"""
        import duckdb, sys
        held = duckdb.connect({str(path)!r})
        print("held", flush=True)
        sys.stdin.read()
    """)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"held\n"
        model = ReadModel(ModelFile(path, memory="256MB", threads=2, spill="1GB"))
        with pytest.raises(ReadModelBusy, match="does another process own it"):
            model.open()
    finally:
        owner.communicate()
    model.open()
    model.file.close()


def test_what_was_committed_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    path = tmp_path / "report.duckdb"
    definition = {"name": "visit", "version": 1, "title_field": "name", "fields": [{"name": "name", "type": "text"}]}
    script = textwrap.dedent(f"""
        import os, signal
        from services.report.store.read_model import ReadModel, RecordRow
        from services.report.store.read_model.file import ModelFile
        model = ReadModel(ModelFile(__import__("pathlib").Path({str(path)!r}), memory="256MB", threads=2, spill="1GB"))
        model.open()
        row = lambda number: RecordRow(f"00000000-0000-7000-8000-{{number:012d}}", 1, {{"name": str(number)}})
        with model.changing() as writer:
            writer.define({definition!r})
            writer.put("visit", [row(number) for number in range(500)])
        with model.changing() as writer:
            writer.put("visit", [row(number) for number in range(500, 900)])
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == -9
    model = ReadModel(ModelFile(path, memory="256MB", threads=2, spill="1GB"))
    model.open()
    assert model.counts() == {"visit": 500}
    model.file.close()
