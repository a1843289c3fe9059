"""Rules whose conditions ask related records: few questions, asked of the customer service, and never a silent no."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from chassis.ids import new_id
from services.workflow.consumers import OBJECT_CHANGED
from tests.integration.workflow.conftest import LEAD, World, a_change, a_rule

JUDGE = ("customer", "POST", "/v1/records/lead/judge")
TEXT = {"type": "text", "label": {"en": "Name", "zh-CN": "名称"}, "required": True, "options": {}}
LEVEL = {"name": "level", "type": "choice", "label": {"en": "Level", "zh-CN": "等级"}, "options": {
    "choices": [{"value": "A", "label": {"en": "Gold", "zh-CN": "金牌"}}, {"value": "B"}]}}
CUSTOMER = {"name": "customer", "label": {"en": "Customer", "zh-CN": "客户"}, "title_field": "name", "version": 1,
            "fields": [{"name": "name", **TEXT}, LEVEL]}
TICKET = {"name": "ticket", "label": {"en": "Ticket", "zh-CN": "工单"}, "title_field": "name", "version": 1, "fields": [
    {"name": "name", **TEXT},
    {"name": "lead_id", "type": "reference", "label": {"en": "Lead"}, "options": {"object": "lead"}}]}
GOLD = {"field": "customer_id.level", "op": "eq", "value": "A"}
OPEN = {"related": "ticket.lead_id", "op": "at_least", "value": 2, "where": {
    "field": "name", "op": "contains", "value": "urgent"}}
EAST = {"field": "region", "op": "eq", "value": "east"}
GOLD_IDS = [new_id(), new_id()]


class Customers:
    """A customer service that knows which customers are gold and which leads have urgent tickets."""

    def __init__(self) -> None:
        self.urgent: set[str] = set()
        self.fails = 0

    def __call__(self, body: Any) -> tuple[int, Any]:
        if self.fails:
            self.fails -= 1
            return 503, {}
        return 200, {"holds": [[self._holds(condition, record, body.get("person")) for condition in body["conditions"]]
                               for record in body["records"]]}

    def _holds(self, condition: Any, record: Any, person: str | None) -> bool:
        if "related" in condition:
            return record.get("id") in self.urgent
        if condition["field"] == "customer_id.owner_id":
            return person is not None and record.get("customer_id") in GOLD_IDS
        return record.get("customer_id") in GOLD_IDS


@pytest.fixture
def customers(world: World) -> Customers:
    """The other objects are known, and the customer service answers."""
    lead = deepcopy(LEAD)
    lead["version"] = 2
    lead["fields"].append({"name": "customer_id", "type": "reference", "label": {"en": "Customer", "zh-CN": "客户"},
                           "required": False, "options": {"object": "customer"}})
    world.deliver(*(world.harness.message(OBJECT_CHANGED, {"object": one, "deleted": False})
                    for one in (lead, CUSTOMER, TICKET)))
    known = Customers()
    world.harness.neighbours[JUDGE] = known
    return known


def asked(world: World) -> list[Any]:
    return [one.json for one in world.harness.asked if (one.target, one.method, one.path) == JUDGE]


def runs(world: World) -> list[str]:
    return [one["record_id"] for one in world.rows("rule_run", "id")]


def test_a_rule_asks_the_record_behind_a_reference_and_says_so(world: World, customers: Customers) -> None:
    world.rule(criteria={"all": [EAST, GOLD]})
    gold = world.created(customer_id=GOLD_IDS[0])
    world.created(customer_id=new_id())
    world.created(customer_id=None)
    assert runs(world) == [gold["id"]]
    [run] = world.rows("rule_run")
    assert "Customer › Level is Gold" in run["reason"]["text"]["en"]
    assert "客户 › 等级" in run["reason"]["text"]["zh-CN"]
    assert run["reason"]["clauses"][1] == {**GOLD, "held": True, "asks": [["customer", ["level"]]]}


def test_a_rule_counts_the_records_that_refer_to_one(world: World, customers: Customers) -> None:
    world.rule(criteria=OPEN, trigger={"on": "changed"})
    busy, idle = (a_change("updated", {"name": "Bob"}, version=2) for _ in range(2))
    customers.urgent = {busy["id"]}
    world.deliver(world.message(busy, idle))
    assert runs(world) == [busy["id"]]
    assert asked(world) == [{"conditions": [OPEN], "records": [{"id": busy["id"]}, {"id": idle["id"]}]}]
    [run] = world.rows("rule_run")
    assert "Ticket" in run["reason"]["text"]["en"]


def test_only_what_the_record_alone_leaves_open_is_asked_and_in_few_calls(world: World, customers: Customers) -> None:
    for place in range(3):
        world.rule(name={"en": f"Rule {place}"}, criteria={"all": [EAST, GOLD]})
    world.rule(criteria={"all": [{"field": "status", "op": "eq", "value": "working"}, OPEN]})
    changes = [a_change(region="east" if place % 2 else "north", customer_id=GOLD_IDS[place % 4 // 2])
               for place in range(500)]
    world.deliver(world.message(*changes))
    assert len(runs(world)) == 3 * 250
    assert [(one["conditions"], len(one["records"])) for one in asked(world)] == [([GOLD], 2)]
    world.harness.asked.clear()
    world.created(region="north", customer_id=GOLD_IDS[0])
    assert asked(world) == [], "another region: nobody is asked"


def test_becomes_looks_at_the_reference_before_and_after(world: World, customers: Customers) -> None:
    world.rule(trigger={"on": "becomes"}, criteria={"all": [EAST, GOLD]})
    other = new_id()
    moved = a_change("updated", {"customer_id": other}, customer_id=GOLD_IDS[0], version=2)
    swapped = a_change("updated", {"customer_id": GOLD_IDS[1]}, customer_id=GOLD_IDS[0], version=2)
    world.deliver(world.message(moved, swapped))
    assert runs(world) == [moved["id"]]
    refused = world.call("POST", "/v1/rules", a_rule(trigger={"on": "becomes"}, criteria=OPEN))
    assert [one["code"] for one in refused.json["errors"]] == ["becomes_needs_condition"]


def test_me_behind_a_reference_is_the_person_who_made_the_change(world: World, customers: Customers) -> None:
    world.rule(criteria={"field": "customer_id.owner_id", "op": "eq", "value": "$me"})
    world.deliver(world.message(a_change(customer_id=GOLD_IDS[0], by=world.sellers[0]),
                                a_change(customer_id=GOLD_IDS[1], by=None)))
    assert len(runs(world)) == 1
    assert [one.get("person") for one in asked(world)] == [world.sellers[0], None]


def test_when_nobody_answers_the_change_waits_and_is_judged_later(world: World, customers: Customers) -> None:
    world.rule(criteria={"all": [EAST, GOLD]})
    customers.fails = 2  # the batch, and the message by itself
    change = a_change(customer_id=GOLD_IDS[0])
    message = world.message(change)
    with pytest.raises(Exception, match="503"):
        world.deliver(message)
    assert runs(world) == []
    customers.fails = 0
    world.deliver(message)
    assert runs(world) == [change["id"]]


def test_a_rule_rests_while_what_it_asks_is_not_there(world: World, customers: Customers) -> None:
    made = world.rule(criteria={"all": [EAST, GOLD]})
    gone = CUSTOMER | {"version": 2, "fields": CUSTOMER["fields"][:1]}
    world.deliver(world.harness.message(OBJECT_CHANGED, {"object": gone, "deleted": False}))
    world.created(customer_id=GOLD_IDS[0])
    assert (runs(world), asked(world)) == ([], [])
    assert world.call("GET", f"/v1/rules/{made['id']}").json["problem"]
    world.deliver(world.harness.message(OBJECT_CHANGED, {"object": CUSTOMER | {"version": 3}, "deleted": False}))
    world.created(customer_id=GOLD_IDS[0])
    assert len(runs(world)) == 1


def test_what_a_rule_must_not_ask_is_refused_with_its_place(world: World, customers: Customers) -> None:
    for criteria, pointer, code in (
            ({"field": "customer_id.nothing", "op": "is_set"}, "/criteria/field", "unknown_field"),
            ({"field": "customer_id.level", "op": "changed"}, "/criteria/op", "only_in_rules"),
            ({**OPEN, "related": "ticket.name"}, "/criteria/related", "unknown_related"),
            ({**OPEN, "related": "nobody.lead_id"}, "/criteria/related", "unknown_related")):
        answer = world.call("POST", "/v1/rules", a_rule(criteria=criteria))
        assert answer.status_code == 422
        assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [(pointer, f"criteria.{code}")]


def test_why_a_rule_ran_is_told_to_those_who_see_what_it_asked(world: World, customers: Customers) -> None:
    world.rule(criteria={"all": [EAST, GOLD]})
    world.created(customer_id=GOLD_IDS[0])
    harness = world.harness

    def whole(scope: str = "all", **fields: str) -> dict[str, Any]:
        return {"actions": ["read"], "scope": scope, "fields": fields}

    def shown(customer: dict[str, Any]) -> str:
        role = harness.role({"lead": whole(), "customer": customer}, ("rules.manage",))
        reader = harness.user("Reader", world.east, (role,))
        return str(world.call("GET", "/v1/runs", as_user=reader).json["items"][0]["reason"])

    assert "Gold" in shown(whole())
    assert [shown(one) for one in (whole("own"), whole(level="none"), {"actions": [], "scope": "all"})] == ["", "", ""]
