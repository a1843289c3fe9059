"""Views in a real browser: saved and shared, as kanban and calendar, edited in place, and changed all at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import SLOW_MS, OpenPage, answer, choose, fits, picture, press, says
from tests.support.main_job import Company, eventually
from tests.support.product import Product

RECORDS = "/api/customer/v1/records"
STAGES = ("first_contact", "needs", "proposal")
SHOWING_THE_DEAL = ("Pipeline by stage", "Closing this month", "Expected closings")


def today() -> str:
    """The day that the administrator's calendar calls today."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()


@pytest.fixture(scope="module")
def deals(company: Company) -> dict[str, str]:
    """Name → id of opportunities in several stages, that are to be closed today."""
    admin = company.admin
    customer = admin.post(f"{RECORDS}/customer", {"name": "Works of the views"})["id"]
    contact = admin.post(f"{RECORDS}/contact", {"name": "Buyer of the views", "customer_id": customer})["id"]
    known = {"customer_id": customer, "contact_id": contact}  # what the gate of the first stage asks
    return {name: admin.post(f"{RECORDS}/opportunity", {
        **known, "name": name, "stage": stage, "expected_close_on": today(),
        "amount": {"amount": amount, "currency": "CNY"}})["id"]
        for name, stage, amount in (("Gear line", STAGES[0], "120000.00"), ("Press shop", STAGES[0], "80000.00"),
                                    ("Robot cell", STAGES[1], "300000.00"))}


@pytest.fixture
def page(product: Product, company: Company, open_page: OpenPage, deals: dict[str, str]) -> Page:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    opened = open_page("admin", product.password)
    opened.goto(f"{product.address}/o/opportunity?view=all")
    expect(opened.get_by_role("link", name="Gear line")).to_be_visible(timeout=SLOW_MS)
    return opened


def show(page: Page, view: str) -> None:
    """Open a saved view."""
    page.get_by_role("button", name="Choose a view").click()
    page.get_by_role("navigation", name="Choose a view").get_by_role("button", name=view).first.click()


def card(page: Page, name: str) -> Any:
    return page.locator("[data-card]").filter(has_text=name)


def drag(page: Page, name: str, to: str) -> None:
    """As a hand does it: over the column and on, so that it hears of the card."""
    card(page, name).hover()
    page.mouse.down()
    column(page, to).locator("header").hover()
    column(page, to).locator("ul").hover()
    page.mouse.up()


def column(page: Page, value: str) -> Any:
    return page.locator(f"[data-column='{value}']")


def test_a_filter_is_saved_as_a_view_and_shared(page: Page, company: Company) -> None:
    press(page, "Filter")
    press(page, "Add condition")
    choose(page, page.get_by_label("Field", exact=True), "Stage")
    choose(page, page.get_by_label("Value", exact=True), "First contact", many=True)
    expect(page.get_by_role("link", name="Robot cell")).to_have_count(0)
    page.get_by_role("button", name="Choose a view").click()
    page.get_by_role("button", name="Save as a new view").click()
    page.locator("#view-name").fill("Fresh deals")
    choose(page, page.get_by_label("Who sees it"), "Everybody")
    picture(page, "view-save")
    answer(page, "Save")
    says(page, "“Fresh deals” is saved")
    expect(page.get_by_role("link", name="Gear line")).to_be_visible()
    [view] = [one for one in company.admin.get("/api/customer/v1/objects/opportunity/views")["items"]
              if one["name"].get("en") == "Fresh deals"]
    assert (view["visibility"], view["criteria"]["all"][0]["value"]) == ("everybody", ["first_contact"])
    show(page, "All Opportunities")
    expect(page.get_by_role("link", name="Robot cell")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="Choose a view").click()
    page.get_by_role("button", name="Pin in the navigation").first.click()
    picture(page, "view-switcher")


def test_a_card_is_dragged_and_one_that_is_refused_goes_back_with_the_reason(
        page: Page, company: Company, deals: dict[str, str]) -> None:
    show(page, "Pipeline by stage")
    expect(column(page, "first_contact").get_by_text("Gear line")).to_be_visible(timeout=SLOW_MS)
    says(page, "¥")
    picture(page, "kanban")
    drag(page, "Gear line", "proposal")
    expect(column(page, "proposal").get_by_text("Gear line")).to_be_visible(timeout=SLOW_MS)
    expect_stage(company, deals["Gear line"], "proposal")
    company.admin.call("PATCH", f"{RECORDS}/opportunity/{deals['Press shop']}", {"next_step": "call"}).ok()
    drag(page, "Press shop", "proposal")
    expect(card(page, "Press shop").get_by_role("alert")).to_be_visible(timeout=SLOW_MS)
    expect(column(page, "first_contact").get_by_text("Press shop")).to_be_visible()
    picture(page, "kanban-refused")
    expect_stage(company, deals["Press shop"], "first_contact")


