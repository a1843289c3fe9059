"""Dry runs: a rule over changes that have been, without any effect; on both databases."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import to_wire, utcnow
from chassis.db.tables import outbox
from chassis.ids import new_id
from chassis.jobs import JobRunner
from services.workflow.schedules import forget_dry_runs
from services.workflow.store.dry_runs import dry_run, dry_run_hit
from services.workflow.usecases.trying import work
from tests.integration.workflow.conftest import World, a_change, a_rule

REPLAY, JUDGE, SEEN = (("customer", "POST", f"/v1/records/lead/{verb}") for verb in ("replay", "judge", "seen"))


def play(world: World, changes: Iterable[dict[str, Any]], page: int = 3) -> None:
    """The customer service has these changes in its history, all within the last hours."""
    now = utcnow()
    lines = [change | {"at": to_wire(now - timedelta(hours=5) + timedelta(seconds=place))}
             for place, change in enumerate(changes)]

    def replay(asked: Any) -> tuple[int, Any]:
        span = [one for one in lines if asked["from"] <= one["at"] < asked["to"]]
        start = int(asked["cursor"] or 0)
        fields = asked["fields"]
        items = [one for one in span[start:start + page] if (
            asked["created"] if one["action"] == "created" else fields is None or set(fields) & set(one["changed"]))]
        more = start + page < len(span)
        return 200, {"items": items, "looked_at": len(span[start:start + page]), "left_out": 0,
                     "next_cursor": str(start + page) if more else None}

    world.harness.neighbours[REPLAY] = replay
    world.harness.neighbours[JUDGE] = lambda _: (200, {"holds": []})
    world.harness.neighbours[SEEN] = lambda asked: (200, {"seen": asked["changes"]})


def start(world: World, as_user: str | None = None, **body: Any) -> Any:
    return world.call("POST", "/v1/dry-runs", body, as_user=as_user)


def tried(world: World, **body: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Try it to the end; returns how it stands, and what it found."""
    answer = start(world, **body)
    assert answer.status_code == 202, answer.json
    JobRunner(world.harness.service).run_one()
    return read(world, answer.json["id"])


