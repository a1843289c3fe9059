"""Analyses are learned from the read model, shown under everybody's rights, and survive what dies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.clock import from_wire, to_wire, utcnow
from chassis.ids import new_id
from chassis.jobs import JobRunner
from services.report.events import ANALYSIS_TRAINED
from services.report.store.read_model import RecordRow
from services.report.store.read_model.scores import counted_scores
from services.report.store.tables import analysis, analysis_model
from services.report.usecases.analysis import train as training
from tests.integration.report.conftest import House, grant

VALUE = {"object": "customer", "orders": "purchase", "customer": "customer_id", "date": "bought_on", "amount": "paid"}
PURCHASE = {
    "name": "purchase", "label": {"en": "Purchase", "zh-CN": "购买"}, "fields": [
        {"name": "name", "type": "text", "required": True}, {"name": "bought_on", "type": "date"},
        {"name": "paid", "type": "money"},
        {"name": "customer_id", "type": "reference", "options": {"object": "customer"}}]}
OWNERS = 4


def buy(house: House, customers: int = 160) -> list[str]:
    """Customers of two years who buy at rates of their own and may leave after each purchase; some have bought once."""
    house.write("POST", "/objects", PURCHASE)
    house.sync()
    dice, today = random.Random(5), utcnow().date()
    ids, people, orders = [new_id() for _ in range(customers)], [], []
    for place, id in enumerate(ids):
        people.append(record(id, name=f"Customer {place}", owner_id=house.people[f"rep{place % OWNERS}"]))
        for day, paid in purchases(dice):
            orders.append(record(new_id(), name="P", customer_id=id, paid={"amount": f"{paid:.2f}", "currency": "CNY"},
                                 bought_on=(today - timedelta(days=day)).isoformat()))
    with house.model.changing() as writer:
        writer.put("customer", people)
        writer.put("purchase", orders)
    return ids


def purchases(dice: random.Random) -> Iterator[tuple[int, float]]:
    """Days ago, and what was paid."""
    day, every, mean = dice.randrange(200, 700), dice.gammavariate(3, 15) + 5, dice.gammavariate(4, 50)
    while day >= 0:
        yield day, max(mean * dice.uniform(0.6, 1.4), 1)
        if dice.random() < 0.12:
            return
        day -= max(1, round(dice.expovariate(1 / every)))


def record(id: str, **values: Any) -> RecordRow:
    now = to_wire(utcnow())
    return RecordRow(id, 1, {"created_at": now, "updated_at": now, **values})


@pytest.fixture
def shop(house: House) -> House:
    """The administrator, and four representatives who see their own customers and all purchases."""
    for place in range(OWNERS):
        house.people[f"rep{place}"] = house.user(f"Rep {place}", objects={
            "customer": grant("own"), "purchase": grant("all")})
    buy(house)
    return house


def made(house: House, **more: Any) -> dict[str, Any]:
    answer = house.ask(house.admin, "/analyses", {
        "key": "value", "name": {"en": "Value", "zh-CN": "价值"}, "kind": "value", "mapping": VALUE, **more})
    assert answer.status_code == 201, answer.json
    return answer.json


def train(house: House) -> None:
    training.train_due(house.report.service)
    training.score_here(house.report.service)
    while JobRunner(house.report.service).run_one():
        pass


def get(house: House, who: str, path: str, **query: Any) -> dict[str, Any]:
    answer = house.ask(who, path, method="GET", query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json


def all_scores(house: House, who: str, id: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = get(house, who, f"/analyses/{id}/scores", limit=30, **query, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_customers_are_scored_and_everybody_sees_his_own(shop: House) -> None:
    id = made(shop)["id"]
    train(shop)
    shown = get(shop, shop.admin, f"/analyses/{id}")
    model = shown["model"]
    assert (model["state"], model["number"], model["scored"]) == ("ready", 1, 160)
    checked = model["card"]["check"]
    assert abs(checked["purchases"]["error"]) < 0.25
    assert sum(one["actual"] for one in checked["by_times"]) == checked["purchases"]["actual"] > 80
    low, high = checked["by_alive"][0], checked["by_alive"][-1]
    assert low["bought"] / low["customers"] < 0.1
    assert high["bought"] / high["customers"] > 0.5
    assert model["parameters"]["p"] > 0
    assert "would have foretold" in " ".join(model["words"])

    whole = all_scores(shop, shop.admin, id)
    assert [one["amount"] for one in whole] == sorted((one["amount"] for one in whole), reverse=True)
    assert len({one["id"] for one in whole}) == len(whole) == 160
    mine = all_scores(shop, shop.people["rep1"], id)
    assert [one["id"] for one in mine] == [one["id"] for one in whole if one["owner_id"] == shop.people["rep1"]]
    assert len(mine) == 40
    theirs = get(shop, shop.people["rep1"], f"/analyses/{id}")["model"]
    assert (theirs["card"], theirs["parameters"], theirs["scored"]) == (None, None, None)

    risky = all_scores(shop, shop.admin, id, sort="chance", most=0.3)
    assert risky
    assert all(one["chance"] <= 0.3 and "much too long" in " ".join(one["words"]) for one in risky)
    due = all_scores(shop, shop.admin, id, sort="due_on")
    assert [one["due_on"] for one in due] == sorted(one["due_on"] for one in due)
    beside = get(shop, shop.people["rep1"], f"/record-scores/customer/{mine[0]['id']}")["items"]
    assert [(one["analysis"]["id"], one["score"]) for one in beside] == [(id, mine[0])]
    others = next(one for one in whole if one["owner_id"] != shop.people["rep1"])
    assert get(shop, shop.people["rep1"], f"/record-scores/customer/{others['id']}")["items"] == []
    said, = shop.report.published(ANALYSIS_TRAINED)
    assert (said.data["kind"], said.data["state"], said.data["scored"]) == ("value", "ready", 160)


def test_who_may_not_read_a_field_it_came_from_sees_no_score(shop: House) -> None:
    id = made(shop)["id"]
    train(shop)
    customer = all_scores(shop, shop.admin, id)[0]["id"]
    every = grant("all")
    for objects in ({"customer": every, "purchase": grant("all", paid="none")}, {"purchase": every},
                    {"customer": every, "purchase": grant("all", bought_on="masked")}, {"customer": every}):
        blind = shop.user("Blind", objects=objects)
        assert get(shop, blind, "/analyses")["items"] == []
        for path in (f"/analyses/{id}", f"/analyses/{id}/scores"):
            assert shop.ask(blind, path, method="GET").status_code == 404
        assert get(shop, blind, f"/record-scores/customer/{customer}")["items"] == []


def test_a_killed_training_writes_every_score_once(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    id = made(shop)["id"]
    monkeypatch.setattr(training, "_PIECE", 50)
    real, calls = training.put_scores, []

    def dies(*given: Any) -> None:
        calls.append(given)
        if len(calls) == 3:
            raise MemoryError
        real(*given)

    monkeypatch.setattr(training, "put_scores", dies)
    training.train_due(shop.report.service)
    assert JobRunner(shop.report.service).run_one()
    assert shop.ask(shop.admin, f"/analyses/{id}/scores", method="GET").json["items"] == []  # no half version answers
    monkeypatch.setattr("chassis.jobs.utcnow", lambda: utcnow() + timedelta(minutes=1))
    assert JobRunner(shop.report.service).run_one()
    assert get(shop, shop.admin, f"/analyses/{id}")["model"]["number"] == 1
    assert len(all_scores(shop, shop.admin, id)) == 160
    with shop.model.file.reading() as cursor:
        assert counted_scores(cursor) == {(id, 1): 160}


def test_a_new_version_takes_the_place_of_the_old_one_when_it_is_time(shop: House) -> None:
    id = made(shop, every="week")["id"]
    train(shop)
    after = from_wire(get(shop, shop.admin, f"/analyses/{id}")["next_at"])
    assert after.isoweekday() == 1
    assert timedelta(0) < after - utcnow() <= timedelta(days=7)
    train(shop)
    assert get(shop, shop.admin, f"/analyses/{id}")["model"]["number"] == 1  # it is not time
    with shop.report.service.db.unit_of_work() as uow:
        uow.execute(update(analysis).values(next_at=utcnow()))
    train(shop)
    assert get(shop, shop.admin, f"/analyses/{id}")["model"]["number"] == 2
    with shop.model.file.writing() as cursor:
        assert counted_scores(cursor) == {(id, 2): 160}
        cursor.execute("DELETE FROM score")  # as when the file was lost
    train(shop)
    assert len(all_scores(shop, shop.admin, id)) == 160
    assert get(shop, shop.admin, f"/analyses/{id}")["model"]["number"] == 2  # the same version, written again


def test_what_looks_at_something_else_meanwhile_is_trained_again(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    id, learn = made(shop)["id"], training._outcome

    def meanwhile(*given: Any) -> Any:
        monkeypatch.undo()
        shop.ask(shop.admin, f"/analyses/{id}", {"mapping": VALUE | {"months": 6}}, method="PATCH",
                 headers={"If-Match": '"1"'})
        return learn(*given)

    monkeypatch.setattr(training, "_outcome", meanwhile)
    train(shop)
    assert all_scores(shop, shop.admin, id) == []  # they were learned by a mapping that holds no more
    train(shop)
    assert get(shop, shop.admin, f"/analyses/{id}")["model"]["number"] == 2
    assert len(all_scores(shop, shop.admin, id)) == 160


def test_too_little_and_what_does_not_fit_are_told(house: House) -> None:
    for place in range(OWNERS):
        house.people[f"rep{place}"] = house.admin
    buy(house, customers=20)
    few = made(house)
    wrong = made(house, key="wrong", mapping={**VALUE, "date": "nothing"})
    train(house)
    model = get(house, house.admin, f"/analyses/{few['id']}")["model"]
    assert model["state"] == "too_little"
    assert "20 customers" in model["words"][0]
    model = get(house, house.admin, f"/analyses/{wrong['id']}")["model"]
    assert model["state"] == "misfit"
    assert [(one["pointer"], one["code"]) for one in model["problems"]] == [("/mapping/date", "unknown_field")]
    changed = house.ask(house.admin, f"/analyses/{wrong['id']}", {"mapping": VALUE}, method="PATCH")
    assert changed.status_code == 200
    train(house)
    assert get(house, house.admin, f"/analyses/{wrong['id']}")["model"]["state"] == "too_little"
    assert house.ask(house.admin, f"/analyses/{few['id']}", method="DELETE").status_code == 204
    with house.report.service.db.read() as connection:
        assert connection.execute(select(analysis_model.c.analysis_id).distinct()).scalars().all() == [wrong["id"]]


WRONG = [
    ({"kind": "magic"}, "/kind"), ({"mapping": {"object": "customer"}}, "/mapping/orders"),
    ({"mapping": {**VALUE, "months": 0}}, "/mapping/months"), ({"mapping": {**VALUE, "more": 1}}, "/mapping/more"),
    ({"kind": "win", "mapping": {"object": "lead", "stage": "status", "won": [], "lost": ["new"], "date": "visited_on",
                                 "fields": ["region"]}}, "/mapping/won"),
    ({"every": "hour"}, "/every")]


def test_only_who_looks_after_dashboards_sets_analyses_up_and_is_told_what_is_wrong(house: House) -> None:
    for body, pointer in WRONG:
        answer = house.ask(house.admin, "/analyses", {"name": {"en": "V"}, "kind": "value", "mapping": VALUE, **body})
        assert answer.status_code == 422
        assert pointer in [fault["pointer"] for fault in answer.json["errors"]]
    one = made(house)
    rep = house.user("Rep", objects={"*": grant("all")})
    for method, path, body in (("POST", "", {"name": {"en": "V"}, "kind": "value", "mapping": VALUE}),
                               ("PATCH", f"/{one['id']}", {"enabled": False}), ("DELETE", f"/{one['id']}", None),
                               ("POST", f"/{one['id']}/train", None)):
        assert house.ask(rep, f"/analyses{path}", body, method=method).status_code == 403
    assert house.ask(house.admin, "/analyses", {"key": "value", "name": {"en": "V"}, "kind": "value",
                                                "mapping": VALUE}).json["code"] == "analysis_key_taken"
    other = made(house, key="other")
    answer = house.ask(house.admin, f"/analyses/{other['id']}", {"key": "value"}, method="PATCH",
                       headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json["code"]) == (409, "analysis_key_taken")


def test_open_deals_have_a_chance_with_reasons(house: House) -> None:
    """East is won, north is lost; of an open deal that is told, and of one that is closed since nothing."""
    dice = random.Random(3)
    ids = {region: new_id() for region in ("east", "north")}
    rows = []
    for _ in range(240):
        region = dice.choice(["east", "north"])
        won = dice.random() < (0.8 if region == "east" else 0.25)
        day = (utcnow().date() - timedelta(days=dice.randrange(300))).isoformat()
        status = "converted" if won else "qualified"
        rows.append(record(new_id(), name="L", region=region, status=status, visited_on=day))
    rows += [record(id, name=region, region=region, status="working", owner_id=house.admin,
                    expected_amount={"amount": "1000.00", "currency": "CNY"}) for region, id in ids.items()]
    with house.model.changing() as writer:
        writer.put("lead", rows)
    id = made(house, kind="win", mapping={
        "object": "lead", "stage": "status", "won": ["converted"], "lost": ["qualified"], "date": "visited_on",
        "amount": "expected_amount", "fields": ["region", "vip"]})["id"]
    train(house)
    model = get(house, house.admin, f"/analyses/{id}")["model"]
    assert (model["state"], model["scored"]) == ("ready", 2)
    assert model["card"]["check"]["auc"] > 0.65
    good, bad = all_scores(house, house.admin, id, sort="-chance")
    assert (good["id"], bad["id"]) == (ids["east"], ids["north"])
    assert good["chance"] > 0.7
    assert bad["chance"] < 0.35
    assert good["amount"] == pytest.approx(1000 * good["chance"], rel=0.001)
    assert "Speaks for it: Region: East." in good["words"]
    assert "Speaks against it: Region: North." in bad["words"]
    chinese = house.user("王", objects={"lead": grant("all")}, locale="zh-CN")
    assert "有利因素：区域: 华东。" in all_scores(house, chinese, id, sort="-chance")[0]["words"]
    with house.model.changing() as writer:
        closed = dict(rows[-1].record) | {"status": "qualified"}
        writer.put("lead", [RecordRow(ids["north"], 2, closed)])
    assert [one["id"] for one in all_scores(house, house.admin, id, sort="chance")] == [ids["east"]]
    blind = house.user("Blind", objects={"lead": grant("all", region="none")})
    assert get(house, blind, "/analyses")["items"] == []


def test_forecasts_and_baskets_are_made_of_what_one_may_see(house: House) -> None:
    """Two people see different leads, so they are told different things; a field that is hidden hides the analysis."""
    rep = house.user("Rep", objects={"lead": grant("own"), "customer": grant("all")})
    half = house.user("Half", objects={"lead": grant("all", region="none"), "customer": grant("all")})
    month, rows, baskets = utcnow().date().replace(day=1), [], [new_id() for _ in range(80)]
    for _ in range(16):
        month = (month - timedelta(days=1)).replace(day=1)
        rows += [record(new_id(), name="L", visited_on=month.isoformat(), owner_id=owner)
                 for owner in (rep, house.admin, house.admin)]
    for number, basket in enumerate(baskets):
        regions = ["east", "north"] if number < 30 else ["east"] if number < 40 else ["south"]
        rows += [record(new_id(), name="L", customer_id=basket, region=region, owner_id=house.admin)
                 for region in (*regions, regions[0])]
    with house.model.changing() as writer:
        writer.put("lead", rows)
    forecast = made(house, kind="forecast", mapping={"object": "lead", "date": "visited_on", "months": 3})["id"]
    basket = made(house, key="pairs", kind="basket", mapping={"object": "lead", "basket": "customer_id",
                                                              "item": "region"})["id"]
    for who, each in ((house.admin, 3), (rep, 1)):
        told = get(house, who, f"/analyses/{forecast}/result")
        assert [one["actual"] for one in told["past"]] == [each] * 16
        assert [(one["expected"], one["low"], one["high"]) for one in told["months"]] == [(each, each, each)] * 3
        assert told["months"][0]["month"] == utcnow().date().replace(day=1).isoformat()
        assert len(told["check"]) == 3
    told = get(house, house.admin, f"/analyses/{basket}/result")
    shown = {(one["first_title"], one["second_title"]): one for one in told["pairs"]}
    assert set(shown) == {("East", "North"), ("North", "East")}
    pair = shown["East", "North"]
    assert (told["baskets"], pair["together"], pair["support"], pair["confidence"]) == (80, 30, 0.375, 0.75)
    assert pair["lift"] == 2.0  # 0.75 instead of 30 of 80
    assert "75 % of the baskets with East also have North; of all baskets 38 % do." in pair["words"]
    assert get(house, rep, f"/analyses/{basket}/result")["baskets"] == 0
    assert house.ask(half, f"/analyses/{basket}/result", method="GET").status_code == 404
    assert house.ask(house.admin, f"/analyses/{basket}/scores", method="GET").status_code == 404
    assert house.ask(house.admin, f"/analyses/{basket}/train").status_code == 404
