"""The main job in a real browser: headless Chromium walks it as its people do, and leaves screenshots.

It is the first and longest file: it begins with an empty product. Behind it, when the screens are full of what it has
left, none of them has a serious or critical finding of axe.
The pictures are in tests/artifacts/browser: desktop and phone, English and Chinese, full, empty and refused.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from freehold.demo.messy import make_sheet, write_sheet
from tests.browser.axe import grave_findings
from tests.browser.rule_of_the_east import write_rule
from tests.browser.screen import SLOW_MS, OpenPage, fits, picture
from tests.support.main_job import Company, eventually
from tests.support.product import Product, new_password

ROWS, WRONG = 300, 24
SCREENS = ("dashboard", "o/lead", "o/customer", "o/quote", "tasks", "inbox", "imports", "imports/new?object=lead",
           "exports", "bulk-jobs", "bin/lead", "duplicates/customer", "segments/customer", "tags", "rules", "rules/new",
           "admin/objects", "admin/objects/lead", "admin/objects/lead/fields", "admin/objects/lead/forms",
           "admin/objects/lead/bin", "admin/forms/lead", "admin/forms/lead/layouts/new", "admin/forms/lead/web/new",
           "admin/sharing", "admin/privacy", "admin/privacy/requests", "admin/users", "admin/departments",
           "admin/roles", "admin/roles/new", "admin/keys", "admin/audit", "admin/dead-letters", "profile")


def test_the_main_job_is_walked_from_the_sheet_to_the_dashboard(
        product: Product, company: Company, open_page: OpenPage, tmp_path: Path) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    sheet = make_sheet(ROWS, WRONG, seed=5)
    file = tmp_path / "展会线索.xlsx"
    write_sheet(sheet, file)
    page, before = open_page("admin", product.password), _leads(company)

    page.goto(f"{product.address}/rules")
    write_rule(page)
    picture(page, "rules")

    page.goto(f"{product.address}/imports/new?object=lead")
    page.locator("input[type=file]").set_input_files(str(file))
    picture(page, "import-1-file")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("button", name="Start dry run")).to_be_visible(timeout=SLOW_MS)
    picture(page, "import-2-columns")
    page.get_by_role("button", name="Start dry run").click()
    start = page.get_by_role("button", name=re.compile(r"Import [\d,]+ rows"))
    expect(start).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text("Wrong rows")).to_be_visible()
    picture(page, "import-3-checked")
    assert _leads(company) == before, "a dry run writes nothing"
    start.click()
    _confirm(page)
    expect(page.get_by_text("Import finished")).to_be_visible(timeout=SLOW_MS * 2)
    picture(page, "import-4-finished")
    assert _leads(company) == before + sheet.unique_valid

    page.goto(f"{product.address}/o/lead")
    expect(page.get_by_role("row")).not_to_have_count(1, timeout=SLOW_MS)
    picture(page, "leads")
    page.goto(f"{product.address}/dashboard")
    expect(page.locator("svg").first).to_be_visible(timeout=SLOW_MS)
    picture(page, "dashboard")


def test_a_salesperson_finds_leads_tasks_and_one_digest_and_converts(
        product: Product, company: Company, open_page: OpenPage) -> None:
    seller_id, seller = next(iter(company.sellers.items()))
    eventually(lambda: seller.get("/api/workflow/v1/tasks/summary")["open"], "tasks are there")
    eventually(lambda: seller.get("/api/notify/v1/inbox")["items"], "the digest is there")
    password = new_password()
    given = company.admin.post(f"/api/gateway/v1/users/{seller_id}/reset-password", {})["initial_password"]
    product.sign_in("wang.fang", given).call("POST", "/api/auth/password", {"current": given, "new": password}).ok()
    page = open_page("wang.fang", password)

    page.goto(f"{product.address}/tasks")
    expect(page.get_by_text("First contact within 24 hours").first).to_be_visible(timeout=SLOW_MS)
    picture(page, "tasks")
    page.goto(f"{product.address}/inbox")
    expect(page.get_by_text(re.compile(r"new (leads|tasks)")).first).to_be_visible(timeout=SLOW_MS)
    expect(page.locator("li .item")).to_have_count(1)
    picture(page, "inbox")

    lead = product.sign_in("wang.fang", password).post("/api/customer/v1/records/lead/query", {
        "limit": 1, "criteria": {"field": "company", "op": "is_set"}})["items"][0]
    page.goto(f"{product.address}/o/lead/{lead['id']}")
    expect(page.get_by_role("heading", name=lead["name"]).first).to_be_visible(timeout=SLOW_MS)
    picture(page, "lead")
    page.get_by_role("button", name="Convert", exact=True).first.click()
    picture(page, "convert")
    page.get_by_role("button", name="Convert now").click()
    expect(page.get_by_text("Converted into these records:")).to_be_visible(timeout=SLOW_MS)
    picture(page, "converted")


@pytest.mark.parametrize(("name", "locale", "width", "height"), [
    ("zh", "zh-CN", 1440, 900), ("phone-en", "en-US", 390, 844), ("phone-zh", "zh-CN", 390, 844)])
def test_every_screen_opens_in_both_languages_and_on_a_phone(
        product: Product, company: Company, open_page: OpenPage, name: str, locale: str, width: int,
        height: int) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN" if locale == "zh-CN" else "en"})
    page = open_page("admin", product.password, locale=locale, width=width, height=height)
    for path in ("dashboard", "o/lead", "o/customer", "o/opportunity", "tasks", "inbox", "imports", "rules",
                 "admin/users", "admin/departments", "admin/roles", "admin/keys", "admin/audit", "admin/dead-letters"):
        page.goto(f"{product.address}/{path}")
        expect(page.locator("h1").first).to_be_visible(timeout=SLOW_MS)
        picture(page, f"{name}-{path.replace('/', '-')}")
        assert fits(page), f"{path} is wider than the {name} screen"


def test_a_wrong_password_is_refused_readably(product: Product, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(product.address)
    page.locator("#username").fill("admin")
    page.locator("#password").fill("not the password")
    page.locator("#password").press("Enter")
    expect(page.get_by_text("用户名或密码")).not_to_have_count(0, timeout=SLOW_MS)
    picture(page, "sign-in-refused")
    context.close()


@pytest.mark.parametrize(("locale", "width", "dark"), [
    ("en-US", 1440, False), ("zh-CN", 1440, True), ("zh-CN", 390, False)])
def test_no_main_screen_has_a_grave_finding(product: Product, company: Company, open_page: OpenPage, locale: str,
                                            width: int, dark: bool) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN" if locale == "zh-CN" else "en"}).ok()
    lead = company.admin.post("/api/customer/v1/records/lead", {"name": "Axe", "company": "Axe Ltd", "region": "east"})
    if not company.admin.get("/api/customer/v1/tags")["items"]:
        company.admin.post("/api/customer/v1/tags", {"key": "axe", "label": {"en": "Axe", "zh-CN": "斧"}})
    page = open_page("admin", product.password, locale=locale, width=width, dark=dark)
    found = []
    for path in (*SCREENS, f"o/lead/{lead['id']}"):
        page.goto(f"{product.address}/{path}")
        expect(page.locator("h1").first).to_be_visible(timeout=SLOW_MS)
        expect(page.locator(".skeleton:visible")).to_have_count(0, timeout=SLOW_MS)
        found += [f"{path}: {finding}" for finding in grave_findings(page)]
    assert found == []


def test_the_sign_in_page_has_no_grave_finding(product: Product, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(product.address)
    expect(page.locator("#username")).to_be_visible(timeout=SLOW_MS)
    assert grave_findings(page) == []
    context.close()


def _leads(company: Company) -> int:
    rows = company.admin.all_of("/api/customer/v1/records/lead/query", {"fields": ["name"]})
    return len(rows)


def _confirm(page: Page) -> None:
    """Say yes to the question that starting an import asks."""
    page.get_by_role("button", name="Start import", exact=True).click()
