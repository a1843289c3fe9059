"""The rule of the main job, written in the console by clicking: large leads of the East, in turn, within 24 hours."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import SLOW_MS, choose, picture, press, says

NAME = "Large leads in the East"


def write_rule(page: Page) -> None:
    """Begin on the list of rules, and be there again when the rule is kept and acts."""
    page.get_by_role("button", name="New rule").first.click()
    page.get_by_label("Name · English").fill(NAME)
    page.get_by_label("Name · Chinese").fill("华东大额线索")
    choose(page, page.get_by_label("Object", exact=True), "Lead")
    _condition(page, 0, "Region")
    choose(page, page.get_by_label("Value", exact=True).first, "East", many=True)
    _condition(page, 1, "Expected amount")
    page.get_by_label("Value", exact=True).nth(1).fill("100000")
    press(page, "Remove action")
    _assign(add_action(page, "Assign"))
    _task(add_action(page, "Create a task"))
    choose(page, add_action(page, "Notify").get_by_label("Template"), "Lead assigned")
    says(page, "if Region is East and Expected amount is at least ¥100,000.00: assign it in turn to the people of")
    picture(page, "rule-written")
    press(page, "Create")
    says(page, "Rule saved")
    page.goto(page.url.rsplit("/", 1)[0])
    expect(page.get_by_role("switch", name=f"Rule {NAME} is active").last).to_be_checked(timeout=SLOW_MS)


def add_action(page: Page, kind: str) -> Locator:
    """Add an action and return its part of the screen."""
    press(page, "Add action")
    page.get_by_role("menuitem", name=kind, exact=True).click()
    return page.get_by_role("region", name=kind, exact=True).last


def _condition(page: Page, index: int, field: str) -> None:
    press(page, "Add condition")
    choose(page, page.get_by_label("Field", exact=True).nth(index), field)


def _assign(action: Locator) -> None:
    choose(action.page, action.get_by_label("New owner"), "Department")
    choose(action.page, action.get_by_label("Department", exact=True), "华东销售部")
    expect(action.get_by_text("in turn")).to_be_visible()


def _task(action: Locator) -> None:
    action.get_by_label("Title of the task · English").fill("First contact within 24 hours")
    action.get_by_label("Title of the task · Chinese").fill("24 小时内首次联系")
    expect(action.get_by_label("Due within")).to_have_value("24")
    choose(action.page, action.get_by_label("Kind of task"), "First contact")
