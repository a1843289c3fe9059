"""Open tasks go with a hand-over: with their records or to one person, never twice, and back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update

from chassis.ids import new_id
from services.workflow.events import NOTIFICATION_REQUESTED, TASK_CHANGED
from services.workflow.store.tables import task
from services.workflow.usecases import transferring
from tests.integration.workflow.conftest import World
from tests.integration.workflow.test_processes import Office
from tests.support.bpmn import approval, end, many, node, start

BASE = "/v1/task-transfers"


def as_service(world: World, method: str, path: str, json: Any = None) -> Any:
    answer = world.harness.call_as_service("workflow", method, BASE + path, json)
    assert answer.status_code == 200, answer.json
    return answer.json


def move(world: World, id: str, **body: Any) -> int:
    """Move until nothing is left; returns how many calls it took."""
    calls = 1
    while as_service(world, "POST", f"/{id}", body)["more"]:
        calls += 1
    return calls


def made(world: World, who: str, record: str | None = None, **more: Any) -> str:
    id = world.call("POST", "/v1/tasks", {"title": "Call back"} | more, as_user=who).json["id"]
    if record is not None:
        with world.harness.service.db.unit_of_work() as uow:
            uow.execute(update(task).where(task.c.id == id).values(link_object="lead", link_id=record, link_title="Ann",
                                                                   link_version=1))
    return id


def holders(world: World, *ids: str) -> list[str]:
    found = {row["id"]: row["assignee_id"] for row in world.rows("task")}
    return [found[id] for id in ids]


def test_tasks_about_records_go_with_them_and_the_rest_to_one_person(world: World) -> None:
    wang, li, zhao = world.sellers
    record, id = new_id(), new_id()
    about, other, closed = made(world, wang, record), made(world, wang), made(world, wang)
    world.call("POST", f"/v1/tasks/{closed}/complete", as_user=wang)
    assert as_service(world, "GET", f"/preview/{wang}") == {"open": 2}
    move(world, id, from_id=wang, records={record: zhao, new_id(): li})
    move(world, id, from_id=wang, to_id=li)
    assert holders(world, about, other, closed) == [zhao, li, wang]
    assert as_service(world, "GET", f"/{id}") == {"receivers": {li: 1, zhao: 1}, "given_back": 0, "kept": 0}
    assert world.harness.published(NOTIFICATION_REQUESTED) == []
    assert [one.data["action"] for one in world.harness.published(TASK_CHANGED)][-2:] == ["updated", "updated"]


def test_pieces_add_up_and_asking_again_moves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transferring, "PIECE", 2)
    wang, li, _ = world.sellers
    id, ids = new_id(), [made(world, wang) for _ in range(5)]
    assert move(world, id, from_id=wang, to_id=li) == 3
    assert move(world, id, from_id=wang, to_id=li) == 1
    assert as_service(world, "GET", f"/{id}")["receivers"] == {li: 5}
    assert {row["version"] for row in world.rows("task")} == {2}
    assert holders(world, *ids) == [li] * 5


def test_undoing_gives_back_what_is_open_and_still_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transferring, "PIECE", 2)
    wang, li, zhao = world.sellers
    id, ids = new_id(), [made(world, wang) for _ in range(4)]
    move(world, id, from_id=wang, to_id=li)
    world.call("POST", f"/v1/tasks/{ids[0]}/complete", as_user=li)
    world.call("PATCH", f"/v1/tasks/{ids[1]}", {"assignee_id": zhao}, as_user=li)
    while as_service(world, "POST", f"/{id}/undo")["more"]:
        pass
    assert holders(world, *ids) == [li, zhao, wang, wang]
    assert as_service(world, "GET", f"/{id}") == {"receivers": {li: 4}, "given_back": 2, "kept": 2}


def test_nothing_goes_to_somebody_who_has_left(world: World) -> None:
    wang, li, _ = world.sellers
    held = made(world, wang)
    gone = world.harness.user("Gone", active=False)
    assert move(world, new_id(), from_id=wang, to_id=gone) == 1
    assert move(world, new_id(), from_id=wang, records={new_id(): gone}) == 1
    assert holders(world, held) == [wang]
    assert world.call("POST", f"{BASE}/{new_id()}", {"from_id": wang, "to_id": li}).json["code"] == "services_only"


@pytest.mark.parametrize("body", [{}, {"from_id": "x"}, {"from_id": new_id(), "records": {}},
                                  {"from_id": new_id(), "records": {"x": "y"}}, {"from_id": new_id(), "who": 1}])
def test_what_makes_no_sense_is_refused(world: World, body: Any) -> None:
    answer = world.harness.call_as_service("workflow", "POST", f"{BASE}/{new_id()}", body)
    assert answer.status_code == 422
    assert answer.json["errors"]


def test_what_undoing_has_left_is_named_with_the_reason_and_only_to_who_may_hand_over(world: World) -> None:
    wang, li, zhao = world.sellers
    id = new_id()
    closed, moved, gone, back = (made(world, wang, title=title) for title in ("Closed", "Moved", "Gone", "Back"))
    about = made(world, wang, new_id(), title="About")
    move(world, id, from_id=wang, to_id=li)
    for task_id in (closed, about):
        world.call("POST", f"/v1/tasks/{task_id}/complete", as_user=li)
    world.call("PATCH", f"/v1/tasks/{moved}", {"assignee_id": zhao}, as_user=li)
    with world.harness.service.db.unit_of_work() as uow:
        uow.execute(delete(task).where(task.c.id == gone))
    as_service(world, "POST", f"/{id}/undo")
    page = world.call("GET", f"{BASE}/{id}/kept").json
    assert {one["id"]: (one["title"], one["assignee_id"], one["code"]) for one in page["items"]} == {
        closed: ("Closed", li, "task_closed"), moved: ("Moved", zhao, "task_moved"), gone: (None, None, "task_gone"),
        about: ("About", li, "task_closed")}
    assert all(one["detail"] and not one["detail"].startswith("error.") for one in page["items"])
    assert {one["link"]["title"] for one in page["items"] if one["link"]} == {"Ann"}
    assert holders(world, back) == [wang]
    first = world.call("GET", f"{BASE}/{id}/kept?limit=3").json
    rest = world.call("GET", f"{BASE}/{id}/kept?cursor={first['next_cursor']}").json
    assert [one["id"] for one in (*first["items"], *rest["items"])] == sorted([closed, moved, gone, about])
    assert world.call("GET", f"{BASE}/{id}/kept", as_user=li).status_code == 403
    blind = world.harness.user("Blind", roles=(world.harness.role({}, ("users.manage",)),))
    told = world.call("GET", f"{BASE}/{id}/kept", as_user=blind).json["items"]
    assert {(one["title"], one["link"]) for one in told} == {(None, None)}


def test_nobody_comes_to_have_two_voices_in_one_step(world: World) -> None:
    office = Office(world)
    both = "".join(f'<fh:person id="{one}"/>' for one in (office.li, office.zhao))
    office.start(office.publish(
        start(), approval("A", both, many=many()), node("exclusiveGateway", "G", default="End"), end(),
        node("task", "N"),
        flows='Start>A A>G G>N?process.outcome="rejected" G>End'))
    refused = office.act(office.li, "hand-over", person_id=office.zhao)
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "has_step_already")
    id = new_id()
    move(world, id, from_id=office.li, to_id=office.zhao)
    assert sorted(row["assignee_id"] for row in world.rows("task")) == sorted([office.li, office.zhao])
    other = made(world, office.li)
    move(world, id, from_id=office.li, to_id=office.zhao)
    assert holders(world, other) == [office.zhao]
