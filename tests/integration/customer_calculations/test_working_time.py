"""Formulas in working time: by the calendar of the company or of a department; a new calendar moves what is pending."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from services.customer.store.tables import calculation_day
from services.customer.usecases.calculations.recalculate import start_new_day, start_new_tree
from tests.integration.customer_calculations.conftest import Shop, formula

OFFICE = {"timezone": "Asia/Shanghai", "week": [[["09:00", "18:00"]]] * 5 + [[], []], "days": [], "is_default": False,
          "key": None, "name": {"en": "Office"}}
FRIDAY = "2026-10-09T09:00:00.000Z"  # 17 o'clock in Shanghai


def test_a_change_of_a_calendar_moves_what_is_pending(shop: Shop) -> None:
    shop.define("deal", formula("reply_by", 'WORKADD(called_at, 2, "hours", department_id)', "datetime"),
             formula("hours", "WORKHOURS(reply_by, called_at)", "decimal", scale=1))
    deal = shop.create("deal", called_at=FRIDAY)
    start_new_tree(shop.harness.service)
    assert _read(shop, deal) == ("2026-10-09T11:00:00.000Z", "2.0"), "an ordinary week in the company's time zone, UTC"
    calendar = new_id()
    shop.harness.update("calendars", OFFICE | {"id": calendar, "is_default": True})
    start_new_tree(shop.harness.service)
    assert _read(shop, deal) == ("2026-10-12T02:00:00.000Z", "2.0")
    shop.harness.update("calendars", OFFICE | {"id": calendar, "is_default": True, "days": [
        {"date": "2026-10-10", "name": "", "spans": [["09:00", "18:00"]]}]})
    start_new_tree(shop.harness.service)
    assert _read(shop, deal) == ("2026-10-10T02:00:00.000Z", "2.0")
    shop.harness.update("calendars", OFFICE | {"id": calendar, "is_default": True, "week": [[["09:00", "20:00"]]] * 7})
    start_new_tree(shop.harness.service)
    assert _read(shop, deal) == ("2026-10-09T11:00:00.000Z", "2.0")


def test_a_new_day_does_not_count_working_time_again(shop: Shop) -> None:
    """What is reached after so much working time stays so: no record is worked out every night for it."""
    shop.define("deal", formula("reply_by", 'WORKADD(called_at, 2, "hours")', "datetime"))
    shop.settle()
    start_new_day(shop.harness.service)
    with shop.harness.service.db.read() as connection:
        days = connection.execute(select(calculation_day.c.object).where(calculation_day.c.day != "")).scalars().all()
    assert days == []
    checked = shop.good("POST", "/formulas/deal/check", {
        "expression": 'WORKADD(called_at, 2, "hours")', "result": "datetime"}, shop.admin)
    assert (checked["valid"], checked["volatile"]) == (True, False)


def _read(shop: Shop, deal: dict[str, Any]) -> tuple[str, str]:
    shop.settle()
    found = shop.get("deal", deal["id"])
    return found["reply_by"], found["hours"]
