"""Dry runs of processes over changes that have been, without any effect; on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from chassis.jsonio import dumps
from services.workflow.usecases.trying import paths
from tests.integration.workflow.conftest import World, a_change
from tests.integration.workflow.test_dry_runs import JUDGE, SEEN, play, start, tried
from tests.integration.workflow.test_processes import Office, person
from tests.support.bpmn import approval, end, node, service, user, xml
from tests.support.bpmn import start as begin

EAST = {"all": [{"field": "region", "op": "eq", "value": "east"}]}
BIG = '{"all": [{"field": "score", "op": "gt", "value": 50}]}'


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def file(office: Office) -> str:
    """Boss decides over large ones, Zhao over small ones; then the status is set."""
    when = f"<extensionElements><fh:when>{dumps(EAST)}</fh:when></extensionElements>"
    return xml(
        node("startEvent", "Start", when), node("exclusiveGateway", "Size", default="Team"),
        approval("Boss", person(office.li)), approval("Team", person(office.zhao)),
        node("exclusiveGateway", "Agreed", default="Set"),
        service("Set", dumps([{"type": "set_fields", "values": {"status": "working"}}])), end("Good"), end("Bad"),
        '<sequenceFlow id="large" sourceRef="Size" targetRef="Boss"><conditionExpression '
        f'language="urn:freehold:criteria">{BIG}</conditionExpression></sequenceFlow>',
        flows='Start>Size Size>Team Boss>Agreed Team>Agreed Agreed>Bad?process.outcome="rejected" Agreed>Set Set>Good')


def changes(office: Office) -> list[dict[str, Any]]:
    """One large lead of the East, one that comes there small, one that stays in the North."""
    large = a_change(by=office.wang, score=80, owner_id=office.li)
    moves = a_change(by=office.wang, score=10, region="north", owner_id=office.li)
    moved = a_change("updated", {"region": "north"}, by=office.wang, **moves["after"] | {
        "region": "east", "version": 2})
    again = a_change("updated", {"score": 80}, by=office.wang, **large["after"] | {"score": 90, "version": 2})
    return [large, moves, moved, again]


def test_it_shows_what_would_have_started_which_way_and_who_would_have_been_asked(office: Office) -> None:
    world = office.world
    play(world, changes(office))
    rests = world.count(), len(world.rows("process_instance")), len(world.rows("task"))
    run, hits = tried(world, process={"name": {"en": "Price"}, "object": "lead", "xml": file(office)})
    assert (run["state"], run["counts"]["firings"], run["counts"]["records"], run["counts"]["blocked"]) == (
        "finished", 2, 2, 0)
    assert {one["node"]: one["count"] for one in run["stops"]} == {
        "Boss": 1, "Team": 1, "Set": 2, "large": 1, "Size-Team": 1}
    first, second = (hit["path"] for hit in hits)
    assert [(stop["what"], stop["node"], [one["name"] for one in stop["people"]]) for stop in first["stops"]] == [
        ("way", "large", []), ("asked", "Boss", ["Li"]), ("done", "Set", [])]
    assert (first["applicant"]["name"], first["ended"], first["problem"]) == ("Wang", True, None)
    assert [stop["node"] for stop in second["stops"] if stop["what"] == "asked"] == ["Team"]
    assert hits[0]["writes"] == [{"field": "status", "before": "new", "after": "working"}]
    assert (world.count(), len(world.rows("process_instance")), len(world.rows("task"))) == rests


def test_it_tells_the_rules_that_start_it_and_those_that_write_the_same_field(office: Office) -> None:
    world = office.world
    known = world.call("POST", "/v1/processes", {"name": {"en": "Price"}, "object": "lead", "xml": file(office)}).json
    starts = world.rule(name={"en": "Starts"}, actions=[{"type": "start_process", "process": known["id"]}])
    world.rule(name={"en": "Writes"}, actions=[{"type": "set_fields", "values": {"status": "new"}}])
    play(world, changes(office))
    run, hits = tried(world, process_id=known["id"])
    assert run["process_id"] == known["id"]
    assert [one["rule_id"] for one in hits[0]["path"]["started_by"]] == [starts["id"]]
    assert hits[1]["path"]["started_by"] == []
    assert [(one["rule_name"], one["field"], one["wins"]) for one in hits[0]["clashes"]] == [
        ("Writes", "status", "mine")]


def test_a_way_that_leads_nowhere_says_why(office: Office) -> None:
    play(office.world, changes(office)[:1])
    unknown = xml(begin(), node("intermediateCatchEvent", "T", "<timerEventDefinition><timeDate>seen_at</timeDate>"
                                "</timerEventDefinition>"), user("A", person(office.li)), flows="Start>T T>A")
    run, (hit,) = tried(office.world, process={"object": "lead", "xml": unknown})
    assert run["counts"]["blocked"] == 0
    assert [stop["node"] for stop in hit["path"]["stops"]] == ["A"]
    empty = office.world.harness.department("Empty")
    actions = dumps([{"type": "assign", "to": {"department_id": empty, "method": "round_robin"}}])
    bad = xml(begin(), service("F", actions), end(), flows="Start>F F>End")
    run, (hit,) = tried(office.world, process={"object": "lead", "xml": bad})
    assert (run["counts"]["blocked"], hit["path"]["ended"]) == (1, False)
    assert "Nobody" in hit["path"]["problem"]


def test_who_may_not_read_what_it_asks_does_not_try_it_and_hidden_records_show_no_way(office: Office) -> None:
    play(office.world, changes(office))
    asked: list[Any] = []

    def judge(given: Mapping[str, Any]) -> tuple[int, Any]:
        asked.extend(given["conditions"])
        return 403, {}

    office.world.harness.neighbours[JUDGE] = judge
    body = {"process": {"object": "lead", "xml": file(office)}}
    assert start(office.world, **body).json["code"] == "dry_run_hidden"
    assert {one["field"] for condition in asked for one in condition.get("all", [condition])} == {"region", "score"}
    office.world.harness.neighbours[JUDGE] = lambda _: (200, {"holds": []})
    office.world.harness.neighbours[SEEN] = lambda given: (200, {"seen": [None for _ in given["changes"]]})
    _, hits = tried(office.world, **body)
    assert [(hit["hidden"], hit["path"], hit["record"]) for hit in hits] == [(True, None, None)] * 2


def test_mistakes_are_told_as_at_publishing(office: Office) -> None:
    wrong = start(office.world, process={"object": "lead", "xml": xml(begin(), user("A"), flows="Start>B")})
    assert {one["pointer"] for one in wrong.json["errors"]} == {"/xml"}
    form = {"start": {"people": [], "criteria": None}, "steps": []}
    wrong = start(office.world, process={"object": "lead", "approval": form})
    assert [one["pointer"] for one in wrong.json["errors"]] == ["/approval/steps"]
    both = start(office.world, rule_id=office.lead["id"], process={"object": "lead", "xml": file(office)})
    assert both.json["errors"][0]["code"] == "dry_run_of_one"


def test_what_the_system_does_in_a_circle_is_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_DEEDS", 3)
    play(office.world, changes(office)[:1])
    circle = xml(begin(), node("exclusiveGateway", "Again"), service("Set", dumps(
        [{"type": "create_task", "title": {"en": "Call"}, "assignee": {"user_id": office.li}}])),
        flows="Start>Again Again>Set Set>Again")
    run, [hit] = tried(office.world, process={"object": "lead", "xml": circle})
    assert (run["state"], run["counts"]["blocked"], run["counts"]["tasks"]) == ("finished", 1, 3)
    assert "after 3 steps" in hit["path"]["problem"]


def test_people_who_would_be_asked_in_a_circle_are_told(office: Office) -> None:
    play(office.world, changes(office)[:1])
    circle = xml(begin(), node("exclusiveGateway", "Again"), user("Look", person(office.li)),
                 flows="Start>Again Again>Look Look>Again")
    run, [hit] = tried(office.world, process={"object": "lead", "xml": circle})
    assert (run["state"], run["counts"]["blocked"]) == ("finished", 1)
    assert "runs in a circle" in hit["path"]["problem"]
