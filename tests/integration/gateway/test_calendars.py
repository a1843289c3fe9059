"""Working calendars: the company's, those of departments, and what other services hear of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis.auth.directory import DIRECTORY_CHANGED
from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from chassis.working_time import read_calendar

WEEK = [[["09:00", "12:00"], ["13:30", "18:00"]]] * 5 + [[], []]


def problems(answer: Any) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in answer.json["errors"]}


def test_the_company_has_one_calendar_and_a_department_its_own(gateway: Any) -> None:
    china = next(one for one in gateway.call("GET", "calendars/shipped").json["items"] if one["key"] == "china")
    first = gateway.make("calendars", **china, is_default=True)
    second = gateway.make("calendars", name={"en": "Shop"}, timezone="Asia/Shanghai", week=WEEK, is_default=True)
    assert gateway.call("GET", f"calendars/{first['id']}").json["is_default"] is False
    sales = gateway.make("departments", name="Sales", calendar_id=first["id"])
    team = gateway.make("departments", name="Team", parent_id=sales["id"])
    other = gateway.make("departments", name="Other")
    directory = gateway.service.directory.snapshot(fresh=True)
    spans = {one["id"]: directory.calendar_of(one["id"], "UTC").spans for one in (sales, team, other)}
    holiday, made_up, monday = date(2026, 10, 1), date(2026, 10, 10), date(2026, 3, 2)
    assert [spans[one["id"]](holiday) for one in (sales, team)] == [(), ()]
    assert spans[team["id"]](made_up) == ((540, 1_080),)
    assert spans[other["id"]](monday) == ((540, 720), (810, 1_080))
    assert spans[other["id"]](holiday) != ()
    told = gateway.published(DIRECTORY_CHANGED)
    assert [violations(loads(message.to_json())) for message in told] == [[] for _ in told]
    heard = [one for message in told for one in message.data["calendars"]]
    assert [(one["id"], one["is_default"]) for one in heard] == [
        (first["id"], True), (first["id"], False), (second["id"], True)]
    assert gateway.call("DELETE", f"calendars/{first['id']}").json["code"] == "calendar_in_use"
    gateway.call("PATCH", f"departments/{sales['id']}", {"calendar_id": None})
    assert gateway.call("DELETE", f"calendars/{first['id']}").status_code == 204
    assert gateway.published(DIRECTORY_CHANGED)[-1].data["calendars"][0]["deleted"] is True


def test_shipped_calendars_are_accepted_and_those_of_china_have_all_announced_days(gateway: Any) -> None:
    shipped = gateway.call("GET", "calendars/shipped").json["items"]
    assert [gateway.make("calendars", **one)["key"] for one in shipped] == ["ordinary", "china"]
    china = read_calendar(shipped[1])
    days = [one["date"] for one in shipped[1]["days"]]
    assert days == sorted(set(days))
    assert sum(not one["spans"] for one in shipped[1]["days"]) == 33
    assert [one["date"] for one in shipped[1]["days"] if one["spans"]] == [
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
    assert [china.works_on(date(2026, *day)) for day in ((9, 20), (9, 25), (10, 7), (10, 8))] == [
        True, False, False, True]


def test_everything_wrong_with_a_calendar_is_told_with_its_place(gateway: Any) -> None:
    wrong = gateway.call("POST", "calendars", {
        "key": "No Key", "name": {"en": "x"}, "timezone": "Mars/Base", "week": [
            [["09:00", "25:00"]], [["09:00", "09:00"]], [["13:00", "18:00"], ["12:00", "14:00"]]],
        "days": [{"date": "2026-01-01", "spans": []}, {"date": "2026-01-01", "spans": []}]})
    assert problems(wrong) == {
        "/key": "not_a_key", "/timezone": "not_a_timezone", "/week": "not_a_week", "/week/0/0": "not_a_span",
        "/week/1/0": "not_a_span", "/week/2/1": "spans_overlap", "/days/1/date": "day_twice"}
    wrong_day = {"days": [{"date": "2026-02-30", "spans": []}]}
    for body, pointer in ((wrong_day, "/days/0/date"), ({"week": [1]}, "/week/0")):
        given = {"name": {"en": "x"}, "timezone": "UTC", "week": WEEK} | body
        answer = gateway.call("POST", "calendars", given)
        assert (answer.status_code, list(problems(answer))) == (422, [pointer])
    unknown = gateway.call("POST", "departments", {
        "name": "x", "calendar_id": "0192e4a0-0000-7000-8000-000000000000"})
    assert problems(unknown) == {"/calendar_id": "unknown_calendar"}
