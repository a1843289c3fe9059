"""Automatic numbers that begin anew with a year or month: each once, whoever writes, in the company's time zone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chassis.criteria import Scope
from services.customer import bootstrap
from services.customer.store.schema import drop_table
from services.customer.store.sequences import own_name
from services.customer.usecases import create_records
from tests.integration.customer.conftest import Company

MONTHLY = "HT-{YYYY}{MM}-{0000}"


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that turns the company's calendar to a day."""
    def turn(*day: int) -> None:
        monkeypatch.setattr(create_records, "_today", lambda _: date(*day))

    turn(2026, 1, 31)
    return turn


@pytest.fixture
def deeds(company: Company, calendar: Any) -> Company:
    """The company with an object whose numbers begin anew every month."""
    made = company.call(company.admin, "POST", "/objects", {"name": "deed", "label": {"en": "Deed"}, "fields": [
        {"name": "name", "type": "text"}, {"name": "number", "type": "auto_number", "unique": True,
                                           "options": {"format": MONTHLY}}]})
    assert made.status_code == 201, made.json
    return company


def make(deeds: Company, count: int = 1) -> list[str]:
    """The numbers of new deeds."""
    operations = [{"action": "create", "values": {"name": "D"}}] * count
    answer = deeds.call(deeds.admin, "POST", "/records/deed/batch", {"operations": operations})
    assert answer.status_code == 200, answer.json
    return [one["record"]["number"] for one in answer.json["results"]]


def reformat(deeds: Company, **options: Any) -> Any:
    return deeds.call(deeds.admin, "PATCH", "/objects/deed/fields/number", {"options": options})


def test_the_count_begins_anew_with_the_month_and_goes_on_in_it(deeds: Company, calendar: Any) -> None:
    assert make(deeds, 2) == ["HT-202601-0001", "HT-202601-0002"]
    calendar(2026, 2, 1)
    assert make(deeds) == ["HT-202602-0001"]
    calendar(2026, 1, 31)
    assert make(deeds) == ["HT-202601-0003"]


def test_the_company_s_clock_says_which_year_it_is(deeds: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    late = Scope(datetime(2026, 12, 31, 16, 30, tzinfo=UTC), "Asia/Shanghai")
    monkeypatch.setattr(bootstrap, "company_scope", lambda _: late)
    assert make(deeds) == ["HT-202701-0001"]


def test_writers_at_once_get_each_number_once(deeds: Company) -> None:
    headers = {"Authorization": f"Bearer {deeds.harness.token(deeds.admin)}"}

    def write(_: int) -> list[str]:
        client, operations = deeds.harness.app.test_client(), [{"action": "create", "values": {"name": "D"}}] * 5
        answer = client.post("/v1/records/deed/batch", json={"operations": operations}, headers=headers)
        return [one["record"]["number"] for one in answer.json["results"]]

    with ThreadPoolExecutor(6) as pool:
        found = [number for some in pool.map(write, range(12)) for number in some]
    assert sorted(found) == [f"HT-202601-{number:04d}" for number in range(1, 61)]


def test_another_format_leaves_old_numbers_and_counts_by_its_own_period(deeds: Company, calendar: Any) -> None:
    make(deeds, 3)
    assert reformat(deeds, format="C-{YYYY}-{000}").status_code == 200
    assert make(deeds, 2) == ["C-2026-001", "C-2026-002"]
    assert reformat(deeds, prefix="N", digits=4).status_code == 200
    assert make(deeds) == ["N0001"]
    assert reformat(deeds, format=MONTHLY).status_code == 200
    assert make(deeds) == ["HT-202601-0004"]
    answer = deeds.call(deeds.admin, "GET", "/records/deed?limit=50&sort=number")
    assert [one["number"] for one in answer.json["items"]] == [
        "C-2026-001", "C-2026-002", "HT-202601-0001", "HT-202601-0002", "HT-202601-0003", "HT-202601-0004", "N0001"]


def test_a_wrong_format_is_refused_at_its_place_in_both_languages(deeds: Company) -> None:
    answer = reformat(deeds, format="HT-{MM}-{000}")
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [
        ("/options/format", "month_without_year")]
    said = reformat(deeds, format="HT").json["errors"][0]["detail"]
    assert "{0000}" in said
    assert "{YYYY}" in said


def test_numbers_go_with_their_object(deeds: Company) -> None:
    make(deeds)
    service = deeds.harness.service
    with service.db.unit_of_work() as uow:
        drop_table(uow.connection, service.parts["types"].get("deed").definition)
        if not uow.database.is_sqlite:
            left = uow.connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relkind = 'S'").scalars().all()
            assert [name for name in left if "_deed_" in name] == []


@pytest.fixture
def meeting(company: Company, calendar: Any) -> Company:
    """Two objects whose sequences would have one name."""
    for name, field, options in (("order", "line_number", {"prefix": "O", "digits": 3}),
                                 ("order_line", "number", {"prefix": "L", "digits": 3})):
        made = company.call(company.admin, "POST", "/objects", {"name": name, "fields": [
            {"name": "name", "type": "text"}, {"name": field, "type": "auto_number", "options": options}]})
        assert made.status_code == 201, made.json
    return company


def number(company: Company, object_name: str, field: str) -> str:
    """The number of a new record."""
    answer = company.call(company.admin, "POST", f"/records/{object_name}", {"name": "One"})
    assert answer.status_code == 201, answer.json
    return answer.json[field]


def test_two_fields_whose_names_meet_count_apart(meeting: Company, calendar: Any) -> None:
    assert [number(meeting, *one) for one in (("order", "line_number"), ("order_line", "number")) * 2] == [
        "O001", "L001", "O002", "L002"]
    for path in ("order/fields/line_number", "order_line/fields/number"):
        changed = meeting.call(meeting.admin, "PATCH", f"/objects/{path}", {"options": {"format": "{YYYY}-{00}"}})
        assert changed.status_code == 200, changed.json
    assert [number(meeting, *one) for one in (("order", "line_number"), ("order_line", "number")) * 2] == [
        "2026-01", "2026-01", "2026-02", "2026-02"]
    service = meeting.harness.service
    with service.db.unit_of_work() as uow:
        drop_table(uow.connection, service.parts["types"].get("order").definition)
    assert number(meeting, "order_line", "number") == "2026-03"


def test_fields_that_have_shared_a_sequence_go_on_counting_with_it(meeting: Company) -> None:
    service = meeting.harness.service
    with service.db.unit_of_work() as uow:
        if uow.database.is_sqlite:
            return
        uow.connection.exec_driver_sql(f'DROP SEQUENCE "{own_name("order_line", "number")}"')
    assert [number(meeting, "order", "line_number"), number(meeting, "order_line", "number")] == ["O001", "L002"]
    with service.db.unit_of_work() as uow:
        drop_table(uow.connection, service.parts["types"].get("order").definition)
    assert number(meeting, "order_line", "number") == "L003"