def read(world: World, id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    hits, cursor = [], ""
    while cursor is not None:
        page = world.call("GET", f"/v1/dry-runs/{id}/hits?limit=7&cursor={cursor}").json
        hits, cursor = hits + page["items"], page["next_cursor"]
    return world.call("GET", f"/v1/dry-runs/{id}").json, hits


def random_changes(chance: random.Random) -> list[dict[str, Any]]:
    """What became of twelve leads, with some changes on which no rule shall act."""
    changes: list[dict[str, Any]] = []
    leads: list[dict[str, Any]] = []
    for _ in range(60):
        if len(leads) < 12 and chance.random() < 0.4:
            change = a_change(region=chance.choice(["east", "north", None]), score=chance.choice([None, 1, 50]))
            leads.append(change["after"])
        else:
            place = chance.randrange(len(leads)) if leads else None
            if place is None:
                continue
            new = chance.choice([{"region": chance.choice(["east", "north", None])}, {"score": chance.randrange(100)},
                                 {"status": chance.choice(["new", "working"]), "score": None}])
            was = leads[place]
            before = {name: was.get(name) for name in new if was.get(name) != new[name]}
            if not before:
                continue
            leads[place] = was | new | {"version": was["version"] + 1}
            change = a_change("updated", before, **leads[place])
        changes.append(change | ({"rules": False} if chance.random() < 0.1 else {}))
    return changes


def random_rule(chance: random.Random) -> dict[str, Any]:
    clauses = [chance.choice([
        {"field": "region", "op": chance.choice(["eq", "ne"]), "value": "east"},
        {"field": "score", "op": chance.choice(["gt", "lte"]), "value": chance.randrange(100)},
        {"field": "status", "op": "changed_to", "value": "working"}, {"field": "region", "op": "changed"},
        {"field": "score", "op": "is_empty"}, {"not": {"field": "region", "op": "is_set"}}])
        for _ in range(chance.randint(1, 3))]
    on = chance.choice([{"on": "created"}, {"on": "changed"}, {"on": "becomes"},
                        {"on": "changed", "fields": chance.sample(["region", "status", "score"], 2)}])
    return a_rule(trigger=on, criteria={chance.choice(["all", "any"]): clauses}, actions=[chance.choice([
        {"type": "set_fields", "values": {"score": chance.randrange(100)}},
        {"type": "set_fields", "values": {"status": "working"}}, {"type": "notify", "to": {"user_id": None}}])])


@pytest.mark.parametrize("seed", range(4))
def test_a_dry_run_fires_exactly_where_the_engine_has_fired(world: World, seed: int) -> None:
    chance = random.Random(seed)
    changes = random_changes(chance)
    rules = []
    for _ in range(6):
        body = random_rule(chance)
        for action in body["actions"]:
            if action["type"] == "notify":
                action |= {"to": {"user_id": world.admin}, "message": {"en": "Look"}}
        rules.append(world.rule(**body))
    world.deliver(*(world.message({name: value for name, value in one.items() if name != "rules"},
                                  **({"rules": False} if "rules" in one else {})) for one in changes))
    fired: dict[str, set[tuple[str, int]]] = {rule["id"]: set() for rule in rules}
    for run in world.rows("rule_run"):
        fired[run["rule_id"]].add((run["record_id"], run["record_version"]))
    rests = world.count(), len(world.rows("rule_run")), len(world.rows("intent")), world.rows("rotation")
    play(world, changes)
    for place, rule in enumerate(rules):
        run, hits = tried(world, rule_id=rule["id"]) if place % 2 else tried(
            world, rule_id=rule["id"], rule={name: rule[name] for name in (
                "name", "object", "trigger", "criteria", "actions")})
        assert (run["state"], run["stopped"], run["progress"]) == ("finished", None, 1.0), run
        with world.harness.service.db.read() as connection:
            kept = connection.execute(dry_run_hit.select().where(dry_run_hit.c.run_id == run["id"])).all()
        assert {(one.record_id, one.body["after"]["version"]) for one in kept} == fired[rule["id"]]
        assert len(hits) == run["counts"]["firings"] == len(fired[rule["id"]])
    assert any(fired.values())
    assert rests == (world.count(outbox), len(world.rows("rule_run")), len(world.rows("intent")),
                     world.rows("rotation"))


def test_what_it_would_have_written_and_sent_is_told_and_nothing_is_done(world: World) -> None:
    [wang, *_] = world.sellers
    actions = [{"type": "set_fields", "values": {"status": "working"}},
               {"type": "assign", "to": {"department_id": world.east, "method": "round_robin"}},
               {"type": "create_task", "title": {"en": "Call", "zh-CN": "致电"}, "due_in": "1d", "assignee": "owner"},
               {"type": "notify", "to": {"user_id": wang}, "message": {"en": "A lead", "zh-CN": "线索"}}]
    play(world, [a_change(region="east"), a_change(region="north"), a_change(region="east", status="working")])
    run, [one, two] = tried(world, rule=a_rule(actions=actions))
    assert run["counts"] | {"looked_at": 3, "firings": 2, "records": 2, "written": 2, "tasks": 2, "messages": 2,
                            "clashes": 0, "loops": 0} == run["counts"]
    assert one["writes"] == [{"field": "status", "before": "new", "after": "working"},
                             {"field": "owner_id", "before": None, "after": one["tasks"][0]["assignee"]["id"]}]
    assert {one["tasks"][0]["assignee"]["id"], two["tasks"][0]["assignee"]["id"]} <= set(world.sellers)
    assert one["tasks"][0]["assignee"] != two["tasks"][0]["assignee"]
    assert one["messages"] == [{"to": {"id": wang, "name": "Wang"}, "template": "message", "message": "A lead"}]
    assert [write["field"] for write in two["writes"]] == ["owner_id"]
    assert one["record"]["title"] == "Ann"
    assert len(run["notes"]) == 3
    assert [world.rows(name) for name in ("rule", "rule_run", "task", "intent", "rotation")] == [[]] * 5
    assert world.batches == []


def test_clashes_with_other_rules_and_circles_are_named(world: World) -> None:
    later = world.rule(position=200, actions=[{"type": "set_fields", "values": {"status": "new"}}],
                       name={"en": "Later"}, trigger={"on": "changed"}, criteria={"all": []})
    play(world, [a_change("updated", {"score": 1}, score=2, status="new")])
    mine = a_rule(trigger={"on": "changed"}, criteria={"all": []})
    run, [hit] = tried(world, rule=mine)
    assert hit["clashes"] == [{"rule_id": later["id"], "rule_name": "Later", "field": "status", "wins": "theirs"}]
    assert hit["loop"] is None  # the two undo each other, so nothing changes
    world.rule(name={"en": "Back"}, trigger={"on": "changed", "fields": ["score"]}, position=300,
               criteria={"all": []}, actions=[{"type": "set_fields", "values": {"next_on": "2026-01-01"}}])
    bounce = world.rule(name={"en": "Bounce"}, trigger={"on": "becomes"}, position=50,
                        criteria={"all": [{"field": "region", "op": "eq", "value": "north"}]},
                        actions=[{"type": "set_fields", "values": {"region": "east"}}])
    play(world, [a_change("updated", {"region": None}, region="east")])
    run, [hit] = tried(world, rule=a_rule(
        name={"en": "Mine"}, trigger={"on": "becomes"},
        actions=[{"type": "set_fields", "values": {"region": "north"}}]))
    assert (hit["loop"]["step"], hit["loop"]["endless"]) == (2, True)
    assert {"id": bounce["id"], "name": "Bounce"} in hit["loop"]["rules"]
    assert run["counts"]["loops"] == 1


def test_it_is_bounded_cancelled_resumed_and_forgotten(world: World, monkeypatch: Any) -> None:
    play(world, [a_change() for _ in range(12)])
    service = world.harness.service
    monkeypatch.setattr(service.settings, "dry_run_max_changes", 6, raising=False)
    run, hits = tried(world, rule=a_rule())
    assert (run["state"], run["stopped"], len(hits)) == ("finished", "changes", 6)
    assert run["reached"] < run["until"]
    assert 0 < run["progress"] < 1
    id = start(world, rule=a_rule()).json["id"]
    again = start(world, rule=a_rule()).json["id"]  # one at a time
    assert world.call("GET", f"/v1/dry-runs/{id}").json["state"] == "cancelled"
    whole = work._keep

    def killed(*args: Any) -> bool:
        monkeypatch.setattr(work, "_keep", whole)
        raise SystemExit

    monkeypatch.setattr(work, "_keep", killed)
    with pytest.raises(SystemExit):  # the worker dies within its first page
        JobRunner(service).run_one()
    with service.db.unit_of_work() as uow:
        uow.execute(dry_run.update().where(dry_run.c.id == again).values(updated_at=utcnow()))
        uow.connection.exec_driver_sql("UPDATE job SET lease_until = created_at")
    JobRunner(service).run_one()
    run, hits = read(world, again)
    assert (run["state"], [hit["number"] for hit in hits]) == ("finished", [1, 2, 3, 4, 5, 6])
    with service.db.unit_of_work() as uow:
        uow.execute(dry_run.update().values(created_at=utcnow() - timedelta(days=8)))
    forget_dry_runs(service)
    assert (world.count(dry_run), world.count(dry_run_hit)) == (0, 0)


def test_only_who_may_and_only_what_he_sees(world: World) -> None:
    seller = world.sellers[0]
    play(world, [a_change(region="east")])
    assert start(world, as_user=seller, rule=a_rule()).status_code == 403
    for wrong in ({}, {"rule": a_rule(), "days": 31}, {"rule": a_rule(actions=[])}, {"days": 1},
                  {"rule": a_rule(trigger={"on": "entered", "segment": new_id()})}):
        assert start(world, **wrong).status_code == 422, wrong
    assert start(world, rule_id=new_id()).status_code == 404
    refused = start(world, rule=a_rule(actions=[{"type": "launch"}])).json
    assert refused["errors"][0]["pointer"] == "/rule/actions/0/type"
    world.harness.neighbours[JUDGE] = lambda _: (422, {})
    assert start(world, rule=a_rule()).status_code == 403
    world.harness.neighbours[JUDGE] = lambda _: (200, {"holds": []})
    world.harness.neighbours[SEEN] = lambda asked: (200, {"seen": [None] * len(asked["changes"])})
    run, [hit] = tried(world, rule=a_rule())
    assert (hit["hidden"], hit["record"], hit["writes"], hit["tasks"]) == (True, None, [], [])
    manager = world.harness.user("Manager", world.east, (world.harness.role({}, ["rules.manage"]),))
    assert world.call("GET", f"/v1/dry-runs/{run['id']}", as_user=manager).status_code == 404
    assert world.call("POST", f"/v1/dry-runs/{run['id']}/cancel", as_user=manager).status_code == 404
