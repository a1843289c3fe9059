"""The industry packs on the product: each on top of the CRM, with its role, its views and the main thing it does."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import utcnow
from gateway.packs import shipped_pack
from tests.support.pack_product import PACKS, Product, folder

RECORDS = "/api/customer/v1/records"


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


def day(after: int = 0) -> str:
    return (utcnow() + timedelta(days=after)).date().isoformat()


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
