"""Sharing on the screen: a colleague sees a lead once it is shared, reads why, and has a masked telephone shown."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screen import SLOW_MS, OpenPage, answer, choose, fits, picture, says
from tests.support.main_job import Company
from tests.support.product import Product, new_password

RECORDS = "/api/customer/v1/records"
PHONE = "13857109876"


@pytest.fixture(scope="module")
def colleague(product: Product, company: Company) -> tuple[str, str]:
    """Somebody who sees only his own records, telephones masked, and may have values shown."""
    role = company.admin.post("/api/gateway/v1/roles", {
        "key": "call_centre", "name": {"en": "Call centre", "zh-CN": "呼叫中心"}, "permissions": ["values.unmask"],
        "objects": {"lead": {"actions": ["read", "update"], "scope": "own", "fields": {"phone": "masked"}}}})["id"]
    name, password = "share.colleague", new_password()
    company.admin.post("/api/gateway/v1/users", {
        "username": name, "name": "Grace Colleague", "email": "grace@example.com", "department_id": company.north,
        "role_ids": [role], "locale": "en", "timezone": "Asia/Shanghai", "password": password})
    product.sign_in(name, password)
    return name, password


@pytest.fixture(scope="module")
def lead(company: Company) -> dict[str, Any]:
    return company.admin.post(f"{RECORDS}/lead", {"name": "Shared lead", "company": "Hengke", "phone": PHONE})


def test_a_lead_is_shared_seen_explained_and_its_phone_shown(product: Product, company: Company, lead: dict[str, Any],
                                                             colleague: tuple[str, str], open_page: OpenPage) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    other = open_page(*colleague)
    other.goto(f"{product.address}/o/lead/{lead['id']}")
    says(other, "There is nothing at this address")
    expect(other.get_by_text("Shared lead")).to_have_count(0)

    page = open_page("admin", product.password)
    page.goto(f"{product.address}/o/lead/{lead['id']}")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Share", exact=True).click()
    choose(page, page.locator("#share-with"), "Grace Colleague")
    page.get_by_label("Duty in the team").fill("Presales")
    picture(page, "share-en")
    page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("dialog").locator("li").get_by_text("Presales")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("dialog").get_by_text("Who sees it", exact=True).click()
    who = page.get_by_role("dialog").get_by_text("Grace Colleague").filter(visible=True)
    expect(who.first).to_be_visible(timeout=SLOW_MS)
    picture(page, "share-who-en")

    other.goto(f"{product.address}/o/lead/{lead['id']}")
    says(other, "Shared lead")
    expect(other.get_by_text(PHONE)).to_have_count(0)
    other.get_by_role("button", name="Show value: Phone").first.click()
    other.get_by_label("Reason").fill("He asked for a call back")
    picture(other, "unmask-en")
    other.get_by_role("dialog").get_by_role("button", name="Show", exact=True).click()
    expect(other.get_by_role("dialog").locator(".value")).to_contain_text("138 5710 9876", timeout=SLOW_MS)
    answer(other, "Close")
    other.get_by_role("button", name="More actions").click()
    other.get_by_role("menuitem", name="Share", exact=True).click()
    other.get_by_role("dialog").get_by_text("Who sees it", exact=True).click()
    says(other, "Why you see this record")
    picture(other, "share-why-en")


def test_what_is_no_longer_shared_is_gone(product: Product, company: Company, lead: dict[str, Any],
                                          colleague: tuple[str, str], open_page: OpenPage) -> None:
    page = open_page("admin", product.password, locale="zh-CN", width=390, height=844)
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN"}).ok()
    page.goto(f"{product.address}/o/lead/{lead['id']}")
    page.reload()
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="共享", exact=True).click()
    says(page, "已共享给")
    assert fits(page)
    picture(page, "share-zh-390")
    page.get_by_role("dialog").locator("li").filter(has_text="Grace Colleague").get_by_role("button").click()
    says(page, "尚未共享给任何人")
    person = product.sign_in(*colleague)
    assert person.call("GET", f"{RECORDS}/lead/{lead['id']}").status == 404
