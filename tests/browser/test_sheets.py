"""Sheets of several objects, as people meet them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.screen import SLOW_MS, OpenPage, fits, picture
from tests.support.main_job import Company
from tests.support.product import Product

HEADER = "客户名称,联系人姓名,联系人手机,跟进主题"
ROWS = ("杭州远航机械有限公司,王芳,13800138001,第一次拜访", "杭州远航机械有限公司,李强,13800138002,",
        "宁波海通贸易有限公司,赵敏,13800138003,电话沟通", "绍兴纺织有限公司,,13800138004,")


@pytest.mark.parametrize(("name", "locale", "width", "dark"), [
    ("en", "en-US", 1440, False), ("zh-dark", "zh-CN", 1440, True), ("phone-zh", "zh-CN", 390, False)])
def test_a_sheet_of_customers_with_their_contacts(product: Product, company: Company, open_page: OpenPage,
                                                  tmp_path: Path, name: str, locale: str, width: int,
                                                  dark: bool) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN" if locale == "zh-CN" else "en"}).ok()
    file = tmp_path / "客户与联系人.csv"
    file.write_text("\n".join((HEADER, *ROWS)), "utf-8")
    page = open_page("admin", product.password, locale=locale, width=width, dark=dark)

    page.goto(f"{product.address}/imports/new?object=customer")
    page.locator("input[type=file]").set_input_files(str(file))
    page.locator(".foot button").click()
    expect(page.get_by_text("联系人 · 姓名" if locale == "zh-CN" else "Contact · Name")).to_be_visible(timeout=SLOW_MS)
    picture(page, f"{name}-import-parts-columns")
    assert fits(page)
    page.locator(".foot button").last.click()
    expect(page.get_by_text("姓名" if locale == "zh-CN" else "Name").last).to_be_visible(timeout=SLOW_MS)
    expect(page.locator(".fh-table .why, .fh-table li").first).to_be_visible(timeout=SLOW_MS)
    picture(page, f"{name}-import-parts-checked")
    assert fits(page)
    if name == "en":
        page.get_by_role("button", name=re.compile(r"Import \d+ rows")).click()
        page.get_by_role("button", name="Start import", exact=True).click()
        expect(page.get_by_text("Import finished")).to_be_visible(timeout=SLOW_MS * 2)
        assert len(contacts_of(company, "杭州远航机械有限公司")) == 2
        picture(page, f"{name}-import-parts-finished")


def contacts_of(company: Company, customer: str) -> list[str]:
    """The names of a customer's contacts."""
    (one,) = company.admin.all_of("/api/customer/v1/records/customer/query",
                                  {"criteria": {"field": "name", "op": "eq", "value": customer}})
    found = company.admin.all_of("/api/customer/v1/records/contact/query",
                                 {"criteria": {"field": "customer_id", "op": "eq", "value": one["id"]}})
    return sorted(contact["name"] for contact in found)
