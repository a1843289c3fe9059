"""Instances move to another version: what is accepted goes on as if that had begun it; the rest is told."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chassis.criteria import Scope
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.engine import advance
from services.workflow.model.processes.moving.plan import Plan
from services.workflow.model.processes.moving.positions import move
from services.workflow.model.processes.moving.waits import turned
from services.workflow.model.processes.state import State
from services.workflow.model.processes.stimuli import Begin, Decided, Occurred, Surroundings
from services.workflow.model.processes.waiting import waits_of, work_of
from tests.support.bpmn import approval, call, definition, end, many, message, node, signal, start, sub, timer, user
from tests.unit.workflow.test_process_properties import NOW, PEOPLE, Play, drawn

_AROUND = Surroundings({"amount": 5}, Scope(NOW), lambda _: PEOPLE, lambda _: None)
SEEDS = st.integers(0, 2**32)
FORK, JOIN = node("parallelGateway", "F"), node("parallelGateway", "J")
SPLIT = "Start>F F>A F>B A>J B>J J>End"


def under_way(of: Definition, dice: random.Random) -> Play:
    """An instance after a random number of steps that waits for something."""
    play = Play(of, dice)
    play.step(Begin())
    for _ in range(dice.randrange(12)):
        choices = sorted(play.choices(), key=repr)
        before = play.state
        if choices:
            play.step(dice.choice(choices))
        if play.state.ended:
            play.state = before
            break
    assume(not play.state.ended)
    return play


def finish(play: Play) -> None:
    """Play it to its end; nothing is left and its end is reached once."""
    play.noted = []
    for _ in range(2_000):
        if play.state.ended:
            break
        choices = sorted(play.choices(), key=repr)
        assert choices, "it waits for nothing"
        play.step(play.dice.choice(choices))
    assert play.state.frames == {}
    assert sum(one.what == "ended" and one.node == "End" for one in play.noted) == 1


def renamed(of: Definition) -> tuple[Definition, dict[str, str | None]]:
    """The same process with other ids of its nodes."""
    names = {id: f"{id}x" for id in of.nodes if id not in ("Start", "End")}
    new = {None: None, "": "", **names, "Start": "Start", "End": "End"}
    nodes = {new[id]: replace(one, id=new[id], parent=new[one.parent], attached_to=new[one.attached_to])
             for id, one in of.nodes.items()}
    flows = {f"{id}x": replace(flow, id=f"{id}x", source=new[flow.source], target=new[flow.target])
             for id, flow in of.flows.items()}
    return Definition(nodes, flows, {new.get(name, name): type for name, type in of.variables.items()}), dict(names)


@settings(max_examples=60, deadline=None)
@given(SEEDS, SEEDS)
def test_to_the_same_process_every_instance_moves_as_it_is(drawing: int, playing: int) -> None:
    of = drawn(drawing)
    play = under_way(of, random.Random(playing))
    plan = Plan(of, drawn(drawing), {})
    moved = move(plan, play.state)
    assert moved.obstacles == ()
    assert moved.state == play.state
    kept = turned(plan, play.state, moved.state)
    assert (len(kept.kept), kept.ended, kept.begun) == (len(waits_of(of, play.state)), frozenset(), frozenset())


@settings(max_examples=60, deadline=None)
@given(SEEDS, SEEDS)
def test_with_other_ids_an_instance_waits_for_the_same_and_comes_to_its_end(drawing: int, playing: int) -> None:
    of = drawn(drawing)
    play = under_way(of, random.Random(playing))
    other, names = renamed(of)
    moved = move(Plan(of, other, names), play.state)
    assert moved.obstacles == ()
    work, waits = work_of(of, play.state), waits_of(of, play.state)
    assert {(key, names[one.node], one.people) for key, one in work.items()} == {
        (key, one.node, one.people) for key, one in work_of(other, moved.state).items()}
    assert {(one.token, names[one.node], one.kind) for one in waits} == {
        (one.token, one.node, one.kind) for one in waits_of(other, moved.state)}
    finish(replace(play, definition=other, state=moved.state))


def with_more_tasks(of: Definition, dice: random.Random) -> Definition:
    """The same process with tasks added on its ways."""
    nodes, flows = dict(of.nodes), dict(of.flows)
    for id in dice.sample(sorted(flows), min(3, len(flows))):
        flow, new = flows[id], f"{id}."
        nodes[new] = replace(ONE.nodes["A"], id=new, parent=nodes[flow.source].parent)
        flows |= {id: replace(flow, target=new), f"{id}+": replace(flow, id=f"{id}+", source=new, condition=None)}
    return replace(of, nodes=nodes, flows=flows)


@settings(max_examples=60, deadline=None)
@given(SEEDS, SEEDS)
def test_steps_that_were_added_keep_nobody_and_are_done_where_they_still_lie_ahead(drawing: int, playing: int) -> None:
    of, dice = drawn(drawing), random.Random(playing)
    play = under_way(of, dice)
    other = with_more_tasks(of, dice)
    moved = move(Plan(of, other, {}), play.state)
    assert moved.obstacles == ()
    finish(replace(play, definition=other, state=moved.state))


@settings(max_examples=150, deadline=None)
@given(SEEDS, SEEDS, SEEDS)
def test_whatever_is_accepted_ends_as_the_new_version_does(old: int, new: int, playing: int) -> None:
    """Between processes that have nothing in common but ids, mapped at random: either it is refused with a place, or
    it ends once, as an instance that the new version began."""
    source, target = drawn(old), drawn(new)
    dice = random.Random(playing)
    play = under_way(source, dice)
    plan = Plan(source, target, {})
    mapped = {token.node: dice.choice(found).id for token in play.state.tokens.values()
              if (found := plan.choices(token.node))}
    moved = move(Plan(source, target, mapped), play.state)
    if moved.obstacles:
        assert moved.state == play.state
        assert all(one.node in source.nodes for one in moved.obstacles if one.node)
    else:
        finish(replace(play, definition=target, state=moved.state))


def standing(of: Definition, *stimuli: Any) -> State:
    """An instance after these."""
    play = Play(of, random.Random(1))
    for stimulus in (Begin(), *stimuli):
        play.state = advance(of, play.state, stimulus, _AROUND).state
    return play.state


def told(source: Definition, target: Definition, state: State, **mapped: str | None) -> list[tuple[str, str, str]]:
    return [(one.code, one.node, one.target) for one in move(Plan(source, target, mapped), state).obstacles]


def line(*nodes: str, flows: str, top: str = "") -> Definition:
    return definition(start(), *nodes, end(), flows=flows, top=top)


ONE = line(user("A"), flows="Start>A A>End")
BOTH = line(FORK, user("A"), user("B"), JOIN, flows=SPLIT)
MESSAGES = '<message id="M" name="paid"/><message id="N" name="sent"/><signal id="S" name="paid"/>'


@pytest.mark.parametrize(("target", "mapped", "code"), [
    (line(user("B"), flows="Start>B B>End"), {}, "gone"),
    (line(user("A"), flows="Start>A A>End"), {"A": None}, "stays"),
    (line(node("task", "A"), flows="Start>A A>End"), {}, "other_kind"),
    (line(user("A", many=many()), flows="Start>A A>End"), {}, "other_times"),
    (line(sub("P", start("s"), user("A"), end("e"), flows="s>A A>e"), flows="Start>P P>End"), {}, "other_scope"),
    (BOTH, {}, "join_waits"),
])
def test_what_keeps_a_task_where_it_is(target: Definition, mapped: dict[str, str | None], code: str) -> None:
    assert [one[0] for one in told(ONE, target, standing(ONE), **mapped)] == [code]


def test_branches_that_the_new_version_does_one_after_the_other_are_not_both_moved() -> None:
    one_by_one = line(user("A"), user("B"), flows="Start>A A>B B>End")
    assert told(BOTH, one_by_one, standing(BOTH)) == [("not_together", "B", "B")]
    merged = line(user("A"), flows="Start>A A>End")
    assert told(BOTH, merged, standing(BOTH), B="A") == [("not_together", "B", "A")]


def test_at_a_join_a_branch_may_be_drawn_differently_but_neither_come_nor_go() -> None:
    state = standing(BOTH)
    (a,) = (key[0] for key, one in work_of(BOTH, state).items() if one.node == "A")
    state = standing(BOTH, Decided(a, "done"))
    longer = line(FORK, user("A"), user("B"), user("C"), user("E"), JOIN,
                  flows="Start>F F>A F>B A>E E>J B>C C>J J>End")
    assert told(BOTH, longer, state) == []
    finish(Play(longer, random.Random(1), move(Plan(BOTH, longer, {}), state).state))
    third = line(FORK, user("A"), user("B"), user("C"), JOIN, flows="Start>F F>A F>B F>C A>J B>J C>J J>End")
    assert {one[0] for one in told(BOTH, third, state)} == {"join_waits"}
    other = line(FORK, user("X"), user("B"), JOIN, flows="Start>F F>X F>B X>J B>J J>End")
    assert told(BOTH, other, state) == [("other_way", "J", "J")]
    assert told(BOTH, other, state, A="X") == []


def test_several_instances_keep_their_number() -> None:
    def times(count: str) -> Definition:
        inner = sub("P", start("s"), user("A"), end("e"), flows="s>A A>e", inner=many(cardinality=count))
        return line(inner, flows="Start>P P>End")

    state = standing(times("2"))
    assert told(times("2"), times("2"), state) == []
    assert ("other_times", "P", "P") in told(times("2"), times("3"), state)


def test_a_process_that_is_called_stays_the_one_that_is_called() -> None:
    one, other = (line(call("C", key), flows="Start>C C>End") for key in ("credit", "other"))
    asks_more = line(call("C", "credit", get="score integer points"), flows="Start>C C>End")
    assert told(one, one, standing(one)) == []
    assert told(one, other, standing(one)) == [("other_call", "C", "C")]
    assert told(one, asks_more, standing(one)) == [("other_result", "C", "C")]


def test_a_value_that_has_another_type_now_keeps_its_instance() -> None:
    def calling(type: str) -> Definition:
        return line(call("C", "credit", get=f"score {type} points"), user("A"), flows="Start>C C>A A>End")

    before = standing(calling("integer"))
    known = replace(before, variables={"score": 3})
    assert told(calling("integer"), calling("text"), known)[-1] == ("other_type", "", "")


def test_decisions_and_their_tasks_keep_together_under_another_name() -> None:
    of = line(approval("A"), user("B"), node("exclusiveGateway", "G", default="End"), end("Bad"),
              flows='Start>A A>B B>G G>End G>Bad?process.A="rejected"')
    other = line(approval("A2"), user("B"), node("exclusiveGateway", "G", default="End"), end("Bad"),
                 flows='Start>A2 A2>B B>G G>End G>Bad?process.A2="rejected"')
    state = standing(of)
    (token,) = state.tokens
    state = advance(of, state, Decided(token, "rejected"), _AROUND).state
    moved = move(Plan(of, other, {"A": "A2"}), state)
    assert moved.state.variables["A2"] == "rejected"
    assert "A" not in moved.state.variables


def waiting(length: str, name: str, *more: str) -> Definition:
    return line(user("A"), node("boundaryEvent", "T", timer(length), attachedToRef="A"),
                node("boundaryEvent", "W", name, attachedToRef="A", cancelActivity="false"), *more,
                flows="Start>A A>End T>End W>End", top=MESSAGES)


def test_each_event_goes_on_begins_or_ends() -> None:
    of = waiting("P3D", message("M"))
    state = standing(of)

    def parts(target: Definition) -> dict[str, list[str]]:
        plan = Plan(of, target, {})
        after = turned(plan, state, move(plan, state).state)
        return {"kept": sorted(one.node for one in after.kept.values()),
                "recounted": [one.node for one in after.recounted.values()],
                "renamed": [one.node for one in after.renamed.values()],
                "ended": sorted(one.node for one in after.ended), "begun": sorted(one.node for one in after.begun)}

    nothing: dict[str, list[str]] = {"kept": [], "recounted": [], "renamed": [], "ended": [], "begun": []}
    assert parts(waiting("P3D", message("M"))) == nothing | {"kept": ["T", "W"]}
    assert parts(waiting("P5D", message("N"))) == nothing | {"recounted": ["T"], "renamed": ["W"]}
    assert parts(waiting("P3D", signal("S"))) == nothing | {"kept": ["T"], "ended": ["W"], "begun": ["W"]}
    assert parts(ONE) == nothing | {"ended": ["T", "W"]}


def test_what_has_occurred_beside_a_task_does_not_occur_again() -> None:
    of = waiting("P3D", message("M"))
    state = standing(of)
    (token,) = state.tokens
    state = advance(of, state, Occurred(token, "W"), _AROUND).state
    moved = move(Plan(of, waiting("P3D", message("M")), {}), state)
    assert moved.state.tokens[token].fired == ("W",)
