"""The approval designer in a real browser: drawn from top to bottom, refused at its card, published, opened again, on a
phone too, and what others drew is left alone. The file stands last: what it publishes may be started on every contract.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import grave_findings
from tests.browser.screen import OpenPage, answer, choose, fits, picture, press, says
from tests.support.bpmn import end, start, xml
from tests.support.main_job import Company
from tests.support.product import Product

WORKFLOW = "/api/workflow/v1"


def at(product: Product, company: Company, open_page: OpenPage, locale: str, **screen: Any) -> Page:
    company.admin.call("PATCH", "/api/auth/me", {"locale": locale}).ok()
    return open_page("admin", product.password, locale=locale, **screen)


def looks_right(page: Page, name: str) -> None:
    """Take a picture; nothing sticks out, and axe finds nothing grave."""
    picture(page, name)
    assert fits(page), name
    assert grave_findings(page) == [], name


def drawer(page: Page) -> Locator:
    return page.get_by_role("dialog").filter(visible=True)


def close(page: Page) -> None:
    drawer(page).locator(".el-drawer__close-btn").click()
    expect(page.locator(".el-drawer:visible")).to_have_count(0)


def add(page: Page, after: str, what: str) -> None:
    page.get_by_role("button", name=f"Add after “{after}”", exact=True).click()
    page.get_by_role("menuitem", name=what, exact=True).filter(visible=True).click()


def card(page: Page, kind: str) -> Locator:
    """The button of the first card of a kind."""
    named = page.locator(".kind").get_by_text(kind, exact=True)
    return page.locator("section.card button.open").filter(has=named).first


def test_an_approval_is_drawn_refused_at_its_card_published_and_opened_again(
        product: Product, company: Company, open_page: OpenPage) -> None:
    page = at(product, company, open_page, "en")
    page.goto(f"{product.address}/approvals")
    press(page, "New approval")
    page.get_by_label("Name of the process · English").fill("Lead approval")
    add(page, "Approval", "Condition")
    press(page, "Publish")
    expect(card(page, "Approver").get_by_role("alert")).to_be_visible()
    expect(card(page, "Condition 1").get_by_role("alert")).to_be_visible()
    looks_right(page, "designer-refused-en")

    card(page, "Approver").click()
    press(page, "Add")
    choose(page, drawer(page).get_by_label("Chosen by"), "Role")
    choose(page, drawer(page).get_by_role("combobox", name="Role"), "Sales manager")
    choose(page, drawer(page).get_by_label("When nobody decides"), "remind them")
    looks_right(page, "designer-approver-en")
    close(page)
    expect(card(page, "Approver")).to_contain_text("Reminded after")

    page.get_by_role("button", name="Remove “Condition”", exact=True).first.click()
    expect(page.locator(".block")).to_have_count(0)
    press(page, "Publish")
    says(page, "Version 1 is published")
    press(page, "Back")
    row = page.get_by_role("listitem").filter(has_text="Lead approval")
    expect(row).to_contain_text("Version 1")
    looks_right(page, "designer-list-en")
    row.get_by_role("link").click()
    expect(card(page, "Approver")).to_contain_text("Sales manager")
    add(page, "Approval", "Copy to")
    card(page, "Copy to").click()
    choose(page, drawer(page).get_by_role("combobox", name="Role"), "Finance")
    close(page)
    press(page, "Publish version 2")
    says(page, "Version 2 is published")
    page.get_by_text("Versions", exact=True).click()
    says(page, "Version 1")
    made = company.admin.get(f"{WORKFLOW}/approvals", limit=200)["items"]
    (mine,) = [one for one in made if one["name"].get("en") == "Lead approval"]
    assert (mine["latest"], [step["type"] for step in mine["approval"]["steps"]]) == (2, ["approve", "act"])


def test_an_unfinished_condition_keeps_its_card_open_and_a_file_asks_before_it_replaces_what_was_drawn(
        product: Product, company: Company, open_page: OpenPage) -> None:
    step = {"type": "approve", "name": {"en": "Finance"}, "mode": "any", "people": [{"role": "finance"}]}
    id = company.admin.post(f"{WORKFLOW}/approvals", {
        "name": {"en": "Half a condition"}, "object": "lead", "active": False, "approval": {"steps": [step]}})["id"]
    page = at(product, company, open_page, "en")
    page.goto(f"{product.address}/approvals/{id}")
    add(page, "Finance", "Condition")
    for kind in "Start", "Condition 1":
        card(page, kind).click()
        press(page, "Add condition")
        drawer(page).locator(".el-drawer__close-btn").click()
        expect(drawer(page).get_by_role("alert")).to_have_text("This condition is unfinished. Fill it in or remove it.")
        expect(card(page, kind)).to_contain_text("This condition is unfinished.")
        looks_right(page, f"designer-unfinished-{kind[:5].lower()}-en")
        press(page, "Remove condition")
        expect(drawer(page).get_by_role("alert")).to_have_count(0)
        close(page)
        expect(card(page, kind)).not_to_contain_text("This condition is unfinished.")

    page.get_by_text("Versions", exact=True).click()
    file = {"name": "a.bpmn", "mimeType": "application/xml", "buffer": xml(start(), end(), flows="Start>End").encode()}
    page.get_by_label("Upload a BPMN file").set_input_files(file)
    says(page, "Publish this file instead of what you drew?")
    answer(page, "Cancel")
    page.get_by_text("Flow", exact=True).click()
    expect(card(page, "Condition 1")).to_be_visible()
    assert company.admin.get(f"{WORKFLOW}/approvals/{id}")["latest"] == 1
    page.get_by_text("Versions", exact=True).click()
    page.get_by_label("Upload a BPMN file").set_input_files(file)
    answer(page, "Publish")
    says(page, "Version 2 is published")


def test_what_is_drawn_is_read_on_a_phone_and_in_chinese(
        product: Product, company: Company, open_page: OpenPage) -> None:
    money = {"all": [{"field": "expected_amount", "op": "gte", "value": "100000"}]}
    step = {"type": "approve", "name": {"en": "Boss", "zh-CN": "主管审批"}, "mode": "any", "due_in": "2d",
            "people": [{"role": "sales_manager", "up": 1}],
            "late": {"after": "3d", "do": "escalate", "people": [{"applicant": True}]}}
    last = {**step, "name": {"en": "Finance", "zh-CN": "财务审批"}, "mode": "all", "late": None,
            "people": [{"role": "finance"}, {"field": "owner_id"}]}
    form = {"steps": [step, {"type": "choose", "name": {"zh-CN": "金额"}, "ways": [
        {"name": {"zh-CN": "大额"}, "criteria": money, "steps": [last]}],
        "otherwise": {"name": {"zh-CN": "其他"}, "steps": []}}],
        "approved": [{"type": "notify", "to": {"role": "finance"}, "message": {"zh-CN": "请知悉"}}]}
    id = company.admin.post(f"{WORKFLOW}/approvals", {
        "name": {"en": "Large lead", "zh-CN": "大额线索审批"}, "object": "lead", "active": False,
        "approval": form})["id"]
    page = at(product, company, open_page, "zh-CN")
    page.goto(f"{product.address}/approvals/{id}")
    expect(card(page, "审批人")).to_contain_text("上 1 级部门")
    says(page, "会签：所有人都要同意")
    looks_right(page, "designer-flow-zh")
    card(page, "条件 1").click()
    says(page, "满足以下条件时走此分支")
    looks_right(page, "designer-condition-zh")
    phone = at(product, company, open_page, "zh-CN", width=390, height=844)
    phone.goto(f"{product.address}/approvals/{id}")
    expect(card(phone, "审批人")).to_contain_text("上 1 级部门")
    looks_right(phone, "designer-flow-zh-390")
    card(phone, "审批人").click()
    says(phone, "由谁审批")
    looks_right(phone, "designer-approver-zh-390")


def test_a_process_that_others_drew_says_so_and_stays_as_it_is(
        product: Product, company: Company, open_page: OpenPage) -> None:
    file = xml(start(), end(), flows="Start>End")
    id = company.admin.post(f"{WORKFLOW}/processes", {
        "name": {"en": "Drawn elsewhere"}, "object": "lead", "active": False, "xml": file})["id"]
    page = at(product, company, open_page, "en")
    page.goto(f"{product.address}/approvals/{id}")
    says(page, "This process is drawn as BPMN")
    looks_right(page, "designer-foreign-en")
    with page.expect_download() as download:
        press(page, "Download the BPMN file")
    assert download.value.path().read_text() == file
    page.get_by_label("Upload a BPMN file").set_input_files(
        {"name": "a.bpmn", "mimeType": "application/xml", "buffer": file.replace("Process", "Other").encode()})
    says(page, "Version 2 is published")
    assert company.admin.get(f"{WORKFLOW}/processes/{id}")["latest"] == 2
