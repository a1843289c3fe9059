"""An erased person is in no task and no run any more; dates, states and people stay."""

from __future__ import annotations

from chassis.ids import new_id
from services.workflow.consumers import PERSON_ERASED
from tests.integration.workflow.conftest import World, a_change

NAME = "欧阳娜娜"


def test_words_about_an_erased_person_go_and_the_rest_stays(world: World) -> None:
    world.rule(actions=[{"type": "create_task", "title": {"en": f"Call {NAME}"},
                         "assignee": {"user_id": world.sellers[0]}}], criteria={"all": []})
    person, other = new_id(), new_id()
    for id, name in ((person, NAME), (other, "Ann")):
        world.deliver(world.message(a_change(id=id, name=name)))
    before = {row["link_id"]: row for row in world.rows("task", "id")}
    world.deliver(world.harness.message(PERSON_ERASED, {
        "object": "lead", "ids": [person], "by": None, "at": "2026-03-01T08:00:00Z"}, source="/freehold/customer"))
    after = {row["link_id"]: row for row in world.rows("task", "id")}
    runs = {row["record_id"]: row for row in world.rows("rule_run", "id")}
    assert (after[person]["title"]["en"], after[person]["link_title"]) == ("[erased]", "[erased]")
    assert after[other] == before[other]
    kept = ("state", "due_at", "assignee_id", "created_at", "link_id")
    assert {name: after[person][name] for name in kept} == {name: before[person][name] for name in kept}
    assert NAME not in str(after[person]) + str(runs[person])
    assert (runs[person]["outcome"], runs[other]["record_title"]) == ("done", "Ann")
