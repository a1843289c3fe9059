"""The industry packs on the product: each on top of the CRM, with its role, its views, what its rules do, and its demo
data, which comes and goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chassis.clock import utcnow
from freehold.demo import install_pack_demo, remove_pack_demo
from freehold.demo.packs import read_demo
from gateway.packs import shipped_pack
from tests.support.pack_product import PACKS, Product, folder

RECORDS = "/api/customer/v1/records"
TASKS = "/api/workflow/v1/tasks"


@pytest.fixture(scope="module")
def crm(product: Product) -> Product:
    product.bring_in(folder(shipped_pack("crm")))
    return product


def bring(crm: Product, name: str, role: str) -> None:
    shown = crm.bring_in(folder(shipped_pack(name)))
    assert shown["missing"] == []
    assert {one["action"] for one in shown["changes"]} == {"create"}
    assert role in [one["key"] for one in crm.items("/api/gateway/v1/roles")]
    assert name in [one["name"] for one in crm.ok("GET", PACKS)["items"]]


def make(crm: Product, object: str, **values: Any) -> str:
    return crm.ok("POST", f"{RECORDS}/{object}", values)["id"]


def switch(crm: Product, *keys: str, active: bool) -> None:
    """Turn rules on or off."""
    for rule in crm.items("/api/workflow/v1/rules?object=opportunity"):
        if rule["key"] in keys:
            crm.ok("PATCH", f"/api/workflow/v1/rules/{rule['id']}", {"active": active})


def day(after: int = 0) -> str:
    """A day as the company counts them, so many days from today."""
    return (utcnow().astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=after)).date().isoformat()


def shown_by(crm: Product, object: str, key: str) -> list[str]:
    """The titles that a view of a pack shows."""
    views = crm.ok("GET", f"/api/customer/v1/objects/{object}/views")["items"]
    id = next(one["id"] for one in views if one["key"] == key)
    return [one["id"] for one in crm.ok("GET", f"/api/customer/v1/objects/{object}/views/{id}/records")["items"]]


def becomes(claim: Callable[[], bool]) -> bool:
    """What is counted of other records is there a moment later."""
    until = time.monotonic() + 60
    while not claim() and time.monotonic() < until:
        time.sleep(0.1)
    return claim()


def tasks(crm: Product, kind: str, record: str | None = None) -> list[str]:
    """The titles of the open tasks of a kind, of one record."""
    return [one["title"] for one in crm.items(f"{TASKS}?state=open")
            if one["kind"] == kind and (record is None or (one["link"] or {}).get("id") == record)]


def convert(crm: Product, object: str, id: str, key: str) -> dict[str, str]:
    return crm.ok("POST", f"{RECORDS}/{object}/{id}/convert", {"conversion": key})["created"]


def the_demo_comes_and_goes(crm: Product, home: Path, name: str, board: str, shown: dict[str, list[str]]) -> None:
    """Demo data comes in, `shown` views and all widgets of the board show some of it, and it goes away whole."""
    demo = read_demo(shipped_pack(name)) or {}
    counts = {part["object"]: len(part["records"]) for part in demo["objects"]}
    before = {object: total(crm, object) for object in counts}
    open_tasks = len(crm.items(f"{TASKS}?state=open"))
    install_pack_demo(crm.call, home, shipped_pack(name))
    assert {object: total(crm, object) - before[object] for object in counts} == counts
    assert len(crm.items(f"{TASKS}?state=open")) == open_tasks + len(demo.get("tasks", ()))
    for object, keys in shown.items():
        for key in keys:
            assert becomes(lambda object=object, key=key: len(shown_by(crm, object, key)) > 2), key
    [dashboard] = [one for one in crm.items("/api/report/v1/dashboards") if one["key"] == board]

    def widgets() -> list[dict[str, Any]]:
        return crm.ok("GET", f"/api/report/v1/dashboards/{dashboard['id']}/data")["widgets"]
    assert becomes(lambda: not [one for one in widgets() if "error" in one]), "every widget has an answer"
    assert remove_pack_demo(crm.call, home, name).kept == []
    assert {object: total(crm, object) for object in counts} == before
    assert becomes(lambda: len(crm.items(f"{TASKS}?state=open")) == open_tasks), "tasks go with their records"


def total(crm: Product, object: str) -> int:
    return crm.ok("GET", f"{RECORDS}/{object}?limit=1&total=exact")["total"]


def test_rules_of_the_crm_date_what_is_won_and_lost(crm: Product) -> None:
    switch(crm, "crm.opportunity_won_today", "crm.opportunity_lost_today", active=True)
    customer = make(crm, "customer", name="苏州恒科")
    known = {"customer_id": customer, "contact_id": make(crm, "contact", name="李雷", customer_id=customer),
             "stage": "negotiation", "amount": {"amount": "1000.00", "currency": "CNY"},
             "expected_close_on": day(30), "probability": "70"}
    of_old = make(crm, "opportunity", name="Of old", **{**known, "stage": "won"})
    for stage, chance in (("won", 100), ("lost", 0)):
        deal = f"{RECORDS}/opportunity/{make(crm, 'opportunity', name=stage, **known)}"
        crm.ok("PATCH", deal, {"stage": stage, **({"lost_reason": "price"} if stage == "lost" else {})})
        assert becomes(lambda deal=deal: crm.ok("GET", deal)["closed_on"] == day())
        assert float(crm.ok("GET", deal)["probability"]) == chance
    assert crm.ok("GET", f"{RECORDS}/opportunity/{of_old}")["closed_on"] is None
    switch(crm, "crm.opportunity_won_today", "crm.opportunity_lost_today", active=False)


def test_equipment_falls_due_and_a_maintenance_starts_its_interval_anew(crm: Product) -> None:
    bring(crm, "manufacturing", "field_engineer")
    customer = make(crm, "customer", name="远山机械")
    equipment = make(crm, "equipment", name="Press 1", customer_id=customer, installed_on=day(-400), interval_days=180,
                     warranty_months=12)
    due = crm.ok("GET", f"{RECORDS}/equipment/{equipment}")
    assert (due["is_due"], due["next_due_on"], due["in_warranty"]) == (True, day(-220), False)
    assert shown_by(crm, "equipment", "equipment_due") == [equipment]
    make(crm, "maintenance", subject="Half-yearly check", equipment_id=equipment, due_on=day(), done_on=day(),
         status="done")
    assert becomes(lambda: crm.ok("GET", f"{RECORDS}/equipment/{equipment}")["next_due_on"] == day(180))
    assert shown_by(crm, "equipment", "equipment_due") == []


def test_a_machine_that_falls_due_or_fails_is_a_task_of_its_owner(crm: Product, tmp_path: Path) -> None:
    customer = make(crm, "customer", name="远山机械")
    machine = make(crm, "equipment", name="Press 2", customer_id=customer, installed_on=day(-80), interval_days=90)
    assert becomes(lambda: tasks(crm, "maintenance", machine) == ["Carry out the preventive maintenance"])
    planned = convert(crm, "equipment", machine, "maintenance")["maintenance"]
    shown = crm.ok("GET", f"{RECORDS}/maintenance/{planned}")
    assert (shown["subject"], shown["due_on"], shown["equipment_id"]) == ("Press 2", day(10), machine)
    crm.ok("PATCH", f"{RECORDS}/maintenance/{planned}", {"status": "done"})
    assert becomes(lambda: crm.ok("GET", f"{RECORDS}/maintenance/{planned}")["done_on"] is not None)
    crm.ok("PATCH", f"{RECORDS}/equipment/{machine}", {"status": "fault"})
    assert becomes(lambda: tasks(crm, "repair", machine) == ["Look into the fault within four hours"])
    the_demo_comes_and_goes(crm, tmp_path, "manufacturing", "manufacturing.equipment", {
        "equipment": ["equipment_due"], "maintenance": ["maintenance_planned"]})


def test_members_collect_points_and_redeem_coupons_in_stores(crm: Product) -> None:
    bring(crm, "retail", "store_manager")
    customer = make(crm, "customer", name="王小姐")
    member = make(crm, "member_account", name="王小姐", customer_id=customer)
    for points, kind in ((120, "earn"), (-20, "redeem")):
        make(crm, "points_entry", reason="Purchase", member_account_id=member, kind=kind, points=points,
             happened_on=day())
    assert becomes(lambda: crm.ok("GET", f"{RECORDS}/member_account/{member}")["points"] == 100)
    store = make(crm, "store", name="East Street")
    coupon, old = (make(crm, "coupon", campaign="Spring", member_account_id=member, kind="amount",
                        value={"amount": "50", "currency": "CNY"}, valid_to=day(days)) for days in (30, -1))
    assert shown_by(crm, "coupon", "coupon_open") == [coupon], "one that has expired is none"
    assert crm.ok("GET", f"{RECORDS}/coupon/{old}")["is_expired"] is True
    crm.ok("PATCH", f"{RECORDS}/coupon/{coupon}", {"status": "redeemed", "store_id": store, "redeemed_on": day()})
    assert becomes(lambda: crm.ok("GET", f"{RECORDS}/store/{store}")["coupon_count"] == 1)
    assert shown_by(crm, "coupon", "coupon_open") == []


def test_members_rise_with_their_points_and_pay_coupons_with_them(crm: Product, tmp_path: Path) -> None:
    member = make(crm, "member_account", name="李先生", phone="+8613900000001")
    make(crm, "points_entry", reason="Purchase", member_account_id=member, kind="earn", points=2500)
    assert becomes(lambda: crm.ok("GET", f"{RECORDS}/member_account/{member}")["tier"] == "silver")
    make(crm, "points_entry", reason="Purchase", member_account_id=member, kind="earn", points=2500)
    assert becomes(lambda: crm.ok("GET", f"{RECORDS}/member_account/{member}")["tier"] == "gold")
    coupon = make(crm, "coupon", campaign="Points", member_account_id=member, kind="gift", points_cost=200)
    entry = convert(crm, "coupon", coupon, "spend_points")["points_entry"]
    assert crm.ok("GET", f"{RECORDS}/points_entry/{entry}")["points"] == -200
    assert becomes(lambda: crm.ok("GET", f"{RECORDS}/member_account/{member}")["points"] == 4800)
    status, _ = crm.call("POST", f"{RECORDS}/coupon/{coupon}/convert", {"conversion": "spend_points"})
    assert status == 409, "points are booked once"
    crm.ok("PATCH", f"{RECORDS}/coupon/{coupon}", {"status": "redeemed"})
    assert becomes(lambda: crm.ok("GET", f"{RECORDS}/coupon/{coupon}")["redeemed_on"] is not None)
    the_demo_comes_and_goes(crm, tmp_path, "retail", "retail.members", {
        "coupon": ["coupon_open"], "points_entry": ["points_spent"]})


def test_a_subscription_that_ends_soon_asks_for_its_renewal(crm: Product) -> None:
    bring(crm, "business-services", "account_manager")
    customer = make(crm, "customer", name="东方咨询")
    fee = {"amount": "100", "currency": "CNY"}
    soon, later = (make(crm, "subscription", name=name, customer_id=customer, status="active", cycle="month", fee=fee,
                        seats=1, starts_on=day(-300), ends_on=day(days))
                   for name, days in (("Soon", 30), ("Later", 300)))
    assert shown_by(crm, "subscription", "subscription_due") == [soon]
    assert crm.ok("GET", f"{RECORDS}/subscription/{later}")["renewal_due"] is False
    renewal = make(crm, "renewal", name="Renewal 1", subscription_id=soon, due_on=day(30))
    crm.ok("PATCH", f"{RECORDS}/renewal/{renewal}", {"outcome": "renewed"})
    assert becomes(lambda: crm.ok("GET", f"{RECORDS}/subscription/{soon}")["renewals"] == 1)


def test_a_subscription_reminds_before_it_ends_and_its_renewal_begins_with_one_step(crm: Product,
                                                                                    tmp_path: Path) -> None:
    customer = make(crm, "customer", name="东方咨询")
    fee = {"amount": "1200.00", "currency": "CNY"}
    subscription = make(crm, "subscription", name="Cloud", customer_id=customer, cycle="year", fee=fee,
                        starts_on=day(-345), ends_on=day(20))
    asked = {"Talk to the customer about the renewal", "Last month: get the renewal signed"}
    assert becomes(lambda: set(tasks(crm, "renewal", subscription)) == asked)
    renewal = convert(crm, "subscription", subscription, "renewal")["renewal"]
    shown = crm.ok("GET", f"{RECORDS}/renewal/{renewal}")
    assert (shown["subscription_id"], shown["due_on"], shown["offered"]) == (subscription, day(20), fee)
    assert crm.ok("GET", f"{RECORDS}/subscription/{subscription}")["status"] == "renewing"
    crm.ok("PATCH", f"{RECORDS}/renewal/{renewal}", {"outcome": "lost"})
    assert becomes(lambda: tasks(crm, "renewal", renewal) == ["Write down why the renewal was lost"])
    the_demo_comes_and_goes(crm, tmp_path, "business-services", "services.renewals", {
        "subscription": ["subscription_due"]})


@pytest.mark.parametrize("name", ["manufacturing", "retail", "business-services"])
def test_an_industry_pack_is_unchanged_when_it_is_looked_at_again(crm: Product, name: str) -> None:
    _, shown = crm.upload(folder(shipped_pack(name)))
    assert {one["action"] for one in shown["changes"]} == {"unchanged"}
