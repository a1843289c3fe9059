"""Deputies: new tasks and approvals go to them with a word for whom, both see them, and it ends by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import to_wire, utcnow
from services.workflow.store.tables import absence
from tests.integration.workflow.conftest import World, a_change
from tests.integration.workflow.test_approvals import form, publish, step
from tests.integration.workflow.test_processes import Office

PATH = "/v1/absences"
DAY = timedelta(days=1)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def away(office: Office, who: str, deputy: str, starts: datetime | None = None, ends: datetime | None = None,
         **more: Any) -> Any:
    now = utcnow()
    return office.world.call("POST", PATH, {
        "deputy_id": deputy, "starts_at": to_wire(starts or now - DAY), "ends_at": to_wire(ends or now + DAY)} | more,
        as_user=who)


def absences(office: Office, who: str) -> list[dict[str, Any]]:
    return office.world.call("GET", PATH, as_user=who).json["items"]


def over(office: Office) -> None:
    """Let time pass for all absences."""
    with office.world.harness.service.db.unit_of_work() as uow:
        uow.execute(update(absence).values(ends_at=utcnow() - timedelta(seconds=1)))


def behalf(office: Office, who: str) -> list[tuple[str, str | None]]:
    """The open tasks of somebody, and for whom each is."""
    return [(one["title"], (one["on_behalf_of"] or {}).get("id")) for one in office.tasks(who)]


def test_an_approval_goes_to_the_deputy_and_the_history_says_for_whom(office: Office) -> None:
    assert away(office, office.li, office.zhao).status_code == 201
    instance = office.start(publish(office, form(step(office.li))))
    assert (behalf(office, office.li), behalf(office, office.zhao)) == ([], [("Boss", office.li)])
    seen = office.world.call("GET", "/v1/tasks?view=deputy&state=open", as_user=office.li).json["items"]
    assert [(one["assignee_id"], one["on_behalf_of"]["name"]) for one in seen] == [(office.zhao, "Li")]
    assert [one["template"] for one in office.told(office.zhao)][-1] == "task_assigned"
    sees = {who: office.world.call("GET", f"/v1/instances/{instance['id']}", as_user=who).status_code
            for who in (office.li, office.zhao)}
    assert sees == {office.li: 200, office.zhao: 200}, "who is away sees what becomes of it"
    office.approve(office.zhao)
    lines = office.world.call("GET", f"/v1/instances/{instance['id']}/history", as_user=office.wang).json["items"]
    assert [(one["by"]["id"], one["detail"]) for one in lines if one["what"] == "approved"] == [
        (office.zhao, {"for": office.li})]


def test_it_begins_and_ends_by_itself(office: Office) -> None:
    later = utcnow() + DAY
    away(office, office.li, office.zhao, starts=later, ends=later + DAY)
    made = publish(office, form(step(office.li)))
    office.start(made)
    assert behalf(office, office.li) == [("Boss", None)], "it has not begun"
    away(office, office.li, office.zhao, ends=later)
    office.start(made)
    over(office)
    office.start(made)
    assert behalf(office, office.li) == [("Boss", None)] * 2
    assert behalf(office, office.zhao) == [("Boss", office.li)]
    assert absences(office, office.li) == []


def test_nobody_decides_his_own_application_as_a_deputy(office: Office) -> None:
    away(office, office.li, office.wang)
    office.start(publish(office, form(step(office.li))))
    assert (behalf(office, office.wang), behalf(office, office.li)) == ([], [("Boss", None)])


def test_a_deputy_who_is_away_has_his_own_and_a_circle_ends(office: Office) -> None:
    away(office, office.li, office.zhao)
    away(office, office.zhao, office.world.admin)
    made = publish(office, form(step(office.li)))
    office.start(made)
    assert behalf(office, office.world.admin) == [("Boss", office.li)]
    away(office, office.world.admin, office.li)
    office.start(made)
    assert behalf(office, office.world.admin) == [("Boss", office.li)] * 2


def test_tasks_of_people_and_of_rules_go_to_the_deputy_and_he_can_give_them_back(office: Office) -> None:
    away(office, office.li, office.zhao)
    office.world.call("POST", "/v1/tasks", {"title": "Call", "assignee_id": office.li}, as_user=office.wang)
    office.world.call("POST", "/v1/tasks", {"title": "Mine"}, as_user=office.li)
    office.world.rule(actions=[{"type": "create_task", "title": {"en": "Visit"}, "assignee": {"user_id": office.li}}])
    office.world.deliver(office.world.message(a_change("created", **office.lead)))
    assert sorted(behalf(office, office.zhao)) == [("Call", office.li), ("Visit", office.li)]
    assert behalf(office, office.li) == [("Mine", None)]
    call = next(one for one in office.tasks(office.zhao) if one["title"] == "Call")
    back = office.world.call("PATCH", f"/v1/tasks/{call['id']}", {"assignee_id": office.li}, as_user=office.zhao)
    assert (back.json["assignee_id"], back.json["on_behalf_of"]) == (office.li, None)


def test_both_see_it_an_administrator_may_say_it_and_strangers_may_not(office: Office) -> None:
    assert away(office, office.wang, office.zhao, person_id=office.li).status_code == 403
    made = away(office, office.world.admin, office.zhao, person_id=office.li)
    assert (made.status_code, made.json["person"]["name"], made.json["now"]) == (201, "Li", True)
    assert [[one["id"] for one in absences(office, who)] for who in (office.li, office.zhao, office.wang)] == [
        [made.json["id"]], [made.json["id"]], []]
    told = [one["params"]["message"]["en"] for who in (office.li, office.zhao) for one in office.told(who)]
    assert len(told) == 2
    assert told[0].startswith("Zhao stands in for Li from ")
    path = f"{PATH}/{made.json['id']}"
    assert [office.world.call("DELETE", path, as_user=who).status_code for who in (
        office.wang, office.zhao, office.li)] == [404, 403, 204]
    assert absences(office, office.zhao) == []


def test_the_history_tells_for_whom_a_deputy_sent_something_back(office: Office) -> None:
    away(office, office.zhao, office.world.admin)
    instance = office.start(publish(office, form(step(office.li), step(office.zhao))))
    office.approve(office.li)
    (task,) = office.tasks(office.world.admin)
    (first,) = office.diagram(instance)["tokens"][0]["back_to"]
    sent = office.world.call("POST", f"/v1/tasks/{task['id']}/send-back", {"to": first["node"], "comment": "Again"},
                             as_user=office.world.admin)
    assert sent.status_code == 200, sent.json
    lines = office.world.call("GET", f"/v1/instances/{instance['id']}/history", as_user=office.wang).json["items"]
    assert [one["detail"]["for"] for one in lines if one["what"] == "sent_back"] == [office.zhao]


def test_what_cannot_be_is_refused(office: Office) -> None:
    now = utcnow()
    answers = [away(office, office.li, office.li), away(office, office.li, office.lead["id"]),
               away(office, office.li, office.zhao, ends=now - DAY / 2),
               away(office, office.li, office.zhao, ends=now + 400 * DAY)]
    assert [(one.status_code, one.json["errors"][0]["pointer"], one.json["errors"][0]["code"]) for one in answers] == [
        (422, "/deputy_id", "yourself"), (422, "/deputy_id", "user_unknown"), (422, "/ends_at", "absence_over"),
        (422, "/ends_at", "absence_too_long")]
    away(office, office.li, office.zhao)
    again = away(office, office.li, office.wang, starts=now, ends=now + 3 * DAY)
    assert (again.status_code, again.json["code"]) == (409, "absence_overlaps")
