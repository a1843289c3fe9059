"""Ownership on the screen: leads of a pool are claimed, returned, assigned; what a leaver has is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import SLOW_MS, OpenPage, answer, choose, fits, picture, press, says
from tests.support.main_job import Company, eventually
from tests.support.product import Person, Product, new_password

RECORDS = "/api/customer/v1/records"
PHONE = "13857109876"
REASON = {"value": "silent", "label": {"en": "Never answers", "zh-CN": "联系不上"}}


@dataclass
class Seller:
    """Somebody who claims."""

    id: str
    name: str
    username: str
    password: str
    person: Person


def hired(product: Product, company: Company, name: str, role: str) -> Seller:
    username, password = name.lower().replace(" ", "."), new_password()
    id = company.admin.post("/api/gateway/v1/users", {
        "username": username, "name": name, "email": f"{username}@example.com", "department_id": company.north,
        "role_ids": [role], "locale": "en", "timezone": "Asia/Shanghai", "password": password})["id"]
    return Seller(id, name, username, password, product.sign_in(username, password))


@pytest.fixture(scope="module")
def sellers(product: Product, company: Company) -> tuple[Seller, Seller]:
    role = company.admin.post("/api/gateway/v1/roles", {
        "key": "pool_seller", "name": {"en": "Field sales", "zh-CN": "外勤销售"}, "permissions": [],
        "objects": {"lead": {"actions": ["create", "read", "update"], "scope": "own", "fields": {}}}})["id"]
    return hired(product, company, "Paula Claims", role), hired(product, company, "Leo Leaves", role)


@pytest.fixture(scope="module")
def pool(company: Company, sellers: tuple[Seller, Seller]) -> dict[str, Any]:
    """A pool with three leads in it."""
    made = company.admin.post("/api/customer/v1/pools", {
        "object": "lead", "name": {"en": "Trade fair", "zh-CN": "展会公海"}, "max_held": 2,
        "members": [f"user:{one.id}" for one in sellers], "masked": ["phone"], "reasons": [REASON],
        "reason_required": True, "former_owner_days": 7})
    ids = [company.admin.post(f"{RECORDS}/lead", {
        "name": name, "company": "Hengke Ltd", "phone": PHONE, "region": "east", "owner_id": None})["id"]
        for name in ("Fair lead A", "Fair lead B", "Fair lead C")]
    assert company.admin.post(f"{RECORDS}/lead/move", {"ids": ids, "pool_id": made["id"]})["done"] == 3
    return made


def speak(company: Company, locale: str) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": locale}).ok()


def leads_of(seller: Seller) -> dict[str, str]:
    """Name → id of the leads that somebody owns."""
    found = seller.person.get(f"{RECORDS}/lead", limit=50)["items"]
    return {one["name"]: one["id"] for one in found if one["owner_id"] == seller.id}


def row(page: Page, name: str) -> Any:
    return page.locator("tr").filter(has_text=name)


def test_a_seller_claims_what_lies_in_the_pool_and_gives_it_back(product: Product, pool: dict[str, Any],
                                                                 sellers: tuple[Seller, Seller],
                                                                 open_page: OpenPage) -> None:
    page = open_page(sellers[0].username, sellers[0].password)
    page.goto(f"{product.address}/pool/{pool['id']}")
    says(page, "Fair lead C")
    expect(page.get_by_text(PHONE)).to_have_count(0)
    picture(page, "pool-en")
    row(page, "Fair lead A").get_by_role("button", name="Claim").click()
    expect(row(page, "Fair lead A")).to_have_count(0)
    says(page, "1 / 2")
    row(page, "Fair lead B").locator(".el-checkbox").click()
    press(page, "Claim chosen")
    expect(row(page, "Fair lead B")).to_have_count(0)
    expect(row(page, "Fair lead C").get_by_role("button", name="Claim")).to_be_disabled()
    picture(page, "pool-full-en")

    page.goto(f"{product.address}/o/lead/{leads_of(sellers[0])['Fair lead A']}")
    page.get_by_role("button", name="Return to pool").click()
    choose(page, page.locator("#return-reason"), "Never answers")
    picture(page, "pool-return-en")
    page.get_by_role("dialog").get_by_role("button", name="Return to pool").click()
    says(page, "Returned to the pool")
    assert list(leads_of(sellers[0])) == ["Fair lead B"]


def test_a_manager_assigns_on_a_dark_phone(product: Product, company: Company, pool: dict[str, Any],
                                           sellers: tuple[Seller, Seller], open_page: OpenPage) -> None:
    speak(company, "en")
    page = open_page("admin", product.password, width=390, height=844, dark=True)
    company.admin.call("PATCH", f"/api/customer/v1/pools/{pool['id']}", {
        "managers": [f"user:{company.admin.get('/api/auth/me')['id']}"]}).ok()
    page.goto(f"{product.address}/pool/{pool['id']}")
    says(page, "Fair lead C")
    assert fits(page)
    row(page, "Fair lead C").locator(".el-checkbox").click()
    picture(page, "pool-en-390-dark")
    press(page, "Assign")
    choose(page, page.locator("#pass-who"), sellers[1].name)
    picture(page, "pool-assign-en-390-dark")
    page.get_by_role("dialog").get_by_role("button", name="Assign", exact=True).click()
    expect(row(page, "Fair lead C")).to_have_count(0)
    assert list(leads_of(sellers[1])) == ["Fair lead C"]


def test_pools_are_set_up_in_both_languages(product: Product, company: Company, pool: dict[str, Any],
                                            open_page: OpenPage) -> None:
    speak(company, "en")
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/admin/pools")
    says(page, "Trade fair")
    picture(page, "pools-admin-en")
    press(page, "Trade fair")
    expect(page.get_by_role("dialog").get_by_label("Records one may hold")).to_have_value("2")
    picture(page, "pool-dialog-en")
    page.get_by_role("dialog").get_by_text("Going back by themselves").scroll_into_view_if_needed()
    picture(page, "pool-dialog-below-en")
    speak(company, "zh-CN")
    narrow = open_page("admin", product.password, locale="zh-CN", width=390, height=844, dark=True)
    narrow.goto(f"{product.address}/admin/pools")
    says(narrow, "展会公海")
    assert fits(narrow)
    picture(narrow, "pools-admin-zh-390-dark")
    press(narrow, "展会公海")
    says(narrow, "可以查看并领取")
    picture(narrow, "pool-dialog-zh-390-dark")


def test_what_a_leaver_has_goes_to_a_colleague_and_comes_back(product: Product, company: Company,
                                                              pool: dict[str, Any], sellers: tuple[Seller, Seller],
                                                              open_page: OpenPage) -> None:
    paula, leo = sellers
    speak(company, "en")
    lead = leo.person.post(f"{RECORDS}/lead", {"name": "Leo's lead", "company": "Hengke Ltd"})
    about = {"title": "Call Leo's lead", "link": {"object": "lead", "id": lead["id"]}}
    task = leo.person.post("/api/workflow/v1/tasks", about)
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/admin/handover")
    choose(page, page.locator("#handover-who"), leo.name)
    says(page, "One open task")
    choose(page, page.locator("#to-lead"), paula.name, many=True)
    picture(page, "handover-en")
    press(page, "Start hand-over")
    says(page, "Each receiver gets")
    picture(page, "handover-sure-en")
    answer(page, "Start hand-over")
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=SLOW_MS)
    held = paula.person.get(f"/api/workflow/v1/tasks/{task['id']}")
    assert (held["assignee_id"], company.admin.get(f"{RECORDS}/lead/{lead['id']}")["owner_id"]) == (paula.id, paula.id)
    told = eventually(lambda: [one for one in paula.person.get("/api/notify/v1/inbox", limit=50)["items"]
                               if one["template"] in ("records_received", "tasks_received")], "Paula is told")
    assert len(told) <= 2
    picture(page, "handover-done-en")

    speak(company, "zh-CN")
    narrow = open_page("admin", product.password, locale="zh-CN", width=390, height=844, dark=True)
    narrow.goto(f"{product.address}/admin/handover")
    says(narrow, "已完成")
    assert fits(narrow)
    choose(narrow, narrow.locator("#handover-who"), paula.name)
    says(narrow, "待办任务交给")
    assert fits(narrow)
    picture(narrow, "handover-zh-390-dark")
    press(narrow, "撤销")
    answer(narrow, "撤销")
    says(narrow, "已撤销")
    picture(narrow, "handover-undone-zh-390-dark")
    back = company.admin.get(f"{RECORDS}/lead/{lead['id']}")
    assert (back["owner_id"], leo.person.get(f"/api/workflow/v1/tasks/{task['id']}")["assignee_id"]) == (leo.id, leo.id)
