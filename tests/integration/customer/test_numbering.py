"""Automatic numbers that begin anew with a year or month: each once, whoever writes, in the company's time zone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chassis.criteria import Scope
from services.customer import bootstrap
from services.customer.store.schema import drop_table
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
