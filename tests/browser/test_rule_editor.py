"""The rule editor in a real browser: what is refused and where, two people at one rule, and how one leaves."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import grave_findings
from tests.browser.rule_of_the_east import NAME, add_action, write_rule
from tests.browser.screen import SLOW_MS, OpenPage, answer, choose, fits, picture, press, says
from tests.support.main_job import Company
from tests.support.product import Product

RULES = "/api/workflow/v1/rules"


@pytest.fixture
def page(product: Product, company: Company, open_page: OpenPage) -> Page:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    opened = open_page("admin", product.password)
    opened.goto(f"{product.address}/rules")
    return opened


def test_a_rule_is_switched_off_and_on_edited_again_and_deleted_after_a_question(page: Page, company: Company) -> None:
    write_rule(page)
    switch = page.get_by_role("switch", name=f"Rule {NAME} is active").last
    switch.focus()
    page.keyboard.press("Space")
    says(page, "The rule rests")
    page.keyboard.press("Space")
    says(page, "The rule acts from now on")
    page.get_by_role("link", name=NAME).last.click()
    page.get_by_label("Value", exact=True).nth(1).fill("200000")
    press(page, "Save")
    says(page, "Rule saved")
    rule = company.admin.get(f"{RULES}/{_id(page)}")
    assert rule["criteria"]["all"][1]["value"] == "200000"
    assert rule["active"]
    press(page, "Delete")
    says(page, "Delete this rule?")
    picture(page, "rule-delete")
    answer(page, "Cancel")
    assert company.admin.get(f"{RULES}/{rule['id']}")["id"] == rule["id"]
    press(page, "Delete")
    answer(page, "Delete")
    says(page, "Rule deleted")
    assert company.admin.call("GET", f"{RULES}/{rule['id']}").status == 404


def test_what_is_missing_or_wrong_is_told_at_its_place(page: Page) -> None:
    page.get_by_role("button", name="New rule").first.click()
    choose(page, page.get_by_label("Object", exact=True), "Lead")
    press(page, "Add condition")
    choose(page, page.get_by_label("Field", exact=True), "Expected amount")
    choose(page, add_action(page, "Assign").get_by_label("New owner"), "Department")
    press(page, "Create")
    says(page, "Not saved: 4 places need your attention.")
    expect(_row(page, "Name · English")).to_contain_text("Give the rule a name in at least one language.")
    expect(page.get_by_role("group", name="Expected amount")).to_contain_text("This condition is unfinished.")
    expect(page.get_by_role("region", name="Create a task")).to_contain_text("Please fill this in")
    expect(page.get_by_role("region", name="Assign", exact=True)).to_contain_text("Choose who.")
    picture(page, "rule-missing")

    page.get_by_label("Name · English").fill("Refused")
    page.get_by_label("Value", exact=True).fill("1.2345")
    page.get_by_label("Title of the task · English").fill("Call")
    press_in(page, "Assign", "Remove action")
    press(page, "Create")
    expect(page.get_by_role("group", name="Expected amount")).to_contain_text("At most 2 decimals are allowed.")
    says(page, "Not saved: one place needs your attention.")
    picture(page, "rule-refused")
    page.get_by_label("Value", exact=True).fill("1.23")
    expect(page.get_by_text("At most 2 decimals are allowed.")).to_have_count(0)
    press(page, "Create")
    says(page, "Rule saved")


def test_a_draft_is_tried_on_the_last_days_and_nothing_is_done(page: Page, company: Company) -> None:
    lead = company.admin.post("/api/customer/v1/records/lead", {"name": "Tried", "company": "Tried Ltd",
                                                                "region": "north"})
    rules = company.admin.get(f"{RULES}?limit=200")
    page.get_by_role("button", name="New rule").first.click()
    choose(page, page.get_by_label("Object", exact=True), "Lead")
    press(page, "Add condition")
    choose(page, page.get_by_label("Field", exact=True), "Company")
    page.get_by_label("Value", exact=True).fill("Tried Ltd")
    press(page, "Try it")
    says(page, "Please fill this in")
    page.get_by_label("Name · English").fill("Only tried")
    page.get_by_label("Title of the task · English").fill("Call at once")
    press(page, "Try it")
    result = page.get_by_role("region", name="Result of the dry run")
    expect(result).to_be_visible(timeout=SLOW_MS)
    expect(result).to_contain_text("Would have fired once.")
    hit = result.get_by_role("listitem").filter(has=page.get_by_role("link", name="Tried", exact=True))
    expect(hit).to_contain_text("Task “Call at once” for")
    expect(result).to_contain_text("Changes are replayed from the history")
    picture(page, "rule-tried")
    assert grave_findings(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    picture(page, "rule-tried-phone")
    assert company.admin.get(f"{RULES}?limit=200") == rules
    tasks = company.admin.get(f"/api/workflow/v1/tasks?object=lead&record_id={lead['id']}")
    assert "Call at once" not in str(tasks)


def test_who_saves_second_sees_the_other_version_and_chooses(page: Page, company: Company) -> None:
    rule = _small_rule(company, "Contested")
    page.goto(page.url + f"/{rule['id']}")
    page.get_by_label("Name · English").fill("Mine")
    _save_elsewhere(company, rule, {"name": {"en": "Theirs"}})
    press(page, "Save")
    says(page, "Somebody else saved this rule meanwhile")
    expect(page.get_by_text("Theirs", exact=True)).to_be_visible()
    picture(page, "rule-conflict")
    press(page, "Save mine over it")
    says(page, "Rule saved")
    latest = company.admin.get(f"{RULES}/{rule['id']}")
    assert latest["name"]["en"] == "Mine"

    page.get_by_label("Name · English").fill("Mine again")
    _save_elsewhere(company, latest, {"name": {"en": "Theirs again"}})
    press(page, "Save")
    press(page, "Discard mine, show theirs")
    expect(page.get_by_label("Name · English")).to_have_value("Theirs again")

    page.get_by_label("Name · English").fill("Gone and back")
    company.admin.call("DELETE", f"{RULES}/{rule['id']}").ok()
    press(page, "Save")
    says(page, "This rule was deleted meanwhile")
    deleted = page.url
    press(page, "Create anew")
    expect(page.get_by_role("heading", name="Gone and back")).to_be_visible()
    expect(page).not_to_have_url(deleted, timeout=SLOW_MS)
    assert company.admin.get(f"{RULES}/{_id(page)}")["name"]["en"] == "Gone and back"


def test_nobody_loses_what_he_wrote_by_leaving(page: Page, company: Company) -> None:
    rule = _small_rule(company, "Half written")
    page.goto(page.url + f"/{rule['id']}")
    page.get_by_label("Name · English").fill("Better name")
    page.get_by_text("Runs", exact=True).click()
    says(page, "It has not run yet")
    page.locator("label").filter(has_text="Rule").first.click()
    expect(page.get_by_label("Name · English")).to_have_value("Better name")
    page.get_by_role("link", name="Inbox").click()
    says(page, "Leave without saving?")
    answer(page, "Cancel")
    expect(page.get_by_label("Name · English")).to_have_value("Better name")
    page.get_by_role("link", name="Inbox").click()
    answer(page, "Leave")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


@pytest.mark.parametrize(("name", "locale", "width", "dark"), [
    ("zh", "zh-CN", 1440, False), ("dark", "en-US", 1440, True), ("phone-zh", "zh-CN", 390, False),
    ("phone-dark", "en-US", 390, True)])
def test_the_editor_fits_every_screen(product: Product, company: Company, open_page: OpenPage, name: str, locale: str,
                                      width: int, dark: bool) -> None:
    rule = _small_rule(company, f"For {name}")
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN" if locale == "zh-CN" else "en"}).ok()
    page = open_page("admin", product.password, locale=locale, width=width, dark=dark)
    page.goto(f"{product.address}/rules/{rule['id']}")
    expect(page.locator("form .el-input").first).to_be_visible(timeout=SLOW_MS)
    picture(page, f"rule-{name}")
    assert fits(page)
    page.locator("form button[type=submit]").scroll_into_view_if_needed()
    picture(page, f"rule-{name}-end")


def press_in(page: Page, region: str, button: str) -> None:
    page.get_by_role("region", name=region, exact=True).get_by_role("button", name=button).click()


def _row(page: Page, label: str) -> Locator:
    return page.locator(".row").filter(has=page.get_by_label(label))


def _id(page: Page) -> str:
    page.wait_for_url("**/rules/*-*")
    return page.url.rsplit("/", 1)[-1]


def _small_rule(company: Company, name: str) -> dict[str, Any]:
    return company.admin.post(RULES, {
        "name": {"en": name, "zh-CN": name}, "object": "lead", "trigger": {"on": "changed", "fields": ["status"]},
        "criteria": {"all": [{"field": "region", "op": "in", "value": ["east", "north"]}, {"any": [
            {"field": "expected_amount", "op": "gte", "value": "5000"}, {"field": "note", "op": "is_empty"}]}]},
        "actions": [{"type": "set_fields", "values": {"note": "急"}}], "active": False})


def _save_elsewhere(company: Company, rule: dict[str, Any], changes: dict[str, Any]) -> None:
    company.admin.call("PATCH", f"{RULES}/{rule['id']}", changes).ok()