def test_a_card_is_moved_with_the_keyboard(page: Page, company: Company, deals: dict[str, str]) -> None:
    show(page, "Pipeline by stage")
    card(page, "Robot cell").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(column(page, "proposal").get_by_text("Robot cell")).to_be_visible(timeout=SLOW_MS)
    expect_stage(company, deals["Robot cell"], "proposal")
    page.keyboard.press("Alt+ArrowLeft")
    expect(column(page, "needs").get_by_text("Robot cell")).to_be_visible(timeout=SLOW_MS)
    expect_stage(company, deals["Robot cell"], "needs")


def expect_stage(company: Company, id: str, stage: str) -> None:
    eventually(lambda: company.admin.get(f"{RECORDS}/opportunity/{id}")["stage"] == stage, f"it stands at {stage}")


def test_a_calendar_shows_the_month_and_the_week(page: Page, company: Company, deals: dict[str, str]) -> None:
    company.admin.call("PATCH", f"{RECORDS}/opportunity/{deals['Robot cell']}", {"expected_close_on": today()}).ok()
    show(page, "Expected closings")
    cell = page.locator(f"[data-day='{today()}']")
    expect(cell.get_by_role("button", name="Robot cell")).to_be_visible(timeout=SLOW_MS)
    picture(page, "calendar-month")
    press(page, "Week")
    expect(cell.get_by_role("button", name="Robot cell")).to_be_visible(timeout=SLOW_MS)
    picture(page, "calendar-week")


def test_a_cell_is_edited_where_it_stands(page: Page, company: Company, deals: dict[str, str]) -> None:
    row = page.get_by_role("row").filter(has_text="Robot cell")
    cell = row.get_by_role("gridcell").filter(has_text="Robot cell").first
    cell.focus()
    page.keyboard.press("F2")
    page.locator("td.active input").fill("Robot cell 2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Robot cell 2")).to_be_visible(timeout=SLOW_MS)
    assert company.admin.get(f"{RECORDS}/opportunity/{deals['Robot cell']}")["name"] == "Robot cell 2"
    company.admin.call("PATCH", f"{RECORDS}/opportunity/{deals['Robot cell']}", {"name": "Robot cell"}).ok()


def test_a_column_is_pulled_with_the_keyboard_and_kept_in_sight(page: Page) -> None:
    edge = page.get_by_role("separator", name="Width of Amount")
    before = int(edge.get_attribute("aria-valuenow") or 0)
    edge.focus()
    page.keyboard.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", str(before + 16))
    page.get_by_role("button", name="Column Amount").click(force=True)
    page.get_by_role("menuitem", name="Show the sum").click()
    expect(page.locator("tfoot")).to_contain_text("Sum", timeout=SLOW_MS)
    picture(page, "list-totals")


def test_all_that_match_are_changed_by_a_job_and_given_back(page: Page, company: Company) -> None:
    for number in range(130):
        company.admin.post(f"{RECORDS}/lead", {"name": f"Bulk {number:03}", "company": "Bulk Ltd", "region": "north"})
    page.goto(f"{page.url.split('/o/')[0]}/o/lead?view=all&q=Bulk")
    page.get_by_role("checkbox", name="Select Bulk 129").locator("xpath=ancestor::label").click()
    page.get_by_role("button", name="Select all 130 that match").click()
    press(page, "Edit field")
    choose(page, page.get_by_label("Field", exact=True), "Region")
    choose(page, page.get_by_label("New value"), "South")
    press(page, "Apply")
    says(page, "130 changed")
    picture(page, "bulk-job")
    asked = {"criteria": {"all": [{"field": "company", "op": "eq", "value": "Bulk Ltd"},
                                  {"field": "region", "op": "eq", "value": "south"}]}, "limit": 1, "total": "exact"}
    assert company.admin.post(f"{RECORDS}/lead/query", asked)["total"] == 130
    press(page, "Undo")
    answer(page, "Undo")
    says(page, "130 given back")
    assert company.admin.post(f"{RECORDS}/lead/query", asked)["total"] == 0
    page.get_by_role("link", name="All bulk jobs").click()
    says(page, "What was done to many records at once")
    picture(page, "bulk-jobs")


@pytest.mark.parametrize(("locale", "width", "dark"), [("zh-CN", 1440, True), ("zh-CN", 390, False)])
def test_views_speak_chinese_and_fit_a_phone(product: Product, company: Company, open_page: OpenPage,
                                             deals: dict[str, str], locale: str, width: int, dark: bool) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN"}).ok()
    page = open_page("admin", product.password, locale=locale, width=width, dark=dark)
    views = company.admin.get("/api/customer/v1/objects/opportunity/views")["items"]
    for view in (view for view in views if view["name"]["en"] in SHOWING_THE_DEAL):
        page.goto(f"{product.address}/o/opportunity?view={view['id']}")
        says(page, view["name"].get("zh-CN") or view["name"]["en"])
        says(page, "Robot cell")
        assert fits(page)
        picture(page, f"view-{view['kind']}-zh-{width}")
