"""Boards that come by themselves: each recipient his own numbers, once, whatever dies."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select, update

from chassis.clock import from_wire, utcnow
from chassis.jobs import JobRunner
from services.report.events import NOTIFICATION_REQUESTED
from services.report.store.tables import board_file, board_schedule
from services.report.usecases import sending
from tests.integration.report.conftest import House, grant
from tests.integration.report.test_board_files import board, rows

DAILY = {"every": "day", "at": "08:30", "timezone": "Asia/Shanghai"}
COUNT = [{"key": "count", "kind": "kpi", "title": {"en": "Leads"}, "query": {"object": "lead"},
          "layout": {"x": 0, "y": 0, "w": 3, "h": 2}}]


def made(house: House, who: str, board_id: str, **more: Any) -> dict[str, Any]:
    answer = house.ask(who, "/board-schedules", {"dashboard_id": board_id, **DAILY, **more})
    assert answer.status_code == 201, answer.json
    return answer.json


def pass_time(house: House, days: int = 1) -> None:
    """What is due in so many days is due now."""
    with house.report.service.db.unit_of_work() as uow:
        for row in uow.execute(select(board_schedule)).all():
            uow.execute(update(board_schedule).where(board_schedule.c.id == row.id).values(
                next_at=row.next_at - timedelta(days=days)))


def send(house: House) -> None:
    sending.start_due(house.report.service)
    while JobRunner(house.report.service).run_one():
        pass


def told(house: House) -> list[dict[str, Any]]:
    return [wish for message in house.report.published(NOTIFICATION_REQUESTED)
            for wish in message.data["notifications"]]


def number(house: House, who: str, file_id: str) -> Any:
    answer = house.ask(who, f"/board-files/{file_id}", method="GET")
    assert answer.status_code == 200, answer.json
    return rows(openpyxl.load_workbook(io.BytesIO(answer.data))["Leads"])[1][0]


def test_each_gets_what_he_may_see_when_it_is_time(house: House) -> None:
    rep = house.user("王芳", objects={"lead": grant("own")}, locale="zh-CN")
    boss = house.user("Boss", objects={"lead": grant("all")})
    house.lead(rep)
    house.lead()
    house.sync()
    one = board(house, widgets=COUNT)
    schedule = made(house, house.admin, one["id"], recipients=[rep, boss])
    due = from_wire(schedule["next_at"])
    assert (due.hour, due.minute) == (0, 30)
    assert timedelta(0) < due - utcnow() <= timedelta(days=1)
    send(house)
    assert told(house) == []  # it is not time
    pass_time(house)
    send(house)
    first, second = told(house)
    assert [(one["user_id"], one["template"]) for one in (first, second)] == [(rep, "board_sent"), (boss, "board_sent")]
    assert [one["params"]["file"].split()[0] for one in (first, second)] == ["销售", "Sales"]
    assert number(house, rep, first["params"]["file_id"]) == 1
    assert number(house, boss, second["params"]["file_id"]) == 2
    assert house.ask(rep, f"/board-files/{second['params']['file_id']}", method="GET").status_code == 404
    send(house)
    assert len(told(house)) == 2
    later = house.ask(house.admin, f"/board-schedules/{schedule['id']}", method="GET").json
    assert from_wire(later["next_at"]) == due
    assert later["last_at"] is not None


def test_a_killed_job_goes_on_with_the_next_person(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [house.user(f"P{number}", objects={"lead": grant("all")}) for number in range(3)]
    house.sync()
    schedule = made(house, house.admin, board(house, widgets=COUNT)["id"], recipients=people)
    real, calls = sending.board_file, []

    def dies(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise MemoryError
        return real(*given)

    monkeypatch.setattr(sending, "board_file", dies)
    assert house.ask(house.admin, f"/board-schedules/{schedule['id']}/send").status_code == 202
    assert JobRunner(house.report.service).run_one()
    assert [one["user_id"] for one in told(house)] == people[:1]
    monkeypatch.setattr("chassis.jobs.utcnow", lambda: utcnow() + timedelta(minutes=1))
    assert JobRunner(house.report.service).run_one()
    assert [one["user_id"] for one in told(house)] == people


def test_who_always_fails_keeps_nobody_else_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [house.user(f"P{number}", objects={"lead": grant("all")}) for number in range(3)]
    house.sync()
    schedule = made(house, house.admin, board(house, widgets=COUNT)["id"], recipients=people)
    real = sending.board_file

    def fails(service: Any, principal: Any, *given: Any) -> Any:
        if principal.user_id == people[1]:
            raise ValueError("his file")
        return real(service, principal, *given)

    monkeypatch.setattr(sending, "board_file", fails)
    house.ask(house.admin, f"/board-schedules/{schedule['id']}/send")
    for minutes in range(3):
        assert [one["user_id"] for one in told(house)] == people[:1 if minutes else 0]
        monkeypatch.setattr("chassis.jobs.utcnow", lambda minutes=minutes: utcnow() + timedelta(minutes=minutes))
        assert JobRunner(house.report.service).run_one()
    assert [one["user_id"] for one in told(house)] == [people[0], people[2]]


def test_who_left_or_sees_nothing_gets_nothing(house: House) -> None:
    gone = house.user("Gone", objects={"lead": grant("all")})
    blind = house.user("Blind", objects={"customer": grant("all")})
    house.sync()
    one = board(house, widgets=COUNT)
    made(house, house.admin, one["id"], recipients=[gone, blind, house.admin])
    body = house.report.service.directory.snapshot().users[gone]
    house.report.update("users", dict(body) | {"active": False})
    pass_time(house)
    send(house)
    assert [wish["user_id"] for wish in told(house)] == [house.admin]
    house.ask(house.admin, f"/dashboards/{one['id']}", {"visibility": "private"}, method="PATCH")
    pass_time(house)
    send(house)
    assert [wish["user_id"] for wish in told(house)] == [house.admin] * 2
    house.ask(house.admin, f"/dashboards/{one['id']}", method="DELETE")
    assert house.ask(house.admin, "/board-schedules", method="GET").json["items"] == []


def test_a_schedule_is_changed_switched_off_and_taken_away_by_who_made_it(house: House) -> None:
    rep, other = house.user("Rep"), house.user("Other")
    one = board(house, widgets=COUNT)
    mine = made(house, rep, one["id"])
    assert mine["recipients"] == [rep]
    path = f"/board-schedules/{mine['id']}"
    for method in ("GET", "PATCH", "DELETE"):
        assert house.ask(other, path, {} if method == "PATCH" else None, method=method).status_code == 404
    assert house.ask(other, f"{path}/send").status_code == 404
    changed = house.ask(rep, path, {"every": "month", "day": 31, "at": "09:00"}, method="PATCH").json
    assert (changed["version"], from_wire(changed["next_at"]).astimezone(UTC).hour) == (2, 1)
    assert house.ask(rep, path, {"at": "09:00"}, method="PATCH").json["version"] == 2
    stale = house.ask(rep, path, {"at": "10:00"}, method="PATCH", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert house.ask(rep, path, {"enabled": False}, method="PATCH").json["next_at"] is None
    pass_time(house, 40)
    send(house)
    assert told(house) == []
    assert [one["id"] for one in house.ask(house.admin, "/board-schedules", method="GET").json["items"]] == [mine["id"]]
    assert house.ask(other, "/board-schedules", method="GET").json["items"] == []
    assert house.ask(rep, path, method="DELETE").status_code == 204


def test_who_left_does_not_keep_a_schedule_from_being_changed(house: House) -> None:
    gone, late = house.user("Gone"), house.user("Late")
    mine = made(house, house.admin, board(house, widgets=COUNT)["id"], recipients=[gone, house.admin])
    for id in (gone, late):
        house.report.update("users", dict(house.report.service.directory.snapshot().users[id]) | {"active": False})
    path = f"/board-schedules/{mine['id']}"
    assert house.ask(house.admin, path, {"enabled": False}, method="PATCH").status_code == 200
    added = house.ask(house.admin, path, {"recipients": [gone, late]}, method="PATCH")
    assert [error["pointer"] for error in added.json["errors"]] == ["/recipients/1"]


def test_what_is_due_waits_for_its_numbers_and_survives_a_lost_time_zone(house: House) -> None:
    one = board(house, widgets=COUNT)
    lost, kept = (made(house, house.admin, one["id"]) for _ in range(2))
    with house.report.service.db.unit_of_work() as uow:
        uow.execute(update(board_schedule).where(board_schedule.c.id == lost["id"]).values(timezone="Asia/Gone"))
    pass_time(house)
    house.sync()
    model = house.report.service.parts["read_model"]
    with model.file.writing() as cursor:
        cursor.execute("UPDATE state SET complete = false")  # it is being built
    send(house)
    assert house.ask(house.admin, f"/board-schedules/{kept['id']}", method="GET").json["last_at"] is None
    with model.file.writing() as cursor:
        cursor.execute("UPDATE state SET complete = true")
    send(house)
    assert len(told(house)) == 2
    entries = [message.data for message in house.report.published("freehold.report.audit.recorded.v1")]
    assert {(entry["action"], entry["actor"]["id"], entry["detail"]["schedule"]) for entry in entries} == {
        ("dashboard.exported", house.admin, schedule["id"]) for schedule in (lost, kept)}


def test_files_go_after_a_week(house: House) -> None:
    house.sync()
    schedule = made(house, house.admin, board(house, widgets=COUNT)["id"])
    house.ask(house.admin, f"/board-schedules/{schedule['id']}/send")
    send(house)
    sending.forget_files(house.report.service)
    with house.report.service.db.unit_of_work() as uow:
        assert uow.execute(select(func.count()).select_from(board_file)).scalar() == 1
        uow.execute(update(board_file).values(created_at=utcnow() - timedelta(days=8)))
    sending.forget_files(house.report.service)
    [wish] = told(house)
    assert house.ask(house.admin, f"/board-files/{wish['params']['file_id']}", method="GET").status_code == 404


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"every": "hour"}, "/every"), ({"every": "week"}, "/weekday"), ({"weekday": 3}, "/weekday"),
    ({"every": "month", "day": 32}, "/day"), ({"every": "month"}, "/day"), ({"at": "24:00"}, "/at"),
    ({"at": "8:30"}, "/at"), ({"at": "08:30:10"}, "/at"), ({"timezone": "Mars/Olympus"}, "/timezone"),
    ({"recipients": ["x"]}, "/recipients/0"),
    ({"recipients": ["0198f0a0-0000-7000-8000-000000000001"]}, "/recipients/0"),
    ({"enabled": 1}, "/enabled"), ({"color": "red"}, "/color"),
]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_wrong_schedule_is_told_where(house: House) -> None:
    one, rep = board(house, widgets=COUNT), house.user("Rep")
    for more, pointer in WRONG:
        answer = house.ask(house.admin, "/board-schedules", {"dashboard_id": one["id"], **DAILY, **more})
        assert answer.status_code == 422, (more, answer.json)
        assert pointer in [error["pointer"] for error in answer.json["errors"]], (more, answer.json)
    to_others = house.ask(rep, "/board-schedules", {"dashboard_id": one["id"], **DAILY, "recipients": [house.admin]})
    assert to_others.json["errors"][0]["code"] == "own_only"
    hidden = board(house, visibility="private", widgets=COUNT)
    assert house.ask(rep, "/board-schedules", {"dashboard_id": hidden["id"], **DAILY}).status_code == 404
    assert datetime.now(UTC) < from_wire(made(house, rep, one["id"])["next_at"])
