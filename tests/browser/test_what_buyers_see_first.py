"""What a buyer is shown first, in English on a desk and in Chinese on a phone: the form designer by drag and drop,
kanban, the import wizard, a merge and its undo, everything about one customer. Each is used, fits, and has no grave
finding.

The file stands behind the main job, so that the screens are full of what that has left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.axe import grave_findings
from tests.browser.screen import SLOW_MS, OpenPage, fits, picture, says, settle
from tests.support.main_job import Company, eventually
from tests.support.product import Product

AREAS = Path(__file__).resolve().parents[2] / "console" / "src" / "areas"
CUSTOMER = "/api/customer/v1"
NARROW = 390
A_MOMENT_MS = 3_000
FIRMS = {"en-1440": "远洋机械", "zh-CN-390": "瑞达食品"}  # not alike


@dataclass
class Screen:
    """The administrator's screen in one language and width."""

    page: Page
    address: str
    company: Company
    locale: str
    width: int

    @property
    def name(self) -> str:
        """What this screen's records and pictures are called."""
        return f"{self.locale}-{self.width}"

    def words(self, area: str, key: str, **params: Any) -> str:
        """What the console says there."""
        found = json.loads((AREAS / area / "locales" / f"{self.locale}.json").read_text(encoding="utf-8"))
        for part in key.split("."):
            found = found[part]
        for name, value in params.items():
            found = found.replace("{" + name + "}", str(value))
        return str(found)

    def go(self, path: str) -> None:
        """Open a page of the console."""
        self.page.goto(f"{self.address}/{path}")

    def button(self, area: str, key: str, **params: Any) -> Locator:
        """The first button that says so."""
        return self.page.get_by_role("button", name=self.words(area, key, **params), exact=True).first

    def is_good(self, what: str) -> None:
        """Keep a picture: nothing sticks out, and axe has no grave finding."""
        picture(self.page, f"{what}-{self.name}")
        assert fits(self.page), what
        assert grave_findings(self.page) == [], what


@pytest.fixture(params=[("en", 1440, False), ("zh-CN", NARROW, True)], ids=lambda one: f"{one[0]}-{one[1]}")
def screen(request: pytest.FixtureRequest, product: Product, company: Company, open_page: OpenPage) -> Screen:
    locale, width, dark = request.param
    company.admin.call("PATCH", "/api/auth/me", {"locale": locale}).ok()
    page = open_page("admin", product.password, locale="en-US" if locale == "en" else locale, width=width, height=900,
                     dark=dark)
    return Screen(page, product.address, company, locale, width)


def test_a_form_is_designed_by_drag_and_drop(screen: Screen) -> None:
    page = screen.page
    screen.go("admin/forms/lead/layouts/new")
    expect(page.locator("h1").first).to_be_visible(timeout=SLOW_MS)
    settle(page)
    page.locator(".el-radio-button").filter(has_text=screen.words("forms", "mode.design")).first.click()
    placed = page.locator('[data-field="job_title"]')
    expect(placed).to_be_visible(timeout=SLOW_MS)
    placed.locator("button").last.click()
    expect(placed).to_have_count(0)
    screen.is_good("designer-without")
    page.drag_and_drop('[data-palette="job_title"]', '[data-field="phone"]', target_position={"x": 4, "y": 4})
    expect(page.locator('[data-section] [data-field="job_title"]')).to_have_count(1)
    order = page.locator("[data-field]").evaluate_all("all => all.map(one => one.dataset.field)")
    assert order.index("job_title") + 1 == order.index("phone")
    page.drag_and_drop('[data-field="phone"]', '[data-field="job_title"]', target_position={"x": 4, "y": 4})
    page.wait_for_function("""() => {
        const all = [...document.querySelectorAll('[data-field]')].map(one => one.dataset.field)
        return all.indexOf('phone') + 1 === all.indexOf('job_title')
    }""")
    screen.is_good("designer")


def test_a_card_goes_to_another_column(screen: Screen) -> None:
    page, admin = screen.page, screen.company.admin
    buyer = admin.post(f"{CUSTOMER}/records/customer", {"name": f"Works {screen.name}"})["id"]
    contact = admin.post(f"{CUSTOMER}/records/contact", {"name": f"Buyer {screen.name}", "customer_id": buyer})["id"]
    deal = admin.post(f"{CUSTOMER}/records/opportunity", {
        "name": f"Deal {screen.name}", "stage": "first_contact", "amount": {"amount": "9000.00", "currency": "CNY"},
        "customer_id": buyer, "contact_id": contact})
    board = next(one for one in admin.get(f"{CUSTOMER}/objects/opportunity/views")["items"] if one["kind"] == "kanban")
    screen.go(f"o/opportunity?view={board['id']}")
    card = page.locator("[data-card]").filter(has_text=deal["name"])
    expect(card).to_be_visible(timeout=SLOW_MS)
    screen.is_good("kanban")
    if screen.width > NARROW:
        card.drag_to(page.locator("[data-column='needs'] ul"))
    else:
        card.focus()
        page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("[data-column='needs']").get_by_text(deal["name"])).to_be_visible(timeout=SLOW_MS)
    eventually(lambda: admin.get(f"{CUSTOMER}/records/opportunity/{deal['id']}")["stage"] == "needs", "it is kept")
    assert admin.call("DELETE", f"{CUSTOMER}/records/opportunity/{deal['id']}").status == 204


