"""The token engine: what is thrown and who hears it, messages that are waited for, decision tables."""

from __future__ import annotations

import pytest

from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.stimuli import CannotGoOn, Sent
from tests.support.bpmn import (
    correlation,
    definition,
    end,
    many,
    message,
    node,
    raising,
    start,
    sub,
    table,
    timer,
    user,
)
from tests.unit.workflow.test_process_engine import Game

RAISED = '<escalation id="e" name="late" escalationCode="late"/><error id="x" name="broken"/>'


def raised(inner: str, boundary: str) -> Definition:
    """Beside a step B something is thrown within a sub-process that runs twice, and perhaps caught at it."""
    return definition(
        start(), sub("Sub", start("S"), node("parallelGateway", "P"), user("B"), user("C"), inner, flows=(
            "S>P P>B P>C C>T"), inner=many(cardinality="1")), user("Next"), user("Boss"), boundary,
        flows="Start>Sub Sub>Next Event>Boss", top=RAISED)


def at_sub(inner: str, cancel: str = "true") -> str:
    return node("boundaryEvent", "Event", inner, attachedToRef="Sub", cancelActivity=cancel)


def test_an_escalation_is_caught_around_and_takes_away_what_it_interrupts_or_comes_beside_it() -> None:
    thrown = end("T", raising("escalation", "e"))
    people = {"B": ("bob",), "C": ("cid",), "Boss": ("boss",)}
    for by in (raising("escalation", "e"), raising("escalation")):  # its code, or any
        assert Game(raised(thrown, at_sub(by)), people=people).decide("cid").open == ["Boss"]
        beside = Game(raised(thrown, at_sub(by, "false")), people=people).decide("cid")
        assert beside.open == ["B", "Boss"]
        assert beside.decide("bob").decide("boss").open == ["Next"]


def test_what_waits_for_an_error_hears_no_escalation_and_nobody_has_to() -> None:
    game = Game(raised(end("T", raising("escalation", "e")), at_sub(raising("error"))),
                people={"B": ("bob",), "C": ("cid",)})
    assert game.decide("cid").open == ["B"]
    assert ("T", "thrown") in game.history


def test_an_error_is_caught_around_and_ends_everything_where_nobody_catches_it() -> None:
    people = {"B": ("bob",), "C": ("cid",)}
    thrown = end("T", raising("error", "x"))
    assert Game(raised(thrown, at_sub(raising("error", "x"))), people=people).decide("cid").open == ["Boss"]
    assert Game(raised(thrown, at_sub(raising("escalation"))), people=people).decide("cid").state.ended


def test_messages_are_sent_about_the_record_or_what_a_formula_gives() -> None:
    game = Game(definition(
        start(), node("sendTask", "T", correlation("name"), messageRef="m"), end("End", message("m")),
        flows="Start>T T>End", top='<message id="m" name="answer"/>'), {"id": "r", "name": "Ann"})
    assert game.sent == [Sent("answer", "Ann"), Sent("answer", "r")]
    with pytest.raises(CannotGoOn, match="correlation"):
        Game(game.definition, {"id": "r", "name": None})


def test_a_receive_task_waits_also_behind_an_event_gateway_and_has_events_at_it() -> None:
    top = '<message id="m" name="answer"/>'
    receive = node("receiveTask", "R", messageRef="m")
    alone = definition(start(), receive, user("A"), end(), node("boundaryEvent", "Late", timer(), attachedToRef="R"),
                       flows="Start>R R>A Late>End", top=top)
    assert Game(alone).waits == ["Late", "R"]
    assert Game(alone).occur("R").open == ["A"]
    assert Game(alone).occur("Late").state.ended
    raced = definition(start(), node("eventBasedGateway", "G"), receive, node("intermediateCatchEvent", "T", timer()),
                       user("A"), user("B"), flows="Start>G G>R G>T R>A T>B", top=top)
    assert (Game(raced).occur("R").open, Game(raced).occur("T").open) == (["A"], ["B"])
    twice = definition(start(), node("receiveTask", "R", many(cardinality="2"), messageRef="m"), flows="Start>R",
                       top=top)
    assert Game(twice).occur("R").waits == ["R"]
    assert Game(twice).occur("R").occur("R").state.ended


@pytest.mark.parametrize(("amount", "level"), [(500, "high"), (50, "middle"), (5, None), (None, None)])
def test_the_first_row_of_a_decision_table_that_holds_gives_the_value(amount: int | None, level: str | None) -> None:
    parts = definition(start(), table("Rate", "level", ("amount > 100", '"high"'), ("amount > 10", '"middle"')),
                       user("A"), flows="Start>Rate Rate>A")
    assert Game(parts, {"amount": amount}).state.variables["level"] == level
