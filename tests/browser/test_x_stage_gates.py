"""Stages in a real browser: what a stage asks is said, saved, kept in order and holds; roll-ups find what matches."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import OpenPage, choose, fits, picture, press, says
from tests.support.main_job import Company, eventually
from tests.support.product import Product

CUSTOMER = "/api/customer/v1"
STAGES = {"choices": [{"value": value, "label": {"en": en, "zh-CN": zh}} for value, en, zh in (
    ("idea", "Idea", "构想"), ("bid", "Bid", "投标"), ("signed", "Signed", "签约"))]}
TENDER = {"name": "tender", "label": {"en": "Tender", "zh-CN": "标书"}, "plural": {"en": "Tenders", "zh-CN": "标书"},
          "fields": [
    {"name": "name", "type": "text", "label": {"en": "Name", "zh-CN": "名称"}},
    {"name": "stage", "type": "choice", "label": {"en": "Stage", "zh-CN": "阶段"}, "options": STAGES},
    {"name": "budget", "type": "money", "label": {"en": "Budget", "zh-CN": "预算"}},
    {"name": "closed_on", "type": "date", "label": {"en": "Closed on", "zh-CN": "关闭日期"}, "indexed": True}]}
QUOTA = {"name": "quota", "label": {"en": "Quota", "zh-CN": "定额"}, "plural": {"en": "Quotas", "zh-CN": "定额"},
         "fields": [
    {"name": "name", "type": "text", "label": {"en": "Name", "zh-CN": "名称"}},
    {"name": "person_id", "type": "user", "label": {"en": "Person", "zh-CN": "个人"}},
    {"name": "starts_on", "type": "date", "label": {"en": "First day", "zh-CN": "首日"}, "indexed": True},
    {"name": "ends_on", "type": "date", "label": {"en": "Last day", "zh-CN": "末日"}}]}


@pytest.fixture(scope="module")
def objects(company: Company) -> None:
    for definition in (TENDER, QUOTA):
        company.admin.post(f"{CUSTOMER}/objects", definition)


@pytest.fixture
def page(objects: None, product: Product, company: Company, open_page: OpenPage) -> Page:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    return open_page("admin", product.password)


def test_a_stage_says_what_it_asks_and_holds_to_it(page: Page, product: Product, company: Company) -> None:
    page.goto(f"{product.address}/admin/objects/tender/stages")
    says(page, "Records come into “Idea” and leave it freely.")
    page.get_by_role("button", name="Bid", exact=True).click()
    choose(page, page.get_by_label("Must be filled in to come into it"), "Budget", many=True)
    says(page, "A record comes into “Bid” only when Budget is filled in.")
    page.get_by_role("group", name="Condition for moving on").get_by_role(
        "button", name=re.compile("Add condition")).click()
    press(page, "Save")
    says(page, "This condition is unfinished. Fill it in or remove it.")
    picture(page, "stages-unfinished")
    page.get_by_label("Value", exact=True).fill("Town hall")
    says(page, "It moves on from “Bid” only when Name")
    page.get_by_label("What people read when they are refused · English").fill("First say the budget.")
    says(page, "Who is refused reads: “First say the budget.”")
    page.get_by_role("button", name="Move Idea").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    press(page, "Save")
    says(page, "Saved. The conditions hold from now on.")
    picture(page, "stages")
    field = next(one for one in company.admin.get(f"{CUSTOMER}/objects/tender")["fields"] if one["name"] == "stage")
    assert [one["value"] for one in field["options"]["choices"]] == ["idea", "bid", "signed"]
    assert field["options"]["choices"][1]["stage"]["required"] == ["budget"]

    tender = company.admin.post(f"{CUSTOMER}/records/tender", {"name": "Bridge", "stage": "idea"})
    page.goto(f"{product.address}/o/tender/{tender['id']}")
    press(page, "Bid")
    says(page, "First say the budget.")
    assert company.admin.get(f"{CUSTOMER}/records/tender/{tender['id']}")["stage"] == "idea"


def test_a_roll_up_counts_what_matches_by_fields_and_days(page: Page, product: Product, company: Company) -> None:
    me = company.admin.get("/api/auth/me")["id"]
    quota = company.admin.post(f"{CUSTOMER}/records/quota", {
        "name": "Q1", "person_id": me, "starts_on": "2026-01-01", "ends_on": "2026-03-31"})
    page.goto(f"{product.address}/admin/objects/quota/fields")
    press(page, "New field")
    page.locator(".types button").filter(has=page.get_by_text("Roll-up", exact=True)).click()
    page.get_by_label("Label · English").fill("Tenders closed")
    page.locator(".el-radio-button").filter(has_text="By equal fields").click()
    choose(page, page.get_by_label(re.compile("^Of which records")), "Tenders")
    press(page, "Add a pair")
    choose(page, page.get_by_label("Field of the records, pair 1"), "Owner")
    choose(page, page.get_by_label("Field here, pair 1"), "Person")
    choose(page, page.get_by_label("Only within a period: date of the records"), "Closed on")
    choose(page, page.get_by_label(re.compile("^From")), "First day")
    press(page, "Create")
    says(page, "required")
    picture(page, "rollup-by-fields")
    choose(page, page.get_by_label(re.compile("^Until")), "Last day")
    press(page, "Create")
    says(page, "Saved")
    for day in ("2026-03-31", "2026-04-01"):
        company.admin.post(f"{CUSTOMER}/records/tender", {"name": "Road", "stage": "idea", "closed_on": day})
    eventually(lambda: company.admin.get(f"{CUSTOMER}/records/quota/{quota['id']}").get("tenders_closed") == 1,
               "the tender within the days is counted")


@pytest.mark.parametrize(("locale", "language", "width", "dark"), [
    ("zh-CN", "zh-CN", 1440, False), ("zh-CN", "zh-CN", 390, False), ("en-US", "en", 390, True)])
def test_stages_are_edited_on_every_screen(objects: None, product: Product, company: Company, open_page: OpenPage,
                                           locale: str, language: str, width: int, dark: bool) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": language}).ok()
    opened = open_page("admin", product.password, locale=locale, width=width, height=900, dark=dark)
    opened.goto(f"{product.address}/admin/objects/tender/stages")
    expect(opened.locator("ol li .open")).to_have_count(3)
    assert fits(opened)
    picture(opened, f"stages-{language}-{width}-{'dark' if dark else 'light'}")
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
