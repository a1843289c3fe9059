"""One sheet, several objects: a customer with his contacts and notes in one row, whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.customer_import.conftest import Desk

CLIENT = {"name": "client", "label": {"en": "Client", "zh-CN": "客户档案"}, "title_field": "name", "fields": [
    {"name": "name", "type": "text", "required": True, "label": {"en": "Name", "zh-CN": "名称"}},
    {"name": "code", "type": "text", "unique": True, "label": {"en": "Code"}},
    {"name": "number", "type": "auto_number", "label": {"en": "Number"}, "options": {"prefix": "K-"}},
    {"name": "size", "type": "integer", "label": {"en": "Size"}}],
    "duplicate_rules": [{"fields": ["name"]}]}
PERSON = {"name": "person", "label": {"en": "Person", "zh-CN": "联系人"}, "title_field": "name", "fields": [
    {"name": "name", "type": "text", "required": True, "label": {"en": "Name", "zh-CN": "姓名"}},
    {"name": "phone", "type": "phone", "unique": True, "label": {"en": "Phone", "zh-CN": "手机"}},
    {"name": "client_id", "type": "reference", "required": True, "options": {"object": "client"}}],
    "duplicate_rules": [{"fields": ["phone"]}]}
NOTE = {"name": "note", "label": {"en": "Note", "zh-CN": "跟进"}, "title_field": "text", "fields": [
    {"name": "text", "type": "text", "required": True, "label": {"en": "Text", "zh-CN": "内容"}},
    {"name": "client_id", "type": "reference", "options": {"object": "client"}}]}
HEADER = ("Name", "Code", "Person Name", "联系人手机", "Note Text")
MAPPING = {"0": "name", "1": "code", "2": "person.name", "3": "person.phone", "4": "note.text"}


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """The desk of somebody who has clients, persons and notes."""
    for definition in (CLIENT, PERSON, NOTE):
        answer = desk.harness.call(desk.user, "POST", "/v1/objects", definition)
        assert answer.status_code == 201, answer.get_data(as_text=True)
    return desk


def names(shop: Desk, object: str, field: str = "name") -> list[str]:
    """The names of all records of an object."""
    return sorted(one[field] for one in shop.records(object))


def outcome(run: dict[str, Any]) -> tuple[int, ...]:
    """Created, updated, skipped, failed."""
    return tuple(run["summary"][name] for name in ("create", "update", "skip", "failed"))


ROWS = (("Anker", "A1", "Wang", "13800000001", "called"), ("Anker", "A1", "Li", "13800000002", "visited"),
        ("Berg", "B1", "", "", ""), ("Cato", "C1", "Zhao", "13800000003", ""))


def test_columns_of_other_objects_are_suggested_by_both_of_their_names(shop: Desk) -> None:
    run = shop.show(shop.sheet(HEADER, *ROWS, object="client"))

    assert run["mapping"] == MAPPING
    assert {"object": "person", "link": "client_id"} in run["related"]


def test_a_row_becomes_a_record_and_those_that_point_at_it(shop: Desk) -> None:
    id = shop.sheet(HEADER, *ROWS, object="client")

    checked, ended = shop.check(id), shop.run(id)

    assert outcome(checked) == outcome(ended) == (3, 1, 0, 0)
    assert names(shop, "client") == ["Anker", "Berg", "Cato"]
    anker = next(one["id"] for one in shop.records("client") if one["name"] == "Anker")
    assert sorted(one["name"] for one in shop.records("person") if one["client_id"] == anker) == ["Li", "Wang"]
    assert names(shop, "note", "text") == ["called", "visited"]


def test_the_same_sheet_again_makes_nothing_new(shop: Desk) -> None:
    shop.run(shop.sheet(HEADER, *ROWS, object="client"))
    again = shop.sheet(HEADER, *ROWS, object="client")

    checked, ended = shop.check(again), shop.run(again)

    assert outcome(checked) == outcome(ended) == (0, 0, 4, 0)
    assert (shop.count("client"), shop.count("person"), shop.count("note")) == (3, 3, 2)


def test_a_new_person_of_a_known_client_is_added_to_him(shop: Desk) -> None:
    shop.run(shop.sheet(HEADER, *ROWS, object="client"))
    more = shop.sheet(HEADER, ("Berg", "", "Sun", "13800000009", "met"), object="client")

    checked, ended = shop.check(more), shop.run(more)

    assert outcome(checked) == outcome(ended) == (0, 1, 0, 0)
    berg = next(one["id"] for one in shop.records("client") if one["name"] == "Berg")
    assert [one["client_id"] for one in shop.records("person") if one["name"] == "Sun"] == [berg]


def test_a_wrong_part_refuses_the_whole_row_and_says_which_it_is(shop: Desk) -> None:
    id = shop.sheet(HEADER, ("Dock", "D1", "Qian", "12", "x"), ("Elm", "E1", "", "13800000005", ""),
                    ("Dock", "D1", "Sun", "13800000006", ""), object="client")

    checked = shop.check(id)
    assert shop.codes(id) == {2: {("person.phone", "bad_phone")}, 3: {("person.name", "required")}}
    ended = shop.run(id)

    assert outcome(checked) == outcome(ended) == (1, 0, 0, 2)
    assert (names(shop, "client"), names(shop, "person"), shop.count("note")) == (["Dock"], ["Sun"], 0)


def test_what_only_the_writing_finds_out_takes_the_row_back_whole(shop: Desk) -> None:
    shop.run(shop.sheet(HEADER, ROWS[0], object="client"))
    shop.harness.call(shop.user, "PATCH", "/v1/objects/person", {"duplicate_rules": []})
    id = shop.sheet(HEADER, ("Fern", "F1", "Wu", "13800000001", "n1"), ("Gold", "G1", "He", "13800000007", "n2"),
                    object="client")

    checked = shop.check(id)
    ended = shop.run(id)

    assert outcome(checked) == outcome(ended) == (1, 0, 0, 1)
    assert shop.codes(id) == {2: {("person.phone", "not_unique")}}
    assert (names(shop, "client"), names(shop, "note", "text")) == (["Anker", "Gold"], ["called", "n2"])
    events = shop.harness.published("freehold.customer.record.changed.v1")
    told = {change["after"].get("name") for event in events for change in event.data["changes"]}
    assert "Fern" not in told


def test_undoing_takes_all_of_it_back(shop: Desk) -> None:
    shop.run(shop.sheet(HEADER, ROWS[3], object="client"))
    id = shop.sheet(HEADER, *ROWS, object="client")
    shop.run(id)

    assert shop.call("POST", f"/{id}/undo").status_code == 202
    shop.work()

    assert shop.show(id)["undo"] == {"deleted": 6, "restored": 0, "kept": 0}
    assert (names(shop, "client"), names(shop, "person"), shop.count("note")) == (["Cato"], ["Zhao"], 0)


def test_a_person_changed_since_keeps_his_client(shop: Desk) -> None:
    id = shop.sheet(HEADER, ROWS[3], object="client")
    shop.run(id)
    person = shop.records("person")[0]
    shop.harness.call(shop.user, "PATCH", f"/v1/records/person/{person['id']}", {"name": "Zhao Yun"},
                      headers={"If-Match": f'"{person["version"]}"'})

    shop.call("POST", f"/{id}/undo")
    shop.work()

    kept = shop.call("GET", f"/{id}/kept").get_json()["items"]
    assert {(one["object"], one["code"]) for one in kept} == {("person", "undo_changed"), ("client", "undo_in_use")}


def test_parts_of_many_rows_come_in_across_chunks(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.customer.usecases.imports.passes.CHUNK", 5)
    rows = [(f"Client {number % 7}", f"X{number % 7}", f"P{number}", f"139{number:08d}", f"note {number}")
            for number in range(30)]
    id = shop.sheet(HEADER, *rows, object="client")

    checked, ended = shop.check(id), shop.run(id)

    assert outcome(checked) == outcome(ended) == (7, 23, 0, 0)
    assert (shop.count("client"), shop.count("person"), shop.count("note")) == (7, 30, 30)


def test_updating_changes_persons_too(shop: Desk) -> None:
    shop.run(shop.sheet(HEADER, *ROWS, object="client"))
    id = shop.sheet(HEADER, ("Anker", "A1", "Wang Fang", "13800000001", "called"), object="client")
    shop.configure(id, duplicates="update")

    checked, ended = shop.check(id), shop.run(id)

    assert outcome(checked) == outcome(ended) == (0, 1, 0, 0)
    assert names(shop, "person") == ["Li", "Wang Fang", "Zhao"]
    assert shop.count("note") == 2


def test_a_sheet_of_other_objects_alone_is_refused(shop: Desk) -> None:
    id = shop.sheet(HEADER, *ROWS, object="client")

    answer = shop.configure(id, mapping={"2": "person.name"})
    unknown = shop.configure(id, mapping={"0": "name", "2": "person.secret"})

    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "nothing_mapped")
    assert (unknown.status_code, unknown.get_json()["errors"][0]["pointer"]) == (422, "/mapping/2")


