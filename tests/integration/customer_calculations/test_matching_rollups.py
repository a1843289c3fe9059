"""Roll-ups over records that match by fields and dates: what people have achieved of their targets."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chassis.auth.directory import DIRECTORY_CHANGED
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from services.customer.usecases.calculations.recalculate import start_new_tree
from services.customer.usecases.calculations.work import calculate_due
from tests.integration.customer_calculations.conftest import CUSTOMER, DEAL, Shop, formula, grant

WON = {"field": "stage", "op": "eq", "value": "won"}
PERSON = {"field": "owner_id", "own": "person_id", "optional": True}
TEAM = {"field": "department_id", "own": "team_id", "below": True, "optional": True}
QUARTER = {"field": "due", "from": "starts_on", "to": "ends_on"}
TARGET = {"name": "target", "fields": [
    {"name": "name", "type": "text", "required": True}, {"name": "person_id", "type": "user"},
    {"name": "team_id", "type": "department"}, {"name": "kind", "type": "choice", "indexed": True,
                                                "options": {"choices": [{"value": "open"}, {"value": "won"}]}},
    {"name": "starts_on", "type": "date", "indexed": True}, {"name": "ends_on", "type": "date"},
    {"name": "note", "type": "long_text"}, {"name": "plan", "type": "money"}]}


def matching(name: str, function: str = "sum", **options: Any) -> dict[str, Any]:
    """The definition of a roll-up of won deals on a target."""
    chosen = {"object": "deal", "function": function, "criteria": WON, "match": [PERSON, TEAM], "period": QUARTER}
    if function == "sum":
        chosen |= {"field": "price", "result": "money", "currency": "CNY"}
    return {"name": name, "type": "rollup",
            "options": {key: value for key, value in {**chosen, **options}.items() if value is not None}}


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture
def plans(shop: Shop) -> Shop:
    return _with_targets(shop)


def _with_targets(shop: Shop) -> Shop:
    shop.define("deal", {"name": "signed_on", "type": "date", "indexed": True})
    shop.good("PATCH", "/objects/deal/fields/due", {"indexed": True}, shop.admin)
    shop.good("POST", "/objects", TARGET, shop.admin)
    roles = (shop.harness.role({name: grant() for name in ("customer", "deal", "target")}),)
    ready = replace(shop, seller=shop.harness.user("Lead", None, roles))
    ready.define("target", matching("achieved"), matching("deals", "count"),
                 formula("share", "IF(AMOUNT(plan) > 0, achieved / plan)", "percent"))
    ready.settle()
    return ready


def _person(shop: Shop, department: str | None = None) -> str:
    return shop.harness.user("Somebody", department, (shop.harness.role({"deal": grant()}),))


def _won(shop: Shop, owner: str | None, price: str, due: str | None, stage: str = "won") -> str:
    return shop.create("deal", owner_id=owner, price=money(price), due=due, stage=stage)["id"]


def _target(shop: Shop, **values: Any) -> str:
    return shop.create("target", starts_on="2026-01-01", ends_on="2026-03-31", **values)["id"]


def _achieved(shop: Shop, id: str) -> tuple[str, int]:
    shop.settle()
    found = shop.get("target", id)
    return found["achieved"]["amount"], found["deals"]


def test_a_target_counts_what_its_person_has_won_within_its_days(plans: Shop) -> None:
    mine, other = _person(plans), _person(plans)
    target = _target(plans, person_id=mine, plan=money("40"))
    for price, due in (("1", "2025-12-31"), ("10", "2026-01-01"), ("20", "2026-03-31"), ("4", "2026-04-01")):
        _won(plans, mine, price, due)
    _won(plans, other, "100", "2026-02-01")
    _won(plans, mine, "200", "2026-02-01", "lost")
    _won(plans, mine, "400", None)
    assert _achieved(plans, target) == ("30.00", 2)
    assert plans.get("target", target)["share"] == "75.0000"


def test_a_target_that_comes_after_the_deals_counts_them_too(plans: Shop) -> None:
    mine = _person(plans)
    _won(plans, mine, "10", "2026-02-01")
    assert _achieved(plans, _target(plans, person_id=mine)) == ("10.00", 1)


def test_whatever_happens_to_a_deal_reaches_the_targets_before_and_after(plans: Shop) -> None:
    mine, other = _person(plans), _person(plans)
    targets = [_target(plans, person_id=one) for one in (mine, other)]
    later = plans.create("target", person_id=mine, starts_on="2026-04-01", ends_on="2026-06-30")["id"]
    deal = _won(plans, mine, "10", "2026-02-01")
    amounts: Callable[[], list[str]] = lambda: [_achieved(plans, one)[0] for one in (*targets, later)]  # noqa: E731
    assert amounts() == ["10.00", "0.00", "0.00"]
    plans.change("deal", deal, owner_id=other)
    assert amounts() == ["0.00", "10.00", "0.00"]
    plans.change("deal", deal, owner_id=mine, due="2026-05-01")
    assert amounts() == ["0.00", "0.00", "10.00"]
    plans.change("deal", deal, price=money("12"))
    assert amounts() == ["0.00", "0.00", "12.00"]
    plans.change("deal", deal, stage="open")
    assert amounts() == ["0.00", "0.00", "0.00"]
    plans.change("deal", deal, stage="won", due="2026-03-31")
    assert amounts() == ["12.00", "0.00", "0.00"]
    plans.good("DELETE", f"/records/deal/{deal}")
    assert amounts() == ["0.00", "0.00", "0.00"]


def test_a_target_that_changes_counts_anew(plans: Shop) -> None:
    mine, other = _person(plans), _person(plans)
    _won(plans, mine, "10", "2026-02-01")
    _won(plans, other, "7", "2026-05-01")
    target = _target(plans, person_id=mine)
    assert _achieved(plans, target) == ("10.00", 1)
    plans.change("target", target, person_id=other)
    assert _achieved(plans, target) == ("0.00", 0)
    plans.change("target", target, ends_on="2026-12-31")
    assert _achieved(plans, target) == ("7.00", 1)
    plans.change("target", target, person_id=None)
    assert _achieved(plans, target) == ("17.00", 2)
    plans.change("target", target, starts_on=None, ends_on=None)
    assert _achieved(plans, target) == ("17.00", 2)


def test_a_department_counts_its_people_and_those_below(plans: Shop) -> None:
    sales = plans.harness.department("Sales")
    east, west = (plans.harness.department(name, sales) for name in ("East", "West"))
    _won(plans, _person(plans, east), "10", "2026-02-01")
    _won(plans, _person(plans, west), "5", "2026-02-01")
    _won(plans, _person(plans, sales), "1", "2026-02-01")
    targets = [_target(plans, team_id=one) for one in (sales, east, west)] + [_target(plans)]
    assert [_achieved(plans, one)[0] for one in targets] == ["16.00", "10.00", "5.00", "16.00"]
    _won(plans, _person(plans, east), "100", "2026-02-02")
    assert [_achieved(plans, one)[0] for one in targets] == ["116.00", "110.00", "5.00", "116.00"]


def test_departments_that_move_take_along_what_they_have_won(plans: Shop) -> None:
    sales, service = plans.harness.department("Sales"), plans.harness.department("Service")
    east = plans.harness.department("East", sales)
    _won(plans, _person(plans, east), "10", "2026-02-01")
    targets = [_target(plans, team_id=one) for one in (sales, service)]
    start_new_tree(plans.harness.service)
    assert [_achieved(plans, one)[0] for one in targets] == ["10.00", "0.00"]
    plans.harness.update("departments", {"id": east, "name": "East", "parent_id": service})
    start_new_tree(plans.harness.service)
    assert [_achieved(plans, one)[0] for one in targets] == ["0.00", "10.00"]


def test_who_moves_to_another_department_takes_along_what_he_has_won(plans: Shop) -> None:
    east, west = plans.harness.department("East"), plans.harness.department("West")
    mover = _person(plans, east)
    _won(plans, mover, "10", "2026-02-01")
    targets = [_target(plans, team_id=one) for one in (east, west)]
    assert [_achieved(plans, one)[0] for one in targets] == ["10.00", "0.00"]
    plans.harness.update("users", {**plans.harness.service.directory.user(mover), "department_id": west})
    plans.harness.deliver(plans.harness.message(DIRECTORY_CHANGED, {
        "users": [{"id": mover, "department_id": west, "version": 99}]}))
    assert [_achieved(plans, one)[0] for one in targets] == ["0.00", "10.00"]


def test_a_strict_pair_without_a_value_counts_nothing(plans: Shop) -> None:
    plans.define("target", matching("strict", "count", match=[{**PERSON, "optional": False}], period=None))
    mine = _person(plans)
    _won(plans, mine, "10", "2026-02-01")
    targets = [_target(plans, person_id=mine), _target(plans)]
    plans.settle()
    assert [plans.get("target", one)["strict"] for one in targets] == [1, 0]


def test_pairs_of_words_and_moments_by_the_day_of_the_company(plans: Shop) -> None:
    plans.good("PATCH", "/objects/deal/fields/stage", {"indexed": True}, plans.admin)
    plans.define("target", matching("calls", "count", criteria=None, match=[{"field": "stage", "own": "kind"}],
                                    period={"field": "called_at", "from": "starts_on", "to": "ends_on"}))
    target = _target(plans, kind="open")
    for moment in ("2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-03-31T23:59:59Z", "2026-04-01T00:00:00Z"):
        plans.create("deal", stage="open", called_at=moment)
    plans.create("deal", stage="won", called_at="2026-02-01T00:00:00Z")
    plans.settle()
    assert plans.get("target", target)["calls"] == 2


def test_a_reference_may_be_held_to_a_period_as_well(plans: Shop) -> None:
    plans.define("customer", {"name": "since", "type": "date"}, {"name": "until", "type": "date"})
    plans.define("customer", matching("recent", "count", match=None, reference="customer_id",
                                      period={"field": "due", "from": "since", "to": "until"}))
    mine, other = (plans.create("customer", since="2026-02-01")["id"] for _ in range(2))
    plans.create("deal", customer_id=mine, due="2026-01-31", stage="won")
    deal = plans.create("deal", customer_id=mine, due="2026-02-01", stage="won")["id"]
    plans.settle()
    assert [plans.get("customer", one)["recent"] for one in (mine, other)] == [1, 0]
    plans.change("deal", deal, customer_id=other)
    plans.settle()
    assert [plans.get("customer", one)["recent"] for one in (mine, other)] == [0, 1]


@pytest.mark.parametrize(("field", "code", "pointer"), [
    (matching("r", match=[{"field": "owner_id", "own": "team_id"}]), "rollup_pair", "/options/match/0/own"),
    (matching("r", match=[{"field": "price", "own": "plan"}]), "rollup_pair", "/options/match/0/own"),
    (matching("r", match=[PERSON, {"field": "nothing", "own": "team_id"}]), "unknown_field", "/options/match/1/field"),
    (matching("r", match=[{"field": "owner_id", "own": "nothing"}]), "unknown_field", "/options/match/0/own"),
    (matching("r", match=[{**PERSON, "below": True}]), "rollup_below", "/options/match/0/below"),
    (matching("r", match=[{**PERSON, "optional": 1}]), "not_boolean", "/options/match/0/optional"),
    (matching("r", match=[{**PERSON, "more": 1}]), "unknown_field", "/options/match/0/more"),
    (matching("r", match=[PERSON] * 6), "bad_list", "/options/match"),
    (matching("r", match=[PERSON, TEAM], period=None), "rollup_needs_pair", "/options/match"),
    (matching("r", match=None, period={**QUARTER, "field": "name"}), "rollup_period", "/options/period/field"),
    (matching("r", match=None, period={**QUARTER, "to": "plan"}), "rollup_period", "/options/period/to"),
    (matching("r", match=None, period={"field": "due"}), "required", "/options/period/from"),
    (matching("r", match=[{"field": "owner_id", "own": "Person"}]), "bad_name", "/options/match/0/own"),
    (matching("r", match=[{"field": "name", "own": "name"}], period=None), "rollup_unindexed", "/options/match"),
    (matching("r", match=None, period=None), "rollup_reference", "/options/reference"),
])  # fmt: skip
def test_a_wrong_match_is_refused_at_its_place(plans: Shop, field: dict[str, Any], code: str, pointer: str) -> None:
    found = plans.define("target", field, status=422)["errors"][0]
    assert (found["code"], found["pointer"]) == (code, pointer)
    assert "{" not in found["detail"]
    assert not found["detail"].startswith("error.")


def test_a_circle_through_matched_fields_is_named(plans: Shop) -> None:
    plans.define("target", {"name": "offset", "type": "integer"})
    day = formula("day", "DATE(2026, 1, 1) + deals + COALESCE(offset, 0)", "date")
    plans.define("target", {**day, "indexed": True})
    found = plans.define("target", matching("again", "count", period={**QUARTER, "from": "day"}))
    assert found["name"] == "again"
    circle = formula("day", "DATE(2026, 1, 1) + again", "date")
    answer = plans.call("PATCH", "/objects/target/fields/day", {"options": circle["options"]}, plans.admin)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] == "circular_formula"
    assert "target.again → target.day" in answer.json["errors"][0]["detail"]


def test_a_field_that_matches_is_neither_deleted_nor_left_without_its_index(plans: Shop) -> None:
    assert plans.call("DELETE", "/objects/target/fields/person_id", who=plans.admin).status_code == 409
    assert plans.call("DELETE", "/objects/deal/fields/due", who=plans.admin).status_code == 409
    answer = plans.call("PATCH", "/objects/deal/fields/due", {"indexed": False}, plans.admin)
    assert (answer.status_code, answer.json["code"]) == (409, "used_in_formulas")
    uses = plans.good("GET", "/objects/deal/fields/due/uses", who=plans.admin)["items"]
    assert {("rollup", "target", "achieved"), ("rollup", "target", "deals")} <= {
        (one["kind"], one["object"], one["field"]) for one in uses}


def test_who_may_not_read_what_matches_does_not_learn_the_sum(plans: Shop) -> None:
    target = _target(plans)
    for target_rules, deal_rules in (({"person_id": "none"}, {}), ({}, {"due": "none"})):
        role = plans.harness.role({"target": grant(**target_rules), "deal": grant(**deal_rules)})
        blind = plans.harness.user("Blind", None, (role,))
        assert {"achieved", "deals", "share"}.isdisjoint(plans.get("target", target, blind))


class _Chance:
    """Random writes of deals and targets; `check` compares every stored value with a plain recomputation."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.chance = shop, random.Random(seed)
        sales = shop.harness.department("Sales")
        self.below = {sales: [sales]}
        for name in ("East", "West"):
            team = shop.harness.department(name, sales)
            self.below[sales].append(team)
            self.below[team] = [team]
        self.people = {_person(shop, team): team for team in (*self.below, *self.below)}
        self.failures: list[str] = []

    def day(self) -> str | None:
        return self.chance.choice([None, *(date(2026, month, day).isoformat() for month in (1, 2, 3, 4)
                                           for day in (1, 15, 28))])

    def deal(self, chance: random.Random) -> dict[str, Any]:
        return {"owner_id": chance.choice(list(self.people)), "price": money(str(chance.randrange(1000))),
                "due": self.day(), "stage": chance.choice(["won", "won", "open", "lost"])}

    def target(self, chance: random.Random) -> dict[str, Any]:
        return {"person_id": chance.choice([None, *self.people]), "team_id": chance.choice([None, *self.below]),
                "starts_on": self.day(), "ends_on": self.day()}

    def step(self, client: Any, chance: random.Random, mine: dict[str, list[str]]) -> None:
        name = chance.choice(["deal", "deal", "target"])
        values, known = getattr(self, name)(chance), mine.setdefault(name, [])
        action = chance.choice(["create", "create", "change", "change", "one", "delete", "batch"])
        if action == "batch":
            rows = [{"name": "x", **getattr(self, name)(chance)} for _ in range(3)]
            done = self.ask(client, "POST", f"/{name}/batch", {
                "operations": [{"action": "create", "values": row} for row in rows]})
            known += [one["record"]["id"] for one in done["results"]]
        elif action == "create" or not known:
            known.append(self.ask(client, "POST", f"/{name}", {"name": "x", **values})["id"])
        elif action == "delete":
            self.ask(client, "DELETE", f"/{name}/{known.pop(chance.randrange(len(known)))}")
        else:
            one = chance.choice(list(values))
            self.ask(client, "PATCH", f"/{name}/{chance.choice(known)}",
                     values if action == "change" else {one: values[one]})

    def ask(self, client: Any, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.shop.harness.token(self.shop.seller)}"}
        answer = client.open(f"/v1/records{path}", method=method, json=body, headers=headers)
        if answer.status_code >= 400:
            self.failures.append(f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)}")
        return answer.json

    def check(self) -> tuple[int, int]:
        """How many targets there are, and how many of them have achieved something."""
        self.shop.settle()
        deals, targets = ([*_everything(self.shop, name)] for name in ("deal", "target"))
        for target in targets:
            counted = [deal for deal in deals if self._counts(target, deal)]
            total = sum((Decimal(deal["price"]["amount"]) for deal in counted), Decimal(0))
            assert (target["achieved"], target["deals"]) == (money(f"{total:.2f}"), len(counted)), target
        return len(targets), sum(target["deals"] > 0 for target in targets)

    def _counts(self, target: Mapping[str, Any], deal: Mapping[str, Any]) -> bool:
        return (deal["stage"] == "won" and deal["due"] is not None
                and target["person_id"] in (None, deal["owner_id"])
                and (target["team_id"] is None or self.people[deal["owner_id"]] in self.below[target["team_id"]])
                and (target["starts_on"] or "") <= deal["due"] <= (target["ends_on"] or "9999"))


