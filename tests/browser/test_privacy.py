"""Personal data on the screen: consents, the report, an erasure with its preview, retention; both languages, phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import SLOW_MS, OpenPage, answer, fits, picture, press, says
from tests.support.main_job import Company, eventually
from tests.support.product import Product

RECORDS = "/api/customer/v1/records"
NAME = "欧阳娜娜"


@pytest.fixture
def person(company: Company) -> dict[str, Any]:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    return company.admin.post(f"{RECORDS}/lead", {
        "name": NAME, "company": "Musterallee Ltd", "phone": "13857109876", "email": "nana@example.com",
        "region": "east", "note": "Calls at night"})


def card(page: Page, title: str) -> Locator:
    return page.locator("section.fh-card").filter(has=page.get_by_role("heading", name=title, exact=True))


def write_consent(page: Page, purpose: str, source: str) -> None:
    card(page, "Personal data").get_by_role("button", name="Add consent").click()
    page.get_by_label("Purpose").fill(purpose)
    page.get_by_label("Where it was said").fill(source)
    answer(page, "Save")


def test_a_consent_is_given_withdrawn_and_its_history_kept(product: Product, company: Company, open_page: OpenPage,
                                                           person: dict[str, Any]) -> None:
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/o/lead/{person['id']}")
    write_consent(page, "Newsletter", "Form on the website")
    privacy = card(page, "Personal data")
    expect(privacy.get_by_text("Agreed", exact=True)).to_be_visible(timeout=SLOW_MS)
    privacy.get_by_role("button", name="Withdraw").click()
    page.get_by_label("Where it was said").fill("Phone call")
    answer(page, "Save")
    expect(privacy.get_by_text("Refused", exact=True)).to_be_visible(timeout=SLOW_MS)
    expect(privacy.locator("li")).to_have_count(1)
    privacy.get_by_role("button", name="Show earlier answers").click()
    expect(privacy.locator("li")).to_have_count(2)
    picture(page, "privacy-consents-en")
    lines = company.admin.get(f"{RECORDS}/lead/{person['id']}/consents")["items"]
    assert [(line["granted"], line["source"]) for line in lines] == [
        (False, "Phone call"), (True, "Form on the website")]


def test_a_person_gets_a_report_and_is_erased_after_a_look_at_what_goes(
        product: Product, company: Company, open_page: OpenPage, person: dict[str, Any]) -> None:
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/o/lead/{person['id']}")
    with page.expect_download() as taken:
        press(page, "Report about this person")
    assert taken.value.suggested_filename == f"lead-{person['id']}.html"
    assert NAME in taken.value.path().read_text("utf-8")

    press(page, "Erase this person…")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("13857109876", exact=False).or_(dialog.get_by_text("138 5710 9876"))).to_be_visible()
    expect(dialog.get_by_role("checkbox", name="Phone", exact=True)).to_be_checked()
    expect(dialog.get_by_role("checkbox", name="Region", exact=True)).not_to_be_checked()
    picture(page, "privacy-erase-en")
    erase = dialog.get_by_role("button", name="Erase for good")
    expect(erase).to_be_disabled()
    dialog.locator("#erase-name").fill("somebody else")
    expect(erase).to_be_disabled()
    dialog.locator("#erase-name").fill(NAME)
    erase.click()
    says(page, "The person is erased")
    left = company.admin.get(f"{RECORDS}/lead/{person['id']}")
    assert (left["name"], left["phone"], left["email"], left["note"], left["region"]) == (
        "[erased]", None, None, None, "east")

    def told() -> bool:
        entries = company.admin.get("/api/gateway/v1/audit", action="person.")["items"]
        return {"person.reported", "person.erased"} <= {
            one["action"] for one in entries if one["target"]["id"] == person["id"]}
    assert eventually(told, "entries of the audit log")
    page.goto(f"{product.address}/admin/privacy/requests")
    expect(page.get_by_text("Erasure", exact=True).first).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text("Report", exact=True).first).to_be_visible()
    picture(page, "privacy-requests-en")


def test_a_rule_of_retention_is_switched_on_after_its_preview(product: Product, company: Company, open_page: OpenPage,
                                                              person: dict[str, Any]) -> None:
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/admin/privacy")
    press(page, "New retention rule")
    active = page.get_by_role("checkbox", name="Active: carry it out every day")
    expect(active).to_be_disabled()
    page.get_by_role("spinbutton", name="After how many days").fill("3650")
    press(page, "Preview")
    says(page, "It would take no record now")
    page.get_by_text("Active: carry it out every day").click()
    picture(page, "privacy-retention-en")
    answer(page, "Save")
    says(page, "3,650 days after “Last changed” the person is erased")
    [rule] = company.admin.get("/api/customer/v1/retention")["items"]
    assert (rule["object"], rule["field"], rule["days"], rule["action"], rule["active"]) == (
        "lead", "updated_at", 3650, "anonymise", True)
    page.get_by_role("button", name="Delete: Leads").click()
    answer(page, "Delete")
    says(page, "No retention rules yet")
    assert company.admin.get("/api/customer/v1/retention")["items"] == []


@pytest.mark.parametrize(("width", "dark"), [(1440, True), (390, False)])
def test_privacy_speaks_chinese_and_fits_a_phone(product: Product, company: Company, open_page: OpenPage,
                                                 person: dict[str, Any], width: int, dark: bool) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN"}).ok()
    page = open_page("admin", product.password, locale="zh-CN", width=width, dark=dark)
    page.goto(f"{product.address}/o/lead/{person['id']}")
    page.get_by_role("button", name="删除个人信息…").click()
    says(page, "删除后无法恢复")
    expect(page.get_by_role("dialog").get_by_role("checkbox", name="手机", exact=True)).to_be_checked(timeout=SLOW_MS)
    assert fits(page)
    picture(page, f"privacy-erase-zh-{width}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="登记同意").click()
    says(page, "便于日后举证")
    picture(page, f"privacy-consent-zh-{width}")
    page.goto(f"{product.address}/admin/privacy")
    page.get_by_role("button", name="新建保留规则").click()
    says(page, "预览之后才能启用")
    assert fits(page)
    picture(page, f"privacy-retention-zh-{width}")
