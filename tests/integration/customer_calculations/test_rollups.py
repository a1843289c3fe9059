"""Roll-ups: equal to a recount, whatever happens to the related records, and however many do it at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from services.customer.usecases.calculations.work import calculate_due
from tests.integration.customer_calculations.conftest import CUSTOMER, DEAL, Shop, formula, grant, rollup

_CNY = {"result": "money", "currency": "CNY"}
WON = {"field": "stage", "op": "eq", "value": "won"}
ROLLUPS = (
    rollup("deals", "count"), rollup("won_deals", "count", criteria=WON), rollup("turnover", "sum", "price", **_CNY),
    rollup("won_turnover", "sum", "price", criteria=WON, **_CNY), rollup("mean", "average", "price", **_CNY),
    rollup("pieces", "sum", "quantity"), rollup("first_due", "min", "due", result="date"),
    rollup("last_call", "max", "called_at", result="datetime"),
    rollup("mean_weight", "average", "weight", result="decimal", scale=4),
)


def money(amount: str, currency: str = "CNY") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


@pytest.fixture
def counting(shop: Shop) -> Shop:
    shop.define("customer", *ROLLUPS)
    return shop


def test_roll_ups_follow_their_records(counting: Shop) -> None:
    customer, other = counting.create("customer"), counting.create("customer")
    assert (customer["deals"], customer["turnover"], customer["mean"]) == (0, money("0.00"), None)
    first = counting.create("deal", customer_id=customer["id"], price=money("10"), quantity=2, stage="won",
                            due="2026-05-01", called_at="2026-01-01T08:00:00Z", weight="1.5")
    second = counting.create("deal", customer_id=customer["id"], price=money("5"), quantity=3, due="2026-04-01",
                             called_at="2026-02-01T08:00:00Z", weight="2")
    counting.settle()
    found = counting.get("customer", customer["id"])
    assert {name: found[name] for name in (one["name"] for one in ROLLUPS)} == {
        "deals": 2, "won_deals": 1, "turnover": money("15.00"), "won_turnover": money("10.00"), "mean": money("7.50"),
        "pieces": 5, "first_due": "2026-04-01", "last_call": "2026-02-01T08:00:00.000Z", "mean_weight": "1.7500"}
    counting.change("deal", second["id"], stage="won", price=money("6"))
    counting.change("deal", first["id"], customer_id=other["id"])
    counting.settle()
    found, gained = counting.get("customer", customer["id"]), counting.get("customer", other["id"])
    assert (found["deals"], found["won_turnover"], gained["deals"], gained["won_turnover"]) == (
        1, money("6.00"), 1, money("10.00"))
    counting.good("DELETE", f"/records/deal/{second['id']}")
    counting.settle()
    assert counting.get("customer", customer["id"])["first_due"] is None


def test_lists_and_formulas_use_roll_ups(counting: Shop) -> None:
    counting.define("customer", formula("class", 'IF(turnover > 100, "A", "B")', "text"))
    rich, poor = counting.create("customer", name="Rich"), counting.create("customer", name="Poor")
    counting.create("deal", customer_id=rich["id"], price=money("500"))
    counting.create("deal", customer_id=poor["id"], price=money("5"))
    counting.settle()
    asked = {"criteria": {"field": "turnover", "op": "gt", "value": "1"}, "sort": ["-turnover"]}
    assert [(one["name"], one["class"]) for one in counting.query("customer", **asked)] == [("Rich", "A"),
        ("Poor", "B")]


def test_what_follows_from_roll_ups_reaches_the_records_below_again(counting: Shop) -> None:
    counting.define("deal", formula("share", "price / customer_id.turnover", "percent"))
    customer = counting.create("customer")
    deal = counting.create("deal", customer_id=customer["id"], price=money("30"))
    counting.create("deal", customer_id=customer["id"], price=money("70"))
    counting.settle()
    assert counting.get("deal", deal["id"])["share"] == "30.0000"


def test_a_new_roll_up_counts_what_is_there_already(shop: Shop) -> None:
    customer = shop.create("customer")
    for amount in ("1", "2", "3"):
        shop.create("deal", customer_id=customer["id"], price=money(amount))
    shop.define("customer", rollup("turnover", "sum", "price", **_CNY))
    shop.settle()
    assert shop.get("customer", customer["id"])["turnover"] == money("6.00")
    changed = rollup("turnover", "max", "price", **_CNY)
    shop.good("PATCH", "/objects/customer/fields/turnover", {"options": changed["options"]}, shop.admin)
    shop.settle()
    assert shop.get("customer", customer["id"])["turnover"] == money("3.00")


@pytest.mark.parametrize(("field", "code", "pointer"), [
    (rollup("r", "sum"), "rollup_field", "/options/field"),
    (rollup("r", "sum", "name"), "rollup_field", "/options/field"),
    (rollup("r", "sum", "price"), "rollup_result", "/options/result"),
    (rollup("r", "sum", "price", result="money", currency="USD"), "rollup_currency", "/options/currency"),
    (rollup("r", "average", "quantity"), "rollup_result", "/options/result"),
    (rollup("r", "count", reference="name"), "rollup_reference", "/options/reference"),
    (rollup("r", "count", object="nothing"), "unknown_object", "/options/object"),
    (rollup("r", "median", "price"), "not_one_of", "/options/function"),
    (rollup("r", "count", criteria={"field": "nothing", "op": "eq", "value": 1}), "criteria.unknown_field",
     "/options/criteria/field"),
    (rollup("r", "count", criteria={"field": "customer_id.name", "op": "is_set"}), "criteria.related_not_here",
     "/options/criteria/field"),
    (rollup("r", "count", criteria={"field": "due", "op": "on", "value": "this_week"}), "rollup_relative",
     "/options/criteria"),
    (rollup("r", "count", criteria={"field": "owner_id", "op": "eq", "value": "$me"}), "rollup_relative",
     "/options/criteria"),
])  # fmt: skip
def test_a_wrong_roll_up_is_refused(shop: Shop, field: dict[str, Any], code: str, pointer: str) -> None:
    found = shop.define("customer", field, status=422)["errors"][0]
    assert (found["code"], found["pointer"]) == (code, pointer)
    assert "{" not in found["detail"]
    assert not found["detail"].startswith("error.")


def test_who_may_not_read_the_records_does_not_learn_their_sum(counting: Shop) -> None:
    customer = counting.create("customer")
    blind = counting.harness.user("Blind", None, (counting.harness.role({"customer": grant()}),))
    half = counting.harness.user("Half", None, (counting.harness.role({
        "customer": grant(), "deal": grant(price="none")}),))
    assert {"deals", "turnover"}.isdisjoint(counting.get("customer", customer["id"], blind))
    seen = counting.get("customer", customer["id"], half)
    assert "deals" in seen
    assert {"turnover", "won_turnover", "mean"}.isdisjoint(seen)


def test_an_import_asks_for_each_parent_once_per_chunk(counting: Shop) -> None:
    customer = counting.create("customer")
    counting.settle()
    operations = [{"action": "create",
        "values": {"name": str(one), "customer_id": customer["id"]}} for one in range(200)]
    counting.good("POST", "/records/deal/batch", {"operations": operations})
    before = counting.get("customer", customer["id"])["version"]
    counting.settle()
    found = counting.get("customer", customer["id"])
    assert (found["deals"], found["version"]) == (200, before + 1)


class _Crowd:
    """Threads that do anything to deals of a few customers while the worker calculates."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.seed = shop, seed
        self.customers = [shop.create("customer", name=str(one))["id"] for one in range(4)]
        self.over = threading.Event()
        self.failures: list[str] = []

    def run(self, writers: int, steps: int) -> None:
        crowd = [threading.Thread(target=self._write, args=(place, steps)) for place in range(writers)]
        workers = [threading.Thread(target=self._work) for _ in range(2)]
        for thread in (*workers, *crowd):
            thread.start()
        for thread in crowd:
            thread.join()
        self.over.set()
        for thread in workers:
            thread.join()
        self.shop.settle()

    def _work(self) -> None:
        while not self.over.is_set():
            try:
                calculate_due(self.shop.harness.service)
            except Exception as error:
                self.failures.append(repr(error))

    def _write(self, place: int, steps: int) -> None:
        chance, mine = random.Random(self.seed * 100 + place), []
        client = self.shop.harness.app.test_client()
        for _ in range(steps):
            action = chance.choice(["create", "create", "update", "move", "delete", "batch", "parent"])
            self._act(client, action, chance, mine)

    def _act(self, client: Any, action: str, chance: random.Random, mine: list[str]) -> None:
        values = {"name": "x", "price": money(str(chance.randrange(1000))), "quantity": chance.randrange(9),
                  "stage": chance.choice(["open", "won"]), "customer_id": chance.choice(self.customers)}
        if action == "parent":
            self._ask(client, "PATCH", f"/customer/{values['customer_id']}", {"secret": chance.randrange(99)})
        elif action == "batch":
            rows = [{**values, "customer_id": chance.choice(self.customers)} for _ in range(3)]
            done = self._ask(client, "POST", "/deal/batch", {"operations": [
                {"action": "create", "values": row} for row in rows]})
            mine += [one["record"]["id"] for one in done["results"]]
        elif action == "create" or not mine:
            mine.append(self._ask(client, "POST", "/deal", values)["id"])
        elif action == "delete":
            self._ask(client, "DELETE", f"/deal/{mine.pop(chance.randrange(len(mine)))}")
        else:
            changed = {"customer_id": values["customer_id"]} if action == "move" else {
                "price": values["price"], "stage": values["stage"]}
            self._ask(client, "PATCH", f"/deal/{chance.choice(mine)}", changed)

    def _ask(self, client: Any, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.shop.harness.token(self.shop.seller)}"}
        answer = client.open(f"/v1/records{path}", method=method, json=body, headers=headers)
        if answer.status_code >= 400:
            self.failures.append(f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)}")
        return answer.json


