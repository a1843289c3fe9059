"""Who shapes objects and rules is shown examples of records: only those that he sees, and nothing that is hidden from
him. He manages objects, but sees the deputy's department alone, without amounts and with masked telephones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from freehold.embedded import call_wsgi

from .conftest import AMOUNT, CRM, World
from .surfaces import CUSTOMER, as_text, patiently, told

HIDDEN = {"expected_amount": "none", "phone": "masked"}
LONG_AGO = "2020-01-01"


@pytest.fixture(scope="module")
def shaper(world: World) -> str:
    """The one who shapes; his rights have arrived at the services."""
    admin, good = world.house.admin_id, world.house.good
    role = good(admin, "POST", "/api/gateway/v1/roles", {
        "key": "matrix_shaper", "name": {"en": "Shaper"}, "permissions": ["objects.manage"],
        "objects": {name: {"actions": ["read", "update"], "scope": "department",
                           "fields": HIDDEN if name == "lead" else {}} for name in CRM}})["id"]
    department = good(admin, "GET", f"/api/gateway/v1/users/{world.callers['deputy']}")["department_id"]
    id = str(good(admin, "POST", "/api/gateway/v1/users", {
        "username": "shaper", "name": "Shaper", "department_id": department, "role_ids": [role], "locale": "en",
        "timezone": "UTC"})["id"])
    patiently(lambda: world.house.call(id, "GET", f"{CUSTOMER}/objects/lead")[0] == 200)
    return id


@pytest.fixture(scope="module")
def seen(world: World) -> set[str]:
    """The leads that he sees."""
    return {world.leads["deputy"]["own"], world.leads["deputy"]["colleague"]}


@pytest.fixture
def long_ago(world: World) -> None:
    """Every lead has been its owner's, and was to be closed, for years."""
    service = world.house.embedded.services["customer"]
    table = service.parts["types"].renewed()["lead"].table
    with service.db.unit_of_work() as uow:
        uow.execute(update(table).values(owner_since=utcnow() - timedelta(days=2000)))
    for id in sorted(world.all_leads):
        path = f"{CUSTOMER}/records/lead/{id}"
        world.house.good(world.house.admin_id, "PATCH", path, {"expected_close_on": LONG_AGO})


def secrets(world: World) -> list[str]:
    """What must not stand in any answer to him."""
    return [AMOUNT, *world.phones.values(), *(phone[3:] for phone in world.phones.values())]


def shown(world: World, user: str, method: str, path: str, body: Any = None) -> set[str]:
    """The leads that an answer to somebody names; nothing hidden stands in it."""
    answer = told(world, world.house.good(user, method, f"{CUSTOMER}{path}", body))
    assert [one for one in secrets(world) if one in answer.text] == [], path
    return answer.ids


def refused(world: World, user: str, method: str, path: str, body: Any) -> None:
    """A question about something hidden is refused like one about something that is not there."""
    status, answer = world.house.call(user, method, f"{CUSTOMER}{path}", body)
    assert 400 <= status < 500, (path, status, answer)
    assert AMOUNT not in as_text(answer)


def test_the_preview_of_another_type_shows_examples_that_he_sees(world: World, shaper: str, seen: set[str]) -> None:
    preview = "/objects/lead/fields/{}/type/preview"
    integer = {"type": "integer", "options": {}}
    assert shown(world, shaper, "POST", preview.format("note"), integer) == seen
    everybody = told(world, world.house.good(world.house.admin_id, "POST", CUSTOMER + preview.format("note"), integer))
    assert world.all_leads <= everybody.ids
    hidden = world.house.good(shaper, "POST", CUSTOMER + preview.format("expected_amount"), integer)
    assert hidden["examples"] == []


def test_the_example_of_a_formula_is_a_record_and_a_value_that_he_may_read(
        world: World, shaper: str, seen: set[str]) -> None:
    check, formula = "/formulas/lead/check", {"expression": "company", "result": "text"}
    assert shown(world, shaper, "POST", check, formula) <= seen
    for id in sorted(world.all_leads):
        status, answer = world.house.call(shaper, "POST", CUSTOMER + check, formula | {"record_id": id})
        assert status == (200 if id in seen else 404)
        assert (id in as_text(answer)) == (id in seen)
    worth = {"expression": "expected_amount", "result": "money", "options": {"currency": "CNY"}}
    for id in sorted(seen):
        asked = ("POST", CUSTOMER + check, worth | {"record_id": id})
        assert world.house.good(shaper, *asked)["preview"] is None
        assert AMOUNT in as_text(world.house.good(world.house.admin_id, *asked))


def test_the_dry_run_of_a_retention_rule_names_what_he_sees(
        world: World, shaper: str, seen: set[str], long_ago: None) -> None:
    rule = {"object": "lead", "field": "expected_close_on", "days": 30, "action": "delete", "active": False}
    assert shown(world, shaper, "POST", "/retention/dry-run", rule) == seen
    rich = {"field": "expected_amount", "op": "gte", "value": "1"}
    refused(world, shaper, "POST", "/retention/dry-run", rule | {"criteria": rich})


def test_the_preview_of_a_pool_names_what_he_sees(world: World, shaper: str, seen: set[str], long_ago: None) -> None:
    rule = {"days": 30, "all_owned": True}
    assert shown(world, shaper, "POST", f"/pools/{world.made['pool']}/returns/preview", rule) == seen


def test_the_report_about_a_person_and_its_erasure_are_there_for_records_that_he_sees(
        world: World, shaper: str, seen: set[str]) -> None:
    for id in sorted(world.all_leads):
        for path in ("report", "report?format=html", "erasure"):
            status, answer = world.house.call(shaper, "GET", f"{CUSTOMER}/privacy/lead/{id}/{path}")
            assert status == (200 if id in seen else 404), (path, answer)
            assert [one for one in secrets(world) if one in as_text(answer)] == [], path
    whole, part = (world.house.good(user, "GET", f"{CUSTOMER}/privacy/lead/{min(seen)}/report")
                   for user in (world.house.admin_id, shaper))
    assert (whole["complete"], part["complete"]) == (True, False)
    assert AMOUNT in as_text(whole)


def test_the_rows_of_others_sheets_are_not_shown(world: World, shaper: str) -> None:
    id = _uploaded(world, "name,phone\nPrivate Person,13500001234\n,not a number\n")
    others = as_text(world.house.good(shaper, "GET", f"{CUSTOMER}/imports/{id}"))
    assert "Private Person" not in others
    assert "13500001234" not in others
    assert "Private Person" in as_text(world.house.good(world.house.admin_id, "GET", f"{CUSTOMER}/imports/{id}"))
    for path in ("errors", "errors.csv"):
        assert world.house.call(shaper, "GET", f"{CUSTOMER}/imports/{id}/{path}")[0] == 403


def _uploaded(world: World, sheet: str) -> str:
    part = "--x\r\nContent-Disposition: form-data; name="
    parts = f'{part}"object"\r\n\r\nlead\r\n{part}"file"; filename="people.csv"\r\n\r\n{sheet}\r\n--x--\r\n'
    headers = {"Authorization": f"Bearer {world.house.token(world.house.admin_id)}",
               "Content-Type": "multipart/form-data; boundary=x"}
    status, _, body = call_wsgi(world.house.app, "POST", f"{CUSTOMER}/imports", headers, parts.encode())
    assert status == 201, body
    return str(world.house.call(world.house.admin_id, "GET", f"{CUSTOMER}/imports?limit=1")[1]["items"][0]["id"])
