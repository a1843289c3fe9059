"""Processes as BPMN in a real browser: drawn, said what is wrong at its shape, kept as a draft, published; the approval
that the simple designer drew stays one; read on a phone and in Chinese."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import OpenPage, press, says
from tests.browser.test_z_approval_designer import at, looks_right
from tests.support.main_job import Company
from tests.support.product import Product

WORKFLOW = "/api/workflow/v1"
MONEY = {"all": [{"field": "expected_amount", "op": "gte", "value": "100000"}]}
BOSS = {"type": "approve", "name": {"en": "Boss", "zh-CN": "主管审批"}, "mode": "all", "due_in": "2d",
        "people": [{"role": "sales_manager", "up": 1}], "late": {"after": "3d", "do": "reject"}}
FINANCE = {**BOSS, "name": {"en": "Finance", "zh-CN": "财务审批"}, "late": None, "people": [{"role": "finance"}]}
FORM = {"steps": [BOSS, {"type": "choose", "name": {"en": "Amount", "zh-CN": "金额"}, "ways": [
    {"name": {"en": "Large", "zh-CN": "大额"}, "criteria": MONEY, "steps": [FINANCE]}],
    "otherwise": {"name": {"en": "Small", "zh-CN": "其他"}, "steps": []}}]}


def shape(page: Page, id: str) -> Locator:
    return page.locator(f'.djs-element[data-element-id="{id}"]')


def pick(page: Page, id: str) -> None:
    """Choose a shape, as a person does with the mouse."""
    shape(page, id).locator(".djs-hit").first.click(force=True)


def test_an_approval_is_drawn_on_as_bpmn_and_stays_an_approval(
        product: Product, company: Company, open_page: OpenPage) -> None:
    id = company.admin.post(f"{WORKFLOW}/approvals", {
        "name": {"en": "Two views", "zh-CN": "两种视图"}, "object": "lead", "active": False, "approval": FORM})["id"]
    page = at(product, company, open_page, "en")
    page.goto(f"{product.address}/approvals/{id}")
    press(page, "BPMN editor")
    expect(shape(page, "approve_1")).to_contain_text("Boss")
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    says(page, "Nothing keeps this from being published")
    pick(page, "approve_1")
    expect(page.get_by_label("Name · Chinese")).to_have_value("主管审批")
    page.get_by_label("Name · English").fill("The boss")
    expect(shape(page, "approve_1")).to_contain_text("The boss")
    looks_right(page, "bpmn-step-en")
    press(page, "Publish version 2")
    says(page, "Version 2 is published")
    simple = company.admin.get(f"{WORKFLOW}/approvals/{id}")
    assert simple["approval"]["steps"][0]["name"] == {"en": "The boss", "zh-CN": "主管审批"}
    assert simple["approval"]["steps"][1:] == company.admin.get(f"{WORKFLOW}/approvals/{id}")["approval"]["steps"][1:]

    page.locator('.djs-palette [data-action="create.user-task"]').click()
    page.mouse.click(400, 330)
    expect(page.locator("div.fh-mistake").get_by_text("Say who does it").first).to_be_visible()
    expect(page.get_by_role("button", name="Say who does it")).to_be_visible()
    looks_right(page, "bpmn-mistakes-en")
    press(page, "Publish version 3")
    says(page, "It cannot be published yet")
    press(page, "Save draft")
    says(page, "The draft is kept")
    assert company.admin.get(f"{WORKFLOW}/approvals/{id}")["latest"] == 2
    page.reload()
    says(page, "It is not published")
    expect(page.locator("div.fh-mistake").first).to_be_visible()

    phone = at(product, company, open_page, "zh-CN", width=390, height=844)
    phone.goto(f"{product.address}/approvals/{id}/bpmn?version=2")
    expect(shape(phone, "approve_1")).to_contain_text("主管审批")
    expect(phone.locator(".djs-palette")).to_have_count(0)
    pick(phone, "approve_1")
    says(phone, "会签：所有人都要同意")
    looks_right(phone, "bpmn-zh-390")
    wide = at(product, company, open_page, "zh-CN")
    wide.goto(f"{product.address}/approvals/{id}/bpmn?version=2")
    flow = company.admin.get(f"{WORKFLOW}/processes/{id}/versions/2")["xml"].partition('name="Large"')[0]
    pick(wide, flow.rpartition('sequenceFlow id="')[2].partition('"')[0])
    says(wide, "记录满足条件时")
    looks_right(wide, "bpmn-flow-zh")
    pick(wide, "choose_1")
    wide.locator('.djs-context-pad [data-action="replace"]').click()
    says(wide, "并行网关")
    looks_right(wide, "bpmn-menu-zh")


def test_an_instance_is_seen_on_its_diagram(product: Product, company: Company, open_page: OpenPage) -> None:
    first, second = ({**FINANCE, "name": name, "people": [{"applicant": True}], "mode": "any"} for name in (
        {"en": "Check", "zh-CN": "核对"}, {"en": "Sign", "zh-CN": "签署"}))
    process = company.admin.post(f"{WORKFLOW}/approvals", {
        "name": {"en": "Seen", "zh-CN": "看图"}, "object": "lead", "approval": {"steps": [first, second]}})["id"]
    lead = company.admin.post("/api/customer/v1/records/lead", {
        "name": "图上线索", "company": "图上公司", "phone": "13800138123"})["id"]
    instance = company.admin.post(f"{WORKFLOW}/processes/{process}/instances", {"record_id": lead})["id"]
    tasks = company.admin.get(f"{WORKFLOW}/tasks", state="open", limit=200)["items"]
    (task,) = [one["id"] for one in tasks if (one["process"] or {}).get("instance_id") == instance]
    company.admin.post(f"{WORKFLOW}/tasks/{task}/decide", {"outcome": "approved"})
    page = at(product, company, open_page, "en")
    page.goto(f"{product.address}/o/lead/{lead}")
    page.get_by_role("link", name="Diagram", exact=True).click()
    expect(shape(page, "approve_1")).to_have_class(re.compile("fh-taken"))
    expect(shape(page, "approve_2")).to_have_class(re.compile("fh-here"))
    expect(page.locator("div.fh-held")).to_have_count(2)
    says(page, "Who had it how long")
    looks_right(page, "instance-en")
    phone = at(product, company, open_page, "zh-CN", width=390, height=844)
    phone.goto(f"{product.address}/instances/{instance}")
    expect(shape(phone, "approve_2")).to_contain_text("签署")
    says(phone, "正在办理")
    looks_right(phone, "instance-zh-390")