@pytest.fixture
def postgres_shop(tmp_path: Path, postgres_url: str) -> Iterator[Shop]:
    harness = Harness(SPEC, tmp_path, postgres_url)
    try:
        made = Shop(harness, harness.administrator(), "")
        made.seller = harness.user("Seller", None, (harness.role({"customer": grant(), "deal": grant()}),))
        for definition in (CUSTOMER, DEAL):
            made.good("POST", "/objects", definition, made.admin)
        made.define("customer", *ROLLUPS)
        yield made
    finally:
        harness.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_crowd_of_writers_leaves_roll_ups_that_equal_a_recount(postgres_shop: Shop, seed: int) -> None:
    crowd = _Crowd(postgres_shop, seed)
    crowd.run(writers=6, steps=25)
    assert crowd.failures == []
    deals = list(_everything(postgres_shop, "deal"))
    assert len(deals) > 20
    for customer in _everything(postgres_shop, "customer"):
        mine = [deal for deal in deals if deal["customer_id"] == customer["id"]]
        won = [deal for deal in mine if deal["stage"] == "won"]
        assert (customer["deals"], customer["won_deals"]) == (len(mine), len(won))
        assert customer["turnover"] == money(f"{_sum(mine):.2f}")
        assert customer["won_turnover"] == money(f"{_sum(won):.2f}")
        assert customer["pieces"] == sum(deal["quantity"] for deal in mine)


def _sum(deals: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(deal["price"]["amount"]) for deal in deals), Decimal(0))


def _everything(shop: Shop, name: str) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = shop.good("POST", f"/records/{name}/query", {"limit": 200, **({"cursor": cursor} if cursor else {})})
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return