def test_a_sheet_is_mapped_tried_out_and_imported(screen: Screen, tmp_path: Path) -> None:
    page, admin = screen.page, screen.company.admin
    sheet = tmp_path / "customers.csv"
    sheet.write_text(f"客户名称\n必看{screen.name}甲\n必看{screen.name}乙\n", "utf-8")
    screen.go("imports/new?object=customer")
    page.locator("input[type=file]").set_input_files(str(sheet))
    screen.is_good("import-file")
    page.locator(".foot button").click()
    expect(page.get_by_text("客户名称").first).to_be_visible(timeout=SLOW_MS)
    screen.is_good("import-columns")
    page.locator(".foot button").last.click()
    start = screen.button("imports", "startCount", count=2)
    expect(start).to_be_visible(timeout=SLOW_MS)
    screen.is_good("import-checked")
    start.click()
    page.get_by_role("dialog").get_by_role("button", name=screen.words("imports", "start"), exact=True).click()
    expect(page.get_by_text(screen.words("imports", "finished")).first).to_be_visible(timeout=SLOW_MS * 2)
    screen.is_good("import-finished")
    assert len(admin.get(f"{CUSTOMER}/records/customer", q=f"必看{screen.name}")["items"]) == 2


def test_two_customers_become_one_and_two_again(screen: Screen) -> None:
    page, admin = screen.page, screen.company.admin
    name, phone = f"{FIRMS[screen.name]}有限公司", f"1395710{2 * screen.width + (screen.locale == 'en'):04d}"
    ids = [admin.post(f"{CUSTOMER}/records/customer", {"name": one, "phone": phone})["id"]
           for one in (name, f"{name}（杭州）")]
    admin.post(f"{CUSTOMER}/duplicates/customer/scan")
    scan = f"{CUSTOMER}/duplicates/customer/scan"
    eventually(lambda: admin.get(scan)["scan"]["state"] == "finished", "all are compared")
    screen.go("duplicates/customer")
    pair = page.locator("article.pair").filter(has_text=name)
    expect(pair).to_be_visible(timeout=SLOW_MS)
    screen.is_good("duplicates")
    pair.get_by_role("button", name=screen.words("duplicates", "same"), exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio").first).to_be_visible(timeout=SLOW_MS)
    screen.is_good("merge")
    dialog.get_by_role("button", name=screen.words("duplicates", "merge"), exact=True).click()
    says(page, screen.words("duplicates", "mergedDone"))
    expect(dialog).to_have_count(0)
    assert sorted(admin.call("GET", f"{CUSTOMER}/records/customer/{id}").status for id in ids) == [200, 410]
    page.get_by_role("tab", name=screen.words("duplicates", "tab.merged"), exact=True).click()
    row = page.get_by_role("listitem").filter(has_text=name).first
    screen.is_good("merged")
    row.get_by_role("button", name=screen.words("duplicates", "undo"), exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=screen.words("duplicates", "undo"), exact=True).click()
    says(page, screen.words("duplicates", "undoneDone"))
    assert [admin.call("GET", f"{CUSTOMER}/records/customer/{id}").status for id in ids] == [200, 200]


def test_everything_about_a_customer_is_on_one_page(screen: Screen) -> None:
    page, admin = screen.page, screen.company.admin
    made = admin.post(f"{CUSTOMER}/records/customer", {"name": f"全景{screen.name}", "phone": "13857101234"})
    contact = admin.post(f"{CUSTOMER}/records/contact", {"name": f"李雷{screen.width}", "customer_id": made["id"]})
    deal = admin.post(f"{CUSTOMER}/records/opportunity", {"name": f"Plan {screen.name}", "stage": "needs",
                                                              "customer_id": made["id"]})
    admin.post(f"{CUSTOMER}/records/activity", {"subject": f"Call {screen.name}", "content": "Talked",
                                                    "customer_id": made["id"]})
    screen.go(f"o/customer/{made['id']}")
    says(page, made["name"])
    screen.is_good("customer")
    for place in range(page.get_by_role("tab").count()):
        page.get_by_role("tab").nth(place).click()
        expect(page.locator(".skeleton:visible")).to_have_count(0)
        screen.is_good(f"customer-tab-{place}")
    for name in (contact["name"], deal["name"], f"Call {screen.name}"):
        eventually(lambda name=name: _stands_on_a_tab(page, name), f"{name} stands on one of the tabs")


def _stands_on_a_tab(page: Page, words: str) -> bool:
    """Whether the page as it is, or one of its tabs, comes to show these words."""
    if _comes(page, words):
        return True
    for tab in page.get_by_role("tab").all():
        tab.click()
        if _comes(page, words):
            return True
    return False


def _comes(page: Page, words: str) -> bool:
    """Whether the words are read within a moment: what a tab shows is loaded when it is opened."""
    try:
        page.locator("main").get_by_text(words).locator("visible=true").first.wait_for(timeout=A_MOMENT_MS)
    except TimeoutError:
        return False
    return True
