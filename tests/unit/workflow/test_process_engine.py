"""The token engine: each element does what BPMN says, step by step, without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.criteria import Scope
from services.workflow.model.processes.definition import Definition, Node
from services.workflow.model.processes.engine import advance
from services.workflow.model.processes.run import MAX_STEPS
from services.workflow.model.processes.state import State, Token, state_from_json
from services.workflow.model.processes.stimuli import (
    Begin,
    CannotGoOn,
    Decided,
    Joined,
    Occurred,
    Sent,
    SentBack,
    Served,
    Surroundings,
)
from services.workflow.model.processes.waiting import waits_of, work_of
from tests.support.bpmn import (
    approval,
    definition,
    end,
    formula,
    many,
    message,
    node,
    service,
    signal,
    start,
    sub,
    timer,
    user,
)

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass
class Game:
    """One instance in memory; its state goes through JSON after every step, as in the database."""

    definition: Definition
    record: dict[str, Any] = field(default_factory=dict)
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    orders: list[str] = field(default_factory=list)
    state: State = field(default_factory=State)
    history: list[tuple[str, str]] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stimulate(Begin())

    def stimulate(self, stimulus: Any) -> Game:
        around = Surroundings(self.record, Scope(NOW), lambda node: self.people.get(node.id, ("ann",)), self._act)
        step = advance(self.definition, self.state, stimulus, around)
        self.state = state_from_json(step.state.to_json())
        self.thrown += step.thrown
        self.sent += step.sent
        self.history += [(noted.node, noted.what) for noted in step.noted]
        return self

    def _act(self, node: Node) -> str | None:
        self.orders.append(node.id)
        return None if node.name.startswith("quick") else f"order of {node.id}"

    def at(self, node: str) -> Token:
        return next(token for token in self.state.tokens.values() if token.node == node)

    def decide(self, person: str, outcome: str = "approved") -> Game:
        work = next(one for one in work_of(self.definition, self.state).values() if person in one.people)
        return self.stimulate(Decided(work.token, outcome))

    def occur(self, event: str) -> Game:
        wait = next(one for one in waits_of(self.definition, self.state) if one.node == event)
        return self.stimulate(Occurred(wait.token, event))

    @property
    def open(self) -> list[str]:
        """The user tasks that people have now."""
        return sorted(one.node for one in work_of(self.definition, self.state).values())

    @property
    def holders(self) -> list[tuple[str, ...]]:
        return [one.people for one in work_of(self.definition, self.state).values()]

    @property
    def waits(self) -> list[str]:
        return sorted(one.node for one in waits_of(self.definition, self.state))


def test_a_process_without_waiting_ends_at_once() -> None:
    game = Game(definition(start(), node("task", "A"), end(), flows="Start>A A>End"))
    assert game.state.ended
    assert game.state.frames == {}
    assert game.history == [("Start", "left"), ("A", "passed"), ("A", "left"), ("End", "ended")]


def test_an_exclusive_gateway_takes_the_first_open_flow_and_else_the_default() -> None:
    parts = definition(start(), node("exclusiveGateway", "G", default="C"), user("A"), user("B"), user("C"),
                       flows="Start>G G>A?amount>100 G>B?amount>10 G>C")
    assert [Game(parts, {"amount": amount}).open for amount in (500, 50, 5, None)] == [["A"], ["B"], ["C"], ["C"]]


def test_a_parallel_join_waits_for_every_branch() -> None:
    game = Game(definition(
        start(), node("parallelGateway", "S"), user("A"), user("B"), node("parallelGateway", "J"), user("C"),
        flows="Start>S S>A S>B A>J B>J J>C"), people={"B": ("bob",)})
    assert game.open == ["A", "B"]
    assert game.decide("ann").open == ["B"]
    assert game.decide("bob").open == ["C"]
    assert game.decide("ann").state.ended


@pytest.mark.parametrize(("amount", "branches"), [(5, ["A"]), (50, ["A", "B"]), (500, ["A", "B", "C"])])
def test_an_inclusive_join_waits_for_just_the_branches_that_were_taken(amount: int, branches: list[str]) -> None:
    game = Game(definition(
        start(), node("inclusiveGateway", "S"), user("A"), user("B"), user("C"),
        node("inclusiveGateway", "J"), user("Z"),
        flows="Start>S S>A S>B?amount>10 S>C?amount>100 A>J B>J C>J J>Z"),
        {"amount": amount}, {name: (name,) for name in "ABC"})
    assert game.open == branches
    for name in branches[:-1]:
        assert "Z" not in game.decide(name).open
    assert game.decide(branches[-1]).open == ["Z"]


def test_an_inclusive_join_opens_when_a_boundary_event_takes_away_what_it_waited_for() -> None:
    game = Game(definition(
        start(), node("inclusiveGateway", "S"), user("A"), user("B"), node("inclusiveGateway", "J"), user("Z"), end(),
        node("boundaryEvent", "Late", timer(), attachedToRef="B"),
        flows="Start>S S>A S>B A>J B>J J>Z Late>End"), people={"B": ("bob",)})
    game.decide("ann")
    assert game.open == ["B"]
    assert game.occur("Late").open == ["Z"]


def test_a_token_in_a_loop_through_the_join_itself_is_not_waited_for() -> None:
    """Standard: ways that visit the gateway itself do not count."""
    game = Game(definition(
        start(), node("inclusiveGateway", "J"), user("A"), node("exclusiveGateway", "G", default="End"), end(),
        flows="Start>J J>A A>G G>J?process.outcome=\"rejected\" G>End"))
    assert game.open == ["A"]
    assert game.decide("ann", "rejected").open == ["A"]
    assert game.decide("ann").state.ended


def test_a_terminate_end_ends_everything_in_its_process() -> None:
    game = Game(definition(
        start(), node("parallelGateway", "S"), user("A"), user("B"), end("T", "<terminateEventDefinition/>"), end(),
        flows="Start>S S>A S>B A>T B>End"), people={"B": ("bob",)})
    assert game.decide("ann").state.ended


def test_a_terminate_end_in_a_sub_process_leaves_the_rest_alone() -> None:
    game = Game(definition(
        start(), sub("Sub", start("S"), node("parallelGateway", "P"), user("A"), user("B"),
                     end("T", "<terminateEventDefinition/>"), flows="S>P P>A P>B A>T B>T"), user("C"),
        flows="Start>Sub Sub>C"), people={"B": ("bob",)})
    assert game.open == ["A", "B"]
    assert game.decide("bob").open == ["C"]


def test_a_timer_and_a_message_race_behind_an_event_gateway() -> None:
    parts = definition(
        start(), node("eventBasedGateway", "G"), node("intermediateCatchEvent", "T", timer()),
        node("intermediateCatchEvent", "M", message("m")), user("A"), user("B"),
        flows="Start>G G>T G>M T>A M>B", top='<message id="m" name="answer"/>')
    assert Game(parts).waits == ["M", "T"]
    late, answered = Game(parts).occur("T"), Game(parts).occur("M")
    assert (late.open, late.waits) == (["A"], [])
    assert (answered.open, answered.waits) == (["B"], [])


def test_signals_are_thrown_on_the_way_and_at_the_end_and_waited_for() -> None:
    game = Game(definition(
        start(), node("intermediateThrowEvent", "T", signal("s")), node("intermediateCatchEvent", "C", signal("s")),
        end("End", signal("t")), flows="Start>T T>C C>End",
        top='<signal id="s" name="stock changed"/><signal id="t" name="done"/>'))
    assert (game.thrown, game.waits) == (["stock changed"], ["C"])
    assert game.occur("C").state.ended
    assert game.thrown == ["stock changed", "done"]


def test_an_interrupting_timer_takes_the_task_away_and_the_other_kind_leaves_it_once() -> None:
    def parts(cancel: str) -> Definition:
        return definition(start(), user("A"), user("Boss"), end(), node(
            "boundaryEvent", "Late", timer(), attachedToRef="A", cancelActivity=cancel),
            flows="Start>A A>End Late>Boss")

    assert Game(parts("true")).occur("Late").open == ["Boss"]
    beside = Game(parts("false"), people={"Boss": ("boss",)}).occur("Late")
    assert (beside.open, beside.waits) == (["A", "Boss"], [])
    assert beside.decide("ann").decide("boss").state.ended


def test_an_event_at_a_sub_process_takes_everything_within() -> None:
    game = Game(definition(
        start(), sub("Sub", start("S"), user("A"), user("B"), flows="S>A S>B"), user("C"), end(),
        node("boundaryEvent", "Late", timer(), attachedToRef="Sub"), flows="Start>Sub Sub>End Late>C"))
    assert game.open == ["A", "B"]
    assert game.occur("Late").open == ["C"]
    assert len(game.state.frames) == 1


TWO = ("ann", "bob", "cid")


def test_all_must_agree_and_one_refusal_ends_it() -> None:
    parts = definition(start(), approval("A", many=many("process.rejected > 0")), node(
        "exclusiveGateway", "G", default="Good"), user("Good"), user("Bad"),
        flows='Start>A A>G G>Bad?process.outcome="rejected" G>Good')
    good, bad = Game(parts, people={"A": TWO}), Game(parts, people={"A": TWO})
    assert good.open == ["A", "A", "A"]
    assert good.decide("cid").decide("ann").open == ["A"]
    assert good.decide("bob").open == ["Good"]
    assert bad.decide("bob", "rejected").open == ["Bad"]


def test_one_of_several_suffices() -> None:
    game = Game(definition(start(), approval("A", many=many("process.completed >= 1")), node(
        "exclusiveGateway", "G", default="Bad"), user("Good"), user("Bad"),
        flows='Start>A A>G G>Good?process.A="approved" G>Bad'), people={"A": TWO})
    assert game.decide("bob").open == ["Good"]


def test_in_turn_only_one_has_it_at_a_time() -> None:
    game = Game(definition(start(), user("A", many=many(sequential=True)), flows="Start>A"), people={"A": TWO})
    for person in TWO:
        assert game.holders == [(person,)]
        game.decide(person, "done")
    assert game.state.ended


def test_a_majority_decides() -> None:
    game = Game(definition(start(), approval("A", many=many("process.approved * 2 > process.instances")), node(
        "exclusiveGateway", "G", default="Bad"), user("Good"), user("Bad"),
        flows='Start>A A>G G>Good?process.outcome="approved" G>Bad'), people={"A": TWO})
    assert game.decide("ann", "rejected").decide("bob").open == ["A"]
    assert game.decide("cid").open == ["Good"]


def test_a_sub_process_runs_as_often_as_said_side_by_side() -> None:
    game = Game(definition(
        start(), sub("Sub", start("S"), user("A"), flows="S>A", inner=many(cardinality="amount")), user("Z"),
        flows="Start>Sub Sub>Z"), {"amount": 3})
    assert game.open == ["A"] * 3
    assert game.decide("ann").decide("ann").open == ["A"]
    assert game.decide("ann").open == ["Z"]


@pytest.mark.parametrize("count", [0, 1, 200])
def test_instances_of_a_task_without_waiting_end_at_once(count: int) -> None:
    game = Game(definition(start(), node("task", "A", many(cardinality="amount", sequential=True)),
                           flows="Start>A"), {"amount": count})
    assert game.state.ended
    assert game.history.count(("A", "passed")) == count


def test_more_instances_than_anybody_needs_are_refused() -> None:
    parts = definition(start(), node("task", "A", many(cardinality="amount")), flows="Start>A")
    for count in (201, -1):
        with pytest.raises(CannotGoOn, match="too_many_instances"):
            Game(parts, {"amount": count})


def test_a_service_task_waits_for_its_order() -> None:
    game = Game(definition(start(), service("Write", "[]"), service("Tell", "[]", name="quick"), user("A"),
                           flows="Start>Write Write>Tell Tell>A"))
    assert (game.waits, game.orders) == (["Write"], ["Write"])
    game.stimulate(Served(game.at("Write").id))
    assert (game.open, game.orders) == (["A"], ["Write", "Tell"])


def test_a_formula_task_gives_a_variable_that_conditions_ask() -> None:
    game = Game(definition(start(), formula("F", "share", "amount * 2"), node("exclusiveGateway", "G", default="B"),
                           user("A"), user("B"), flows="Start>F F>G G>A?process.share>10 G>B"), {"amount": 6})
    assert game.open == ["A"]
    assert game.state.variables["share"] == 12


def test_somebody_joins_before_and_after() -> None:
    game = Game(definition(start(), approval("A"), node("exclusiveGateway", "G", default="End"), end(), user("Bad"),
                           flows='Start>A A>G G>Bad?process.outcome="rejected" G>End'))
    game.stimulate(Joined(game.at("A").id, "first", ("ann",), before=True))
    assert game.holders == [("first",)]
    assert game.decide("first").holders == [("ann",)]
    game.stimulate(Joined(game.at("A").id, "last", ("ann",), before=False))
    assert game.holders == [("ann",)]
    assert game.decide("ann").holders == [("last",)]
    assert game.decide("last", "rejected").open == ["Bad"]


def test_a_refusal_of_somebody_who_joined_before_is_the_outcome() -> None:
    game = Game(definition(start(), approval("A"), node("exclusiveGateway", "G", default="End"), end(), user("Bad"),
                           flows='Start>A A>G G>Bad?process.A="rejected" G>End'))
    game.stimulate(Joined(game.at("A").id, "first", ("ann",), before=True))
    assert game.decide("first", "rejected").open == ["Bad"]


def branches() -> Definition:
    return definition(
        start(), user("Ask"), node("parallelGateway", "S"), user("A"), user("B"), node("parallelGateway", "J"),
        user("Last"), flows="Start>Ask Ask>S S>A S>B A>J B>J J>Last")


def test_sending_back_before_a_split_runs_all_branches_again() -> None:
    game = Game(branches(), people={"B": ("bob",)}).decide("ann", "done").decide("bob", "done")
    game.stimulate(SentBack(game.at("A").id, "Ask"))
    assert (game.open, len(game.state.tokens)) == (["Ask"], 1)
    assert game.decide("ann", "done").open == ["A", "B"]


def test_sending_back_into_a_branch_that_was_joined_is_refused() -> None:
    game = Game(branches(), people={"B": ("bob",)}).decide("ann", "done").decide("bob", "done").decide("ann", "done")
    assert game.open == ["Last"]
    with pytest.raises(CannotGoOn, match="no_way_back"):
        game.stimulate(SentBack(game.at("Last").id, "A"))
    assert game.stimulate(SentBack(game.at("Last").id, "Ask")).open == ["Ask"]


def test_nobody_is_sent_back_to_a_step_that_was_not_yet_taken() -> None:
    parts = definition(start(), node("exclusiveGateway", "G", default="B"), user("A"), user("B"), user("C"),
                       flows="Start>G G>A?amount>10 G>B A>C B>C")
    game = Game(parts, {"amount": 1}).decide("ann", "done")
    with pytest.raises(CannotGoOn, match="no_way_back"):
        game.stimulate(SentBack(game.at("C").id, "A"))


def test_a_loop_without_waiting_cannot_hang_a_worker() -> None:
    parts = definition(start(), node("exclusiveGateway", "G", default="A"), node("task", "A"), end(),
                       flows="Start>G G>A G>End?amount>1 A>G")
    with pytest.raises(CannotGoOn) as refused:
        Game(parts)
    assert (refused.value.code, refused.value.params) == ("endless", {"limit": MAX_STEPS})


def test_a_loop_that_multiplies_its_tokens_is_stopped() -> None:
    parts = definition(start(), node("task", "A"), node("task", "B"), flows="Start>A A>B A>A B>A B>B")
    with pytest.raises(CannotGoOn, match="endless"):
        Game(parts)


def test_a_join_that_can_never_open_is_told() -> None:
    parts = definition(start(), node("exclusiveGateway", "G", default="B"), node("task", "A"), node("task", "B"),
                       node("parallelGateway", "J"), end(), flows="Start>G G>A?amount>1 G>B A>J B>J J>End")
    with pytest.raises(CannotGoOn, match="stuck"):
        Game(parts)


def test_a_condition_that_cannot_be_worked_out_changes_nothing() -> None:
    parts = definition(start(), user("A"), node("exclusiveGateway", "G", default="End"), end(), user("B"),
                       flows="Start>A A>G G>B?10/amount>1 G>End")
    game = Game(parts, {"amount": 0})
    before = game.state
    with pytest.raises(CannotGoOn, match="formula at G"):
        game.decide("ann", "done")
    assert game.state == before


def test_what_happens_twice_happens_once() -> None:
    game = Game(definition(start(), user("A"), user("B"), flows="Start>A A>B"))
    token = game.at("A").id
    game.stimulate(Decided(token, "done"))
    with pytest.raises(CannotGoOn, match="gone"):
        game.stimulate(Decided(token, "done"))
