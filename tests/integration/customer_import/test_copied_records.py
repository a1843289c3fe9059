"""Records that go in by the thousand stand in the database as those that go in one by one, whatever is in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from services.customer.store.tables import match_key, record_change

TRICKY = ("plain", "\\N", "\\.", "back\\slash\\", "引号\"'", "𠮷", "a,b;c", "tab\\tword", "x\\")
KINDS = ("text", "long_text", "integer", "decimal", "money", "percent", "date", "datetime", "boolean", "choice",
         "multi_choice", "phone", "email", "url", "region", "user", "department", "auto_number")
CHOICES = {"choices": [{"value": "a", "label": {"en": "A"}}, {"value": "b", "label": {"en": "B"}}]}
OPTIONS = {"choice": CHOICES, "multi_choice": CHOICES}
EVERYTHING = {"name": "thing", "label": {"en": "Thing"}, "title_field": "f_text",
              "duplicate_rules": [{"fields": ["f_text", "f_phone"]}],
              "fields": [{"name": f"f_{kind}", "type": kind, "options": OPTIONS.get(kind, {})} for kind in KINDS]}


def full(desk, number: int) -> dict[str, Any]:
    words = TRICKY[number % len(TRICKY)]
    given = {"text": f"{words} {number}", "long_text": f"one\ntwo\t{words}",
            "integer": -number, "decimal": "-12.50", "money": {"amount": f"{number}.10", "currency": "USD"},
            "percent": "12.5000", "date": "0999-12-31", "datetime": "2026-03-01T08:30:00.123Z",
            "boolean": number % 2 == 0, "choice": "a", "multi_choice": ["a", "b"], "phone": f"+86138{number:08d}",
            "email": f"o'{number}@example.com", "url": "https://example.com/\\x", "region": "浙江省/杭州市",
            "user": desk.user, "department": desk.team}
    return {f"f_{kind}": value for kind, value in given.items()}


def test_many_records_at_once_are_what_single_ones_are(desk):
    desk.team = desk.harness.department("Team")
    assert desk.harness.call(desk.user, "POST", "/v1/objects", EVERYTHING).status_code == 201
    rows = [full(desk, number) if number % 3 else {"f_text": f"only {number}"} for number in range(40)]
    body = {"operations": [{"action": "create", "values": row} for row in rows]}
    answer = desk.harness.call(desk.user, "POST", "/v1/records/thing/batch", body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    made = [one["record"] for one in answer.get_json()["results"]]
    single = desk.harness.call(desk.user, "POST", "/v1/records/thing", full(desk, 1) | {"f_phone": None}).get_json()
    assert single.keys() == made[1].keys()
    for row, told in zip(rows, made, strict=True):
        read = desk.harness.call(desk.user, "GET", f"/v1/records/thing/{told['id']}").get_json()
        assert {name: read[name] for name in told} == told
        assert {name: read[name] for name in row} == row
    with desk.harness.service.db.read() as connection:
        lines = {line.record_id: line for line in connection.execute(select(record_change))}
        keys = set(connection.execute(select(match_key.c.record_id)).scalars())
    assert all(lines[one["id"]].changes["f_text"] == [None, one["f_text"]] for one in made)
    assert all(lines[one["id"]].by_name == "Administrator" for one in made)
    assert keys == {one["id"] for one in made if one["f_phone"]}
