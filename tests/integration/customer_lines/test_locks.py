"""Locked records: what was accepted stays as it was accepted, on every way that writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis.auth.principal import Principal
from chassis.clock import to_wire, utcnow
from chassis.jobs import JobRunner
from services.customer.usecases.locks import is_locked
from services.customer.usecases.results import Result
from services.customer.usecases.update_records import Patch, update_records
from tests.integration.customer_calculations.conftest import grant
from tests.integration.customer_lines.conftest import Office, money
from tests.integration.customer_lines.test_lines import line

ACCEPTED = {"field": "status", "op": "eq", "value": "accepted"}
MESSAGE = {"en": "The customer has accepted it.", "zh-CN": "客户已接受。"}


@pytest.fixture
def books(office: Office) -> Office:
    """The office, where quotes are locked once they are accepted."""
    lock = {"criteria": ACCEPTED, "open": ["status", "day"], "message": MESSAGE}
    office.good("PATCH", "/objects/quote", {"lock": lock}, office.admin)
    return office


def accepted(books: Office, name: str = "Q") -> tuple[str, list[dict[str, Any]]]:
    """A quote that is accepted: its id and its lines."""
    made = books.save("quote", {"name": name, "status": "accepted"}, quote_line=[line("A", "10"), line("B", "20")])
    return made["record"]["id"], made["lines"]["quote_line"]


def refused(answer: Any, *pointers: str, code: str = "record_locked") -> None:
    """Assert that an answer says what is locked, and where."""
    assert (answer.status_code, answer.json["code"]) == (409, code), answer.json
    assert [one["pointer"] for one in answer.json["errors"]] == list(pointers)


def test_a_locked_record_keeps_its_values_and_says_why_in_both_languages(books: Office) -> None:
    id, _ = accepted(books)
    answer = books.call("PATCH", f"/records/quote/{id}", {"name": "Other", "day": "2026-01-01"})
    refused(answer, "/name")
    assert (answer.json["detail"], answer.json["errors"][0]["detail"]) == (MESSAGE["en"], MESSAGE["en"])
    chinese = books.harness.user("卖家", None, (books.harness.role({"quote": grant()}),), locale="zh-CN")
    assert books.call("PATCH", f"/records/quote/{id}", {"name": "R"}, chinese).json["detail"] == MESSAGE["zh-CN"]
    books.good("PATCH", "/objects/quote", {"lock": {"criteria": ACCEPTED, "open": ["status"]}}, books.admin)
    said = books.call("PATCH", f"/records/quote/{id}", {"name": "R"}, chinese).json
    assert (said["title"], said["errors"][0]["detail"]) == ("记录已锁定", "记录已锁定，此处不能修改。")
    assert books.get("quote", id)["name"] == "Q"


def test_open_fields_the_owner_and_what_is_the_same_may_be_written(books: Office) -> None:
    id, _ = accepted(books)
    record = books.change("quote", id, name="Q", day="2026-01-01", owner_id=books.admin)
    assert (record["day"], record["owner_id"]) == ("2026-01-01", books.admin)


def test_a_record_is_locked_with_the_change_that_locks_it(books: Office) -> None:
    made = books.save("quote", {"name": "Q"}, quote_line=[line("A", "10")])["record"]
    after = books.edit("quote", made["id"], {"name": "Last", "status": "accepted"}, quote_line=[line("B", "30")])
    assert (after["record"]["name"], after["record"]["net"]) == ("Last", money("30.00"))
    refused(books.call("PATCH", f"/records/quote/{made['id']}", {"name": "Later"}), "/name")


def test_only_who_may_unlock_opens_a_record_again(books: Office) -> None:
    id, _ = accepted(books)
    answer = books.call("PATCH", f"/records/quote/{id}", {"status": "draft"})
    refused(answer, "/status", code="unlock_not_granted")
    refused(books.call("PATCH", f"/records/quote/{id}", {"status": "draft", "name": "R"}), "/name")
    refused(books.call("PATCH", f"/records/quote/{id}", {"name": "R"}, books.admin), "/name")
    opened = books.good("PATCH", f"/records/quote/{id}", {"status": "draft", "name": "R"}, books.admin)
    assert (opened["status"], opened["name"]) == ("draft", "R")
    assert books.change("quote", id, name="S")["name"] == "S"


def test_who_may_unlock_his_own_records_opens_no_others(books: Office) -> None:
    id, _ = accepted(books)
    entry = grant("own")
    entry["actions"] = [*entry["actions"], "unlock"]
    other = books.harness.user("Colleague", None, (books.harness.role({"quote": entry}),))
    books.good("POST", f"/records/quote/{id}/shares", {"grantee": f"user:{other}", "level": "write"}, books.admin)
    assert books.good("PATCH", f"/records/quote/{id}", {"day": "2026-02-02"}, other)["day"] == "2026-02-02"
    refused(books.call("PATCH", f"/records/quote/{id}", {"status": "draft"}, other), "/status",
            code="unlock_not_granted")


def write_line(books: Office, id: str, lines: list[dict[str, Any]]) -> Any:
    return books.call("POST", "/records/quote_line", {**line("C", "5"), "quote_id": id})


def change_line(books: Office, id: str, lines: list[dict[str, Any]]) -> Any:
    return books.call("PATCH", f"/records/quote_line/{lines[0]['id']}", {"quantity": "9"})


def delete_line(books: Office, id: str, lines: list[dict[str, Any]]) -> Any:
    return books.call("DELETE", f"/records/quote_line/{lines[0]['id']}")


def move_line_here(books: Office, id: str, lines: list[dict[str, Any]]) -> Any:
    other = books.save("quote", {"name": "Open"}, quote_line=[line("Z", "1")])["lines"]["quote_line"][0]
    return books.call("PATCH", f"/records/quote_line/{other['id']}", {"quote_id": id})


def move_line_away(books: Office, id: str, lines: list[dict[str, Any]]) -> Any:
    other = books.create("quote")
    return books.call("PATCH", f"/records/quote_line/{lines[0]['id']}", {"quote_id": other["id"]})


@pytest.mark.parametrize("write", [write_line, change_line, delete_line, move_line_here, move_line_away])
def test_lines_of_a_locked_record_stay(books: Office, write: Callable[..., Any]) -> None:
    id, lines = accepted(books)
    refused(write(books, id, lines), "/quote_id")
    standing = books.good("GET", f"/records/quote/{id}/lines")
    assert standing["lines"]["quote_line"] == lines
    assert standing["record"]["net"] == money("30.00")


def test_lines_are_not_written_together_with_a_locked_record_either(books: Office) -> None:
    id, lines = accepted(books)
    same = [{"id": one["id"]} for one in lines]
    for rows in ([line("C", "5")], [*same, line("C", "5")], same[:1], [{**same[0], "quantity": "9"}, same[1]]):
        refused(books.call("PATCH", f"/records/quote/{id}/lines", {
            "values": {"day": "2026-03-03"}, "lines": {"quote_line": rows}}), "/lines/quote_line")
    assert books.get("quote", id)["day"] is None
    after = books.edit("quote", id, {"day": "2026-03-03"}, quote_line=same)
    assert (after["record"]["day"], len(after["lines"]["quote_line"])) == ("2026-03-03", 2)
    opened = books.good("PATCH", f"/records/quote/{id}/lines", {
        "values": {"status": "draft"}, "lines": {"quote_line": [line("C", "5")]}}, books.admin)
    assert opened["record"]["net"] == money("5.00")


def test_a_batch_refuses_what_is_locked_and_does_the_rest(books: Office) -> None:
    id, _ = accepted(books)
    other = books.create("quote")["id"]
    results = books.good("POST", "/records/quote/batch", {"operations": [
        {"action": "update", "id": id, "values": {"name": "R"}}, {"action": "delete", "id": id},
        {"action": "update", "id": other, "values": {"name": "R"}}]})["results"]
    assert [one["status"] for one in results] == [409, 409, 200]
    assert results[0]["problem"]["errors"][0]["pointer"] == "/values/name"


def test_a_locked_record_is_neither_deleted_nor_merged(books: Office) -> None:
    id, _ = accepted(books)
    other = books.create("quote")["id"]
    refused(books.call("DELETE", f"/records/quote/{id}", who=books.admin))
    refused(books.call("POST", f"/records/quote/{other}/merge", {"merged": id}, books.admin), "/merged")
    refused(books.call("POST", f"/records/quote/{id}/merge", {"merged": other}, books.admin))
    line_of_other = books.save("quote", {"name": "Open"}, quote_line=[line("Z", "1")])["lines"]["quote_line"][0]["id"]
    held = books.good("GET", f"/records/quote/{id}/lines")["lines"]["quote_line"][0]["id"]
    refused(books.call("POST", f"/records/quote_line/{line_of_other}/merge", {"merged": held}, books.admin), "/merged")


def test_a_record_that_was_locked_after_a_merge_keeps_what_it_took_in(books: Office) -> None:
    one, other = (books.create("quote", name=name)["id"] for name in ("One", "Two"))
    merge = books.good("POST", f"/records/quote/{one}/merge", {"merged": other, "take": ["name"]}, books.admin)
    books.change("quote", one, status="accepted")
    refused(books.call("POST", f"/merges/{merge['merge_id']}/undo", who=books.admin))


def test_lines_that_were_merged_stay_one_once_their_record_is_locked(books: Office) -> None:
    made = books.save("quote", {"name": "Two"}, quote_line=[line("A", "10"), line("B", "20")])
    one, other = (row["id"] for row in made["lines"]["quote_line"])
    merge = books.good("POST", f"/records/quote_line/{one}/merge", {"merged": other}, books.admin)
    books.change("quote", made["record"]["id"], status="accepted")
    refused(books.call("POST", f"/merges/{merge['merge_id']}/undo", who=books.admin), "/quote_id")


def test_history_is_not_restored_over_a_lock_and_a_line_does_not_come_back_out_of_the_bin(books: Office) -> None:
    made = books.save("quote", {"name": "Old"}, quote_line=[line("A", "10"), line("B", "20")])
    id, gone = made["record"]["id"], made["lines"]["quote_line"][0]["id"]
    before = to_wire(utcnow() + timedelta(microseconds=1))
    books.change("quote", id, name="New")
    assert books.call("DELETE", f"/records/quote_line/{gone}").status_code == 204
    books.change("quote", id, status="accepted")
    refused(books.call("POST", f"/records/quote/{id}/restore", {"at": before, "fields": ["name"]}), "/name")
    refused(books.call("POST", f"/bin/quote_line/{gone}/restore", who=books.admin), "/quote_id")
    books.good("PATCH", f"/records/quote/{id}", {"status": "draft"}, books.admin)
    books.good("POST", f"/bin/quote_line/{gone}/restore", who=books.admin)
    assert len(books.good("GET", f"/records/quote/{id}/lines")["lines"]["quote_line"]) == 2


def test_a_bulk_change_leaves_locked_records_and_its_undoing_too(books: Office) -> None:
    accepted(books, "Locked")
    free = books.create("quote", name="Free")["id"]
    job = books.good("POST", "/bulk-jobs", {"object": "quote", "action": "update", "values": {"name": "Bulk"}})["id"]
    work(books)
    found = books.good("GET", f"/bulk-jobs/{job}")
    assert (found["counts"]["changed"], found["counts"]["refused"]) == (1, 1)
    assert sorted(one["name"] for one in books.query("quote")) == ["Bulk", "Locked"]
    books.change("quote", free, status="accepted")
    books.good("POST", f"/bulk-jobs/{job}/undo")
    work(books)
    assert books.get("quote", free)["name"] == "Bulk"
    assert books.good("GET", f"/bulk-jobs/{job}")["undo"] == {"restored": 0, "kept": 1}


def test_a_rule_reads_that_a_record_is_locked_and_may_open_it(books: Office) -> None:
    id, _ = accepted(books)
    automation, service = Principal(kind="service", name="workflow"), books.harness.service

    def written(**values: Any) -> Result:
        with service.db.unit_of_work() as uow:
            return update_records(service, uow, automation, service.parts["types"].get("quote"), [Patch(id, values)])[0]

    problem = written(name="By a rule").problem
    assert problem is not None
    assert (problem.code, [one.pointer for one in problem.errors]) == ("record_locked", ["/name"])
    assert written(status="draft").problem is None
    assert written(name="By a rule").unwrap()["name"] == "By a rule"


def test_conversions_and_what_is_calculated_go_on(books: Office) -> None:
    id, _ = accepted(books)
    made = books.convert("quote", id, "contract")
    assert len(books.good("GET", f"/records/contract/{made['contract']}/lines")["lines"]["contract_line"]) == 2
    books.settle()
    assert books.get("quote", id)["contracts"] == 1


def test_a_conversion_changes_a_locked_source_only_where_it_is_open(books: Office) -> None:
    other = books.create("quote", name="Q", status="accepted")
    books.good("PATCH", "/objects/quote", {"lock": {"criteria": ACCEPTED, "open": ["status"]}, "conversions": [{
        "key": "again", "label": {"en": "Again"}, "set": {"name": "Done"}, "creates": [
            {"object": "contract", "fields": {"name": "name"}, "source": "quote_id"}]}]}, books.admin)
    refused(books.call("POST", f"/records/quote/{other['id']}/convert", {"conversion": "again"}), "/name")
    assert books.query("contract") == []


def test_records_that_are_locked_from_the_start_can_be_made_and_never_changed(office: Office) -> None:
    office.good("PATCH", "/objects/price", {"lock": {"criteria": {"all": []}}}, office.admin)
    id = office.create("price", name="Entry")["id"]
    refused(office.call("PATCH", f"/records/price/{id}", {"name": "X"}, office.admin), "/name")


def test_lines_of_lines_are_locked_with_what_stands_at_the_top(books: Office) -> None:
    books.good("POST", "/objects", {"name": "part", "line_of": {"reference": "line_id"}, "fields": [
        {"name": "name", "type": "text"}, {"name": "line_id", "type": "reference", "options": {
            "object": "quote_line"}}]}, books.admin)
    _, lines = accepted(books)
    refused(books.call("POST", "/records/part", {"name": "P", "line_id": lines[0]["id"]}, books.admin), "/line_id")
    refused(books.call("PATCH", f"/records/quote_line/{lines[0]['id']}/lines", {
        "values": {}, "lines": {"part": [{"name": "P"}]}}, books.admin), "/lines/part")
    assert books.good("GET", f"/records/quote_line/{lines[0]['id']}/lines", who=books.admin)["lines"]["part"] == []


def test_a_lock_of_the_lines_themselves_is_opened_only_by_who_may_unlock(books: Office) -> None:
    books.good("PATCH", "/objects/quote_line", {"lock": {
        "criteria": {"field": "name", "op": "eq", "value": "A"}, "open": ["name"]}}, books.admin)
    id = books.save("quote", {"name": "Q"}, quote_line=[line("A", "10")])["record"]["id"]
    held = books.good("GET", f"/records/quote/{id}/lines")["lines"]["quote_line"][0]["id"]
    body = {"values": {}, "lines": {"quote_line": [{"id": held, "name": "B", "quantity": "9"}]}}
    assert books.call("PATCH", f"/records/quote/{id}/lines", body).status_code == 409
    assert books.good("PATCH", f"/records/quote/{id}/lines", body, books.admin)["lines"]["quote_line"][0]["name"] == "B"


@pytest.mark.parametrize(("lock", "pointer", "code"), [
    ([], "/lock", "bad_lock"), ({"open": []}, "/lock", "bad_lock"), ({"criteria": {}, "more": 1}, "/lock", "bad_lock"),
    ({"criteria": {"field": "nothing", "op": "is_set"}}, "/lock/criteria", "unknown_field"),
    ({"criteria": {"field": "status", "op": "gt", "value": "a"}}, "/lock/criteria/op", None),
    ({"criteria": ACCEPTED, "open": ["status", "status"]}, "/lock/open/1", "unknown_field"),
    ({"criteria": ACCEPTED, "open": "status"}, "/lock/open", "bad_list"),
    ({"criteria": ACCEPTED, "message": {"en": 1}}, "/lock/message", None)])
def test_a_wrong_lock_is_said_with_its_place(office: Office, lock: Any, pointer: str, code: str | None) -> None:
    answer = office.call("PATCH", "/objects/quote", {"lock": lock}, office.admin)
    assert answer.status_code == 422
    [error, *_] = answer.json["errors"]
    assert error["pointer"].startswith(pointer)
    assert code is None or error["code"] == code


def test_a_field_that_a_lock_asks_stays_and_one_that_it_leaves_open_may_go(books: Office) -> None:
    [used] = [one for one in books.good("GET", "/objects/quote/fields/status/uses", who=books.admin)["items"]
              if one["kind"] == "lock"]
    assert used["blocking"]
    assert books.call("DELETE", "/objects/quote/fields/status", who=books.admin).status_code in (409, 422)
    assert books.call("DELETE", "/objects/quote/fields/day", who=books.admin).status_code == 204
    assert books.good("GET", "/objects/quote")["lock"]["open"] == ["status"]


def test_nobody_locks_a_record_while_one_of_its_lines_is_being_written(books: Office) -> None:
    """Whoever comes second sees what the first has done: no line is newer than the lock of its record."""
    ids = [books.create("quote", name=f"Q{number}")["id"] for number in range(12)]
    written: dict[str, int] = {}
    headers = {"Authorization": f"Bearer {books.harness.token(books.seller)}"}

    def write() -> None:
        client = books.harness.app.test_client()
        for id in ids:
            body = {**line("L", "1"), "quote_id": id}
            written[id] = client.post("/v1/records/quote_line", json=body, headers=headers).status_code

    def lock() -> None:
        client = books.harness.app.test_client()
        for id in reversed(ids):
            client.patch(f"/v1/records/quote/{id}", json={"status": "accepted"}, headers=headers)

    threads = [threading.Thread(target=one) for one in (write, lock)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(written.values()) <= {201, 409}
    quotes = {one["id"]: one for one in books.query("quote", limit=50)}
    lines = {one["quote_id"]: one for one in books.query("quote_line", limit=50)}
    assert lines.keys() == {id for id, status in written.items() if status == 201}
    types = books.harness.service.parts["types"]
    assert all(is_locked(types.get("quote"), one) for one in quotes.values())


def work(books: Office) -> None:
    """Do every job that waits."""
    runner = JobRunner(books.harness.service)
    while runner.run_one():
        pass
