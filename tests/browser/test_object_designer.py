"""The designer of objects in a real browser: an object and fields of several types, refusals, types, the bins."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import SLOW_MS, OpenPage, answer, choose, fits, picture, press, says
from tests.support.main_job import Company, eventually
from tests.support.product import Product

OBJECTS = "/api/customer/v1/objects"


@pytest.fixture
def page(product: Product, company: Company, open_page: OpenPage) -> Page:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    opened = open_page("admin", product.password)
    opened.goto(f"{product.address}/admin/objects")
    return opened


def test_an_object_is_shaped_filled_changed_and_brought_back(page: Page, product: Product, company: Company) -> None:
    make_object(page)
    new_field(page, "Text", "Serial number", "序列号")
    page.locator("label.el-checkbox").filter(has_text="Unique").click()
    page.get_by_label("Pattern").fill("(")
    press(page, "Create")
    says(page, "A pattern is a regular expression (RE2)")
    picture(page, "designer-refused")
    page.get_by_label("Pattern").fill("[A-Z]{2}-[0-9]+")
    page.get_by_label("Own sentence when a value is refused · English").fill("A serial is like EQ-1.")
    press(page, "Create")
    says(page, "Saved")

    new_field(page, "Choice", "Condition", "状况")
    for number, (english, chinese) in enumerate((("Good", "良好"), ("Worn", "磨损")), 1):
        press(page, "Add choice")
        page.get_by_label(f"Choice {number}, English").fill(english)
        page.get_by_label(f"Choice {number}, Chinese").fill(chinese)
    page.get_by_label("Move choice 2", exact=True).focus()
    page.keyboard.press("ArrowUp")
    picture(page, "designer-choices")
    press(page, "Create")
    says(page, "Saved")

    new_field(page, "Whole number", "Hours", "工时")
    page.get_by_label("Smallest value").fill("0")
    press(page, "Create")
    says(page, "Saved")

    new_field(page, "Formula", "Days", "天数")
    page.get_by_label("Formula").first.fill("hours / zero")
    says(page, "zero")
    page.get_by_label("Formula").first.fill("hours / 8")
    press(page, "Create")
    expect(page.get_by_role("button", name="Days", exact=False).first).to_be_visible()
    picture(page, "designer-fields")

    fields = fields_of(company)
    assert [one["name"] for one in fields] == ["name", "serial_number", "condition", "hours", "days"]
    assert [one["label"]["en"] for one in fields[2]["options"]["choices"]] == ["Worn", "Good"]
    assert (fields[1]["unique"], fields[4]["options"]["expression"]) == (True, "hours / 8")

    page.get_by_role("button", name="Move Hours").focus()
    page.keyboard.press("ArrowUp")
    eventually(lambda: [one["name"] for one in fields_of(company)][2:4] == ["hours", "condition"], "the order is kept")

    delete(page, "Hours")
    says(page, "Formula “Days” of Device")
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete")).to_be_disabled()
    picture(page, "designer-used")
    answer(page, "Cancel")
    delete(page, "Serial number")
    answer(page, "Delete")
    says(page, "Serial number is deleted")
    page.get_by_role("tab", name="Bin").click()
    picture(page, "designer-bin")
    press(page, "Restore")
    says(page, "Serial number is back with its values")
    says(page, "The bin is empty")


def test_a_type_is_looked_at_before_it_is_changed(page: Page, product: Product, company: Company) -> None:
    company.admin.post(OBJECTS, {"name": "batch", "label": {"en": "Batch"}, "fields": [
        {"name": "name", "type": "text"}, {"name": "size", "type": "text", "label": {"en": "Size"}}]})
    for size in ("12", "1.5万", "many"):
        company.admin.post("/api/customer/v1/records/batch", {"name": f"Batch {size}", "size": size})
    page.goto(f"{product.address}/admin/objects/batch/fields")
    page.get_by_role("button", name=re.compile("^Size")).click()
    press(page, "Change type")
    choose(page, page.get_by_label("New type"), "Whole number")
    press(page, "Look at the values")
    says(page, "2 values fit, 1 do not")
    says(page, "Batch many")
    picture(page, "designer-type")
    page.get_by_role("dialog").get_by_role("button", name="Change type").last.click()
    says(page, "gets its new type")
    eventually(lambda: company.admin.get(f"{OBJECTS}/batch")["fields"][1]["type"] == "integer", "it has its new type")
    records = company.admin.get("/api/customer/v1/records/batch")["items"]
    assert sorted((one["size"] for one in records), key=str) == [12, 15000, None]
    page.goto(f"{product.address}/admin/objects/batch/bin")
    press(page, "Restore")
    says(page, "Put “Size” back in place?")
    answer(page, "Put back in place")
    says(page, "Size is back with its values")
    assert company.admin.get(f"{OBJECTS}/batch")["fields"][1]["type"] == "text"


def test_a_deleted_object_comes_back_with_its_records(page: Page, product: Product, company: Company) -> None:
    company.admin.post(OBJECTS, {"name": "venue", "label": {"en": "Venue"}, "fields": [
        {"name": "name", "type": "text"}]})
    venue = company.admin.post("/api/customer/v1/records/venue", {"name": "Town hall"})
    page.goto(f"{product.address}/admin/objects/venue/general")
    press(page, "Delete object")
    says(page, "Nothing that is known needs it.")
    answer(page, "Delete")
    says(page, "Deleted objects")
    picture(page, "designer-object-bin")
    assert company.admin.call("GET", f"/api/customer/v1/records/venue/{venue['id']}").status == 404
    press(page, "Restore")
    says(page, "Venue is back with its records")
    assert company.admin.get(f"/api/customer/v1/records/venue/{venue['id']}")["name"] == "Town hall"


@pytest.mark.parametrize(("name", "locale", "width", "dark"), [
    ("zh", "zh-CN", 1440, False), ("phone-zh", "zh-CN", 390, False), ("phone-dark", "en-US", 390, True)])
def test_the_designer_fits_every_screen(product: Product, company: Company, open_page: OpenPage, name: str, locale: str,
                                        width: int, dark: bool) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN" if locale == "zh-CN" else "en"}).ok()
    page = open_page("admin", product.password, locale=locale, width=width, dark=dark)
    for path in ("objects", "objects/lead/fields", "objects/lead/general", "objects/lead/bin"):
        page.goto(f"{product.address}/admin/{path}")
        expect(page.locator("h1").first).to_be_visible(timeout=SLOW_MS)
        picture(page, f"designer-{name}-{path.replace('/', '-')}")
        assert fits(page), path
    page.goto(f"{product.address}/admin/objects/lead/fields")
    page.locator("li .open").nth(6).click()
    expect(page.locator("#field-form")).to_be_visible(timeout=SLOW_MS)
    picture(page, f"designer-{name}-field")
    assert fits(page)


def make_object(page: Page) -> None:
    press(page, "New object")
    page.get_by_label("Label · English").fill("Device")
    page.get_by_label("Label · Chinese").fill("设备")
    page.get_by_role("radio", name="briefcase").click()
    picture(page, "designer-object")
    press(page, "Create")
    page.wait_for_url("**/admin/objects/device/fields")


def new_field(page: Page, kind: str, english: str, chinese: str) -> None:
    press(page, "New field")
    expect(page.get_by_role("heading", name="Texts and addresses", exact=True)).to_be_visible()
    page.locator(".types button").filter(has=page.get_by_text(kind, exact=True)).click()
    page.get_by_label("Label · English").fill(english)
    page.get_by_label("Label · Chinese").fill(chinese)


def delete(page: Page, label: str) -> Locator:
    page.get_by_role("button", name=f"Delete {label}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def fields_of(company: Company) -> list[dict[str, Any]]:
    return company.admin.get(f"{OBJECTS}/device")["fields"]
