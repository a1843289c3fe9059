"""The form designer in a real browser: designed by drag and drop, used by a seller, sent by a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.screen import SLOW_MS, OpenPage, choose, fits, picture, press, says
from tests.support.main_job import Company, eventually
from tests.support.product import Product, new_password

LAYOUTS = "/api/customer/v1/objects/lead/layouts"
WEB_FORMS = "/api/customer/v1/web-forms"
LEADS = "/api/customer/v1/records/lead"


@pytest.fixture
def page(product: Product, company: Company, open_page: OpenPage) -> Page:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    return open_page("admin", product.password)


@pytest.fixture
def seller(product: Product, company: Company) -> tuple[str, str]:
    """A sales representative of this test, who signs in through the browser."""
    roles = {role["key"]: role["id"] for role in company.admin.get("/api/gateway/v1/roles", limit=100)["items"]}
    name, password = "form.seller", new_password()
    made = company.admin.call("POST", "/api/gateway/v1/users", {
        "username": name, "name": "Form Seller", "email": "seller@example.com", "department_id": company.east,
        "role_ids": [roles["sales_rep"]], "locale": "en", "timezone": "Asia/Shanghai", "password": password})
    assert made.status == 201, made.json
    product.sign_in(name, password)  # and has a password of his own
    return name, password


def test_a_form_is_designed_by_drag_and_drop_and_used_with_its_conditions(
        page: Page, product: Product, company: Company, seller: tuple[str, str], open_page: OpenPage) -> None:
    page.goto(f"{product.address}/admin/forms/lead/layouts/new")
    page.get_by_label("Name · English").fill("Short lead")
    page.get_by_label("Name · Chinese").fill("简洁线索")
    page.get_by_text("are left out").click()
    part(page, "Form")
    design(page)
    press(page, "Save")
    says(page, "Form saved")
    picture(page, "form-designer")
    kept = company.admin.get(f"{LAYOUTS}/short_lead")
    fields = [[placed["field"] for placed in section["fields"]] for section in kept["sections"]]
    assert fields == [["name", "company", "industry", "job_title", "phone", "email"],
                      ["source", "status", "campaign_id", "score", "score_reasons"], ["note"]]
    note = kept["sections"][2]["fields"][0]
    assert note["visible_when"] == note["required_when"] == {
        "all": [{"field": "status", "op": "in", "value": ["unqualified"]}]}
    part(page, "Preview")
    expect(page.locator("[data-frame]")).to_have_count(2)
    picture(page, "form-preview")
    apply_first(page, product)

    rep = open_page(*seller)
    enter_lead(rep, product, company)
    phone = open_page(*seller, width=390, height=844)
    company.admin.call("PATCH", f"{LAYOUTS}/short_lead", {"active": True}).ok()
    phone.goto(f"{product.address}/o/lead")
    phone.get_by_role("button", name="Create").first.click()
    expect(phone.locator("#form-name")).to_be_visible()
    assert fits(phone)
    picture(phone, "form-on-a-phone")
    assert company.admin.call("DELETE", f"{LAYOUTS}/short_lead").status == 204


def test_a_strangers_message_becomes_a_lead(page: Page, product: Product, company: Company, browser: Browser) -> None:
    page.goto(f"{product.address}/admin/forms/lead/web/new")
    expect(page.locator('[data-field="phone"]')).to_be_visible()
    page.drag_and_drop('[data-palette="note"]', '[data-field="name"]')
    part(page, "Publish")
    page.get_by_label("Name · English").fill("Website")
    page.get_by_label("Address", exact=False).first.fill("talk-to-us")
    page.get_by_label("Title · English").fill("Talk to us")
    page.get_by_label("Title · Chinese").fill("与我们联系")
    turn(page.get_by_role("switch", name="Open to everybody"))
    picture(page, "web-form-publish")
    press(page, "Save")
    says(page, "Form saved")
    visitor = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page()
    visitor.set_default_timeout(SLOW_MS)
    visitor.goto(f"{product.address}/f/talk-to-us?utm_source=fair")
    expect(visitor.get_by_role("heading", name="与我们联系")).to_be_visible()
    assert fits(visitor)
    visitor.get_by_label("姓名").fill("访客甲")
    visitor.get_by_role("link", name="English").click()
    expect(visitor.get_by_role("heading", name="Talk to us")).to_be_visible()
    expect(visitor.get_by_label("Name")).to_have_value("访客甲")
    visitor.get_by_role("link", name="中文").click()
    expect(visitor.get_by_label("姓名")).to_have_value("访客甲")
    visitor.get_by_label("手机").fill("12")
    visitor.wait_for_timeout(3200)  # nobody fills a form in faster
    visitor.get_by_role("button", name="提交").click()
    expect(visitor.get_by_role("alert")).to_contain_text("请检查标出的内容")
    visitor.screenshot(path="tests/artifacts/browser/web-form-wrong.png", full_page=True)
    visitor.get_by_label("手机").fill("13800138123")
    visitor.wait_for_timeout(3200)
    visitor.get_by_role("button", name="提交").click()
    expect(visitor.get_by_role("heading", name="感谢您")).to_be_visible(timeout=SLOW_MS)
    visitor.context.close()
    found = eventually(lambda: company.admin.get(LEADS, q="访客甲")["items"], "the visitor's lead")
    assert [(lead["name"], lead["phone"]) for lead in found] == [("访客甲", "+8613800138123")]
    take_away(company, found)
    for form in company.admin.get(WEB_FORMS)["items"]:
        assert company.admin.call("DELETE", f"{WEB_FORMS}/{form['id']}").status == 204


def test_a_public_form_follows_what_a_visitor_enters(browser: Browser, product: Product, company: Company) -> None:
    told = {"field": "source", "op": "is_set"}
    made = company.admin.post(WEB_FORMS, {
        "object": "lead", "slug": "tell-us-more", "label": {"en": "Tell us more"}, "active": True, "guard": "none",
        "sections": [{"fields": [{"field": "name"}, {"field": "source"}, {"field": "email", "required_when": told}]},
                     {"label": {"en": "Details"}, "visible_when": told,
                      "fields": [{"field": "note", "required": True}]}]})
    visitor = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US").new_page()
    visitor.set_default_timeout(SLOW_MS)
    visitor.goto(f"{product.address}/f/tell-us-more")
    expect(visitor.get_by_role("heading", name="Details")).to_be_hidden()
    visitor.locator("#source").select_option(index=1)
    expect(visitor.get_by_role("heading", name="Details")).to_be_visible(timeout=SLOW_MS)
    expect(visitor.locator("#note")).to_be_enabled()
    assert visitor.locator("#email").get_attribute("required") is not None
    assert fits(visitor)
    visitor.locator("#source").select_option(index=0)
    expect(visitor.locator("#note")).to_be_disabled(timeout=SLOW_MS)
    visitor.context.close()
    assert company.admin.call("DELETE", f"{WEB_FORMS}/{made['id']}").status == 204


def take_away(company: Company, leads: list[Any]) -> None:
    """Other tests of this product count its leads."""
    for lead in leads:
        assert company.admin.call("DELETE", f"{LEADS}/{lead['id']}").status == 204


def part(page: Page, name: str) -> None:
    """Open a part of the designer."""
    page.locator(".el-radio-button").filter(has_text=name).first.click()


def turn(switch: Locator) -> None:
    switch.focus()
    switch.press("Space")


def design(page: Page) -> None:
    """Fields leave the form, come back by dragging, move with the keyboard; one gets conditions."""
    for name in ("Second phone", "Address", "Region", "Expected amount", "Expected close date", "Industry", "Note"):
        page.get_by_role("button", name=f"Take {name} off the form").first.click()
    for _ in range(3):
        page.get_by_role("button", name="Remove section").last.click()
    press(page, "Undo")
    press(page, "Redo")
    press(page, "Add section")
    page.drag_and_drop('[data-palette="note"]', "[data-section='2']")
    page.drag_and_drop('[data-palette="industry"]', '[data-field="job_title"]', target_position={"x": 4, "y": 4})
    handle = page.locator('[data-handle="email"]')
    handle.focus()
    handle.press("ArrowDown")
    expect(page.locator("[data-section='1'] [data-field]").first).to_have_attribute("data-field", "email")
    page.locator('[data-handle="email"]').press("ArrowUp")
    page.locator('[data-field="note"] button.name').click()
    for place, condition in enumerate(("Shown only when …", "Required when …")):
        turn(page.get_by_role("complementary").get_by_role("switch", name=condition))
        page.get_by_role("button", name="Add condition").nth(place).click()
        choose(page, page.get_by_label("Field", exact=True).nth(place), "Status")
        choose(page, page.get_by_label("Value", exact=True).nth(place), "Unqualified", many=True)


def apply_first(page: Page, product: Product) -> None:
    """The new layout is tried before the one of the pack."""
    page.goto(f"{product.address}/admin/forms/lead")
    row = page.get_by_role("listitem").filter(has_text="Short lead")
    row.get_by_role("button", name="Try earlier").click()
    expect(page.locator("ul li .fh-link").first).to_have_text("Short lead")
    picture(page, "form-list")


def enter_lead(rep: Page, product: Product, company: Company) -> None:
    """What is asked for follows what is chosen, in the form and on the server."""
    rep.goto(f"{product.address}/o/lead")
    rep.get_by_role("button", name="Create").first.click()
    rep.locator("#form-name").fill("Conditional Ltd")
    expect(rep.locator("#form-region")).to_have_count(0)
    expect(rep.locator("#form-note")).to_have_count(0)
    choose(rep, rep.locator("#form-status"), "Unqualified")
    expect(rep.locator("#form-note")).to_be_visible()
    rep.get_by_role("dialog").get_by_role("button", name="Create", exact=True).click()
    says(rep, "Please fill this in")
    picture(rep, "form-conditional")
    rep.locator("#form-note").fill("Wrong number")
    rep.get_by_role("dialog").get_by_role("button", name="Create", exact=True).click()
    expect(rep.locator("#form-name")).to_have_count(0)
    made: Any = company.admin.get(LEADS, q="Conditional Ltd")["items"]
    assert [lead["note"] for lead in made] == ["Wrong number"]
    take_away(company, made)
    refused = company.admin.call("POST", LEADS, {"name": "x", "status": "unqualified"})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/note")
