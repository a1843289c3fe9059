"""No main screen has a serious or critical finding of axe (WCAG 2 A and AA): labels, names, roles, contrast.

The file stands behind the main job, so that the screens are full of what that has left.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import SLOW_MS, OpenPage
from tests.support.main_job import Company
from tests.support.product import Product

AXE = Path(__file__).resolve().parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = ("dashboard", "o/lead", "o/customer", "o/quote", "tasks", "inbox", "imports", "imports/new?object=lead",
           "exports", "bulk-jobs", "bin/lead", "duplicates/customer", "segments/customer", "tags", "rules", "rules/new",
           "admin/objects", "admin/objects/lead", "admin/objects/lead/fields", "admin/objects/lead/forms",
           "admin/objects/lead/bin", "admin/forms/lead", "admin/forms/lead/layouts/new", "admin/forms/lead/web/new",
           "admin/sharing", "admin/privacy", "admin/privacy/requests", "admin/users", "admin/departments",
           "admin/roles", "admin/roles/new", "admin/keys", "admin/audit", "admin/dead-letters", "profile")
GRAVE = ("serious", "critical")


@pytest.mark.parametrize(("locale", "width", "dark"), [
    ("en-US", 1440, False), ("zh-CN", 1440, True), ("zh-CN", 390, False), ("en-US", 390, True)])
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
        page.wait_for_timeout(700)
        found += [f"{path}: {finding}" for finding in grave_findings(page)]
    assert found == []


def test_the_sign_in_page_has_no_grave_finding(product: Product, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(product.address)
    expect(page.locator("#username")).to_be_visible(timeout=SLOW_MS)
    assert grave_findings(page) == []
    context.close()


def grave_findings(page: Page) -> list[str]:
    """Ask axe about what is on the screen now; the page's policy lets no script in but through the debugger."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    answer = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{violation['id']} {node['html'][:160]}" for violation in answer["violations"]
            if violation["impact"] in GRAVE for node in violation["nodes"]]
