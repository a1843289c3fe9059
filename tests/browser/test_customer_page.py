"""The page of a customer in a real browser: tags, one timeline, a look back, the bin; both languages, phone."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import SLOW_MS, OpenPage, answer, fits, picture, press, says
from tests.support.main_job import Company, eventually
from tests.support.product import Product

CUSTOMER = "/api/customer/v1"


@pytest.fixture(scope="module")
def tagged(company: Company) -> str:
    """Customers have tags and a segment."""
    admin = company.admin
    for key, en, zh, color in (("vip", "Flagship", "重点客户", "#7c3aed"), ("risk", "At risk", "有风险", "#dc2626")):
        admin.post(f"{CUSTOMER}/tags", {"key": key, "label": {"en": en, "zh-CN": zh}, "color": color})
    field = admin.post(f"{CUSTOMER}/objects/customer/tags", {})["field"]
    made = admin.post(f"{CUSTOMER}/segments", {
        "object": "customer", "name": {"en": "Key accounts", "zh-CN": "重点客户群"},
        "criteria": {"field": field, "op": "has", "value": "vip"}})
    eventually(lambda: admin.get(f"{CUSTOMER}/segments/{made['id']}")["state"] == "ready", "the segment is filled")
    return field


def a_customer(company: Company, name: str) -> dict[str, Any]:
    """A customer that was changed, with a contact."""
    made = company.admin.post(f"{CUSTOMER}/records/customer", {"name": name, "phone": "13857101234"})
    time.sleep(1.2)
    company.admin.call("PATCH", f"{CUSTOMER}/records/customer/{made['id']}", {"name": f"{name} neu"}).ok()
    company.admin.post(f"{CUSTOMER}/records/contact", {"name": "李雷", "customer_id": made["id"]})
    return made


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def test_everything_about_a_customer_on_one_page(product: Product, company: Company, tagged: str,
                                                 open_page: OpenPage) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    made = a_customer(company, "Hengke")
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/o/customer/{made['id']}")
    says(page, "Hengke neu")
    press(page, "Tag")
    page.locator(".el-select-dropdown__item:visible").filter(has_text="Flagship").click()
    expect(page.get_by_role("button", name="Remove tag Flagship")).to_be_visible(timeout=SLOW_MS)
    says(page, "Key accounts")
    says(page, "added: Contact")
    picture(page, "customer-page-en")
    page.get_by_role("button", name="Related", exact=True).click()
    expect(page.locator(".entries .entry")).to_have_count(1, timeout=SLOW_MS)
    tab(page, "Look back")
    page.locator(".past .el-slider__button-wrapper").focus()
    page.keyboard.press("Home")
    says(page, "Restore all of this")
    picture(page, "customer-look-back-en")
    page.locator(".past .rows li").filter(has_text="Name").get_by_role("button", name="Restore").click()
    answer(page, "Restore")
    expect(page.locator("h1").filter(has_text="neu")).to_have_count(0, timeout=SLOW_MS)
    page.get_by_role("button", name="Remove tag Flagship").click()
    expect(page.get_by_role("button", name="Remove tag Flagship")).to_have_count(0, timeout=SLOW_MS)


def test_what_is_said_about_a_deal_is_heard_by_its_customer(product: Product, company: Company,
                                                           open_page: OpenPage) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    made = a_customer(company, "Lingyun")
    deal = company.admin.post(f"{CUSTOMER}/records/opportunity", {
        "name": "Spindle", "customer_id": made["id"], "stage": "needs"})
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/o/opportunity/{deal['id']}")
    press(page, "Write a follow-up")
    page.get_by_role("textbox", name="Write a follow-up").fill("They want it in March")
    press(page, "Save follow-up")
    says(page, "Follow-up saved")
    page.goto(f"{product.address}/o/customer/{made['id']}")
    says(page, "They want it in March")
    assert company.admin.get(f"{CUSTOMER}/records/customer/{made['id']}")["last_follow_up_at"]


def test_a_deleted_customer_comes_back_out_of_the_bin(product: Product, company: Company, open_page: OpenPage) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN"}).ok()
    made = company.admin.post(f"{CUSTOMER}/records/customer", {"name": "误删公司"})
    page = open_page("admin", product.password, locale="zh-CN")
    page.goto(f"{product.address}/o/customer/{made['id']}")
    says(page, "误删公司")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="删除").click()
    answer(page, "删除")
    says(page, "已删除")
    page.goto(f"{product.address}/bin/customer")
    says(page, "误删公司")
    picture(page, "bin-zh")
    page.locator("li").filter(has_text="误删公司").get_by_role("button", name="恢复").click()
    page.wait_for_url(f"{product.address}/o/customer/{made['id']}")
    says(page, "（来自回收站）")


@pytest.mark.parametrize(("locale", "dark"), [("zh-CN", False), ("en-US", True)])
def test_a_phone_reaches_everything_in_one_column(product: Product, company: Company, tagged: str, open_page: OpenPage,
                                                  locale: str, dark: bool) -> None:
    chinese = locale == "zh-CN"
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN" if chinese else "en"}).ok()
    made = a_customer(company, "手机客户")
    page = open_page("admin", product.password, locale=locale, width=390, height=844, dark=dark)
    page.goto(f"{product.address}/o/customer/{made['id']}")
    says(page, "手机客户 neu")
    assert fits(page)
    picture(page, f"customer-phone-{locale}")
    tab(page, "动态" if chinese else "Activity")
    says(page, "新增了" if chinese else "added:")
    tab(page, "回看" if chinese else "Look back")
    expect(page.locator(".past .el-slider")).to_be_visible(timeout=SLOW_MS)
    assert fits(page)
    picture(page, f"customer-phone-past-{locale}")


def test_tags_and_segments_have_pages(product: Product, company: Company, tagged: str, open_page: OpenPage) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN"}).ok()
    page = open_page("admin", product.password, locale="zh-CN")
    page.goto(f"{product.address}/tags")
    says(page, "重点客户")
    picture(page, "tags-zh")
    page.goto(f"{product.address}/segments/customer")
    says(page, "重点客户群")
    picture(page, "segments-zh")
    press(page, "新建细分")
    says(page, "包含哪些记录")
    picture(page, "segment-new-zh")