def _everything(shop: Shop, name: str) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = shop.good("POST", f"/records/{name}/query", {"limit": 200, **({"cursor": cursor} if cursor else {})})
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_writes_every_target_equals_a_plain_recomputation(plans: Shop, seed: int) -> None:
    world, mine = _Chance(plans, seed), dict[str, list[str]]()
    for number in range(120):
        world.step(plans.harness.client, world.chance, mine)
        if number % 40 == 39:
            world.check()
    assert world.failures == []
    targets, achieving = world.check()
    assert targets > 5
    assert achieving > 1


@pytest.fixture
def postgres_plans(tmp_path: Path, postgres_url: str) -> Iterator[Shop]:
    harness = Harness(SPEC, tmp_path, postgres_url)
    try:
        made = Shop(harness, harness.administrator(), "")
        for definition in (CUSTOMER, DEAL):
            made.good("POST", "/objects", definition, made.admin)
        yield _with_targets(made)
    finally:
        harness.close()


def test_a_crowd_of_writers_leaves_targets_that_equal_a_recomputation(postgres_plans: Shop) -> None:
    world, over = _Chance(postgres_plans, 3), threading.Event()

    def write(place: int) -> None:
        client, mine = postgres_plans.harness.app.test_client(), dict[str, list[str]]()
        for _ in range(25):
            world.step(client, random.Random(world.chance.random() + place), mine)

    def work() -> None:
        while not over.is_set():
            try:
                calculate_due(postgres_plans.harness.service)
            except Exception as error:
                world.failures.append(repr(error))

    crowd = [threading.Thread(target=write, args=(place,)) for place in range(5)]
    workers = [threading.Thread(target=work) for _ in range(2)]
    for thread in (*workers, *crowd):
        thread.start()
    for thread in crowd:
        thread.join()
    over.set()
    for thread in workers:
        thread.join()
    assert world.failures == []
    targets, achieving = world.check()
    assert targets > 5
    assert achieving > 1
