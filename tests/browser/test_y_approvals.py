"""Approvals in a real browser: started on a record, decided on a phone, handed on and back, told in a history.

The file stands last: it publishes a process over leads, and what may be started then is seen on every lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import grave_findings
from tests.browser.screen import OpenPage, choose, fits, picture, press, says
from tests.support.bpmn import approval, end, node, start, xml
from tests.support.main_job import Company, eventually
from tests.support.product import Person, Product, new_password

WORKFLOW = "/api/workflow/v1"
BOSS = "陈静"


@dataclass(frozen=True)
class Approvals:
    """A published process of two steps: the boss decides, then the administrator."""

    process: str
    boss: Person
    boss_id: str
    password: str
    chief: str  # what the administrator is called


@pytest.fixture(scope="module")
def approvals(product: Product, company: Company) -> Approvals:
    admin, password = company.admin, new_password()
    roles = {role["key"]: role["id"] for role in admin.get("/api/gateway/v1/roles", limit=100)["items"]}
    boss = admin.post("/api/gateway/v1/users", {
        "username": "chen.jing", "name": BOSS, "email": "chen.jing@example.com", "department_id": company.east,
        "role_ids": [roles["sales_rep"]], "locale": "zh-CN", "timezone": "Asia/Shanghai", "password": password})["id"]
    me = admin.get("/api/auth/me")
    file = xml(start(), approval("First", person(boss), name="First look"), end("Bad"), end("Worse"), end("Good"),
               approval("Last", person(me["id"]), name="Last look"),
               node("exclusiveGateway", "G", default="Last"), node("exclusiveGateway", "H", default="Good"),
               flows='Start>First First>G G>Bad?process.outcome="rejected" G>Last Last>H '
                     'H>Worse?process.outcome="rejected" H>Good')
    eventually(lambda: admin.call("POST", f"{WORKFLOW}/processes/check", {"object": "lead", "xml": file}).status == 204,
               "the workflow service knows the new person")
    process = admin.post(f"{WORKFLOW}/processes", {
        "name": {"en": "Special price", "zh-CN": "特价审批"}, "object": "lead", "xml": file})["id"]
    return Approvals(process, product.sign_in("chen.jing", password), boss, password, me["name"])


def person(id: str) -> str:
    return f'<fh:person id="{id}"/>'


def a_lead(company: Company, approvals: Approvals, name: str) -> str:
    return company.admin.post("/api/customer/v1/records/lead", {
        "name": name, "company": name, "region": "east", "owner_id": approvals.boss_id})["id"]


def english(product: Product, company: Company, open_page: OpenPage, **screen: Any) -> Page:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    return open_page("admin", product.password, **screen)


def row(page: Page, record: str) -> Locator:
    """The step over a record in the to-do list."""
    return page.locator("li.step").filter(has_text=record)


def card(page: Page, title: str) -> Locator:
    return page.locator("section.fh-card").filter(has=page.get_by_role("heading", name=title, exact=True))


def say(page: Page, accept: str, comment: str = "") -> None:
    """Fill in the dialog's words and accept."""
    dialog = page.get_by_role("dialog").filter(has=page.locator("#say-form"))
    dialog.locator("textarea").fill(comment)
    dialog.get_by_role("button", name=accept, exact=True).click()


def looks_right(page: Page, name: str) -> None:
    """Take a picture; nothing sticks out, and axe finds nothing grave."""
    picture(page, name)
    assert fits(page), name
    assert grave_findings(page) == [], name


def test_started_on_a_record_approved_on_a_phone_and_rejected_at_the_end(
        product: Product, company: Company, approvals: Approvals, open_page: OpenPage) -> None:
    lead = a_lead(company, approvals, "Gear works")
    page = english(product, company, open_page)
    page.goto(f"{product.address}/o/lead/{lead}")
    expect(card(page, "Processes").get_by_text("No process of yours")).to_be_visible()
    press(page, "More actions")
    page.get_by_role("menuitem", name="Start a process…").click()
    picture(page, "approvals-start-en")
    say(page, "Start", "They buy a hundred.")
    says(page, "Process started")
    expect(card(page, "Processes").get_by_text("First look")).to_be_visible()
    expect(card(page, "Processes").get_by_text(BOSS)).to_be_visible()
    looks_right(page, "approvals-record-en")

    phone = open_page("chen.jing", approvals.password, locale="zh-CN", width=390, height=844)
    phone.goto(f"{product.address}/tasks")
    step = row(phone, "Gear works")
    expect(step.get_by_text(f"申请人：{approvals.chief}")).to_be_visible()
    expect(step.get_by_text("特价审批")).to_be_visible()
    expect(step.get_by_role("checkbox")).to_have_count(0)
    looks_right(phone, "approvals-tasks-zh-390")
    step.get_by_role("button", name="First look").click()
    says(phone, "They buy a hundred.")
    looks_right(phone, "approvals-drawer-zh-390")
    phone.get_by_role("dialog").get_by_role("button", name="同意", exact=True).click()
    expect(phone.locator("#say-form")).to_be_visible()
    looks_right(phone, "approvals-approve-zh-390")
    say(phone, "同意", "可以")
    expect(step).to_have_count(0)

    page.goto(f"{product.address}/tasks")
    expect(row(page, "Gear works")).to_be_visible()
    looks_right(page, "approvals-tasks-en")
    row(page, "Gear works").get_by_role("button", name="Reject", exact=True).click()
    say(page, "Reject", "Below our costs.")
    expect(row(page, "Gear works")).to_have_count(0)
    page.goto(f"{product.address}/o/lead/{lead}")
    expect(card(page, "Processes").get_by_text("Rejected")).to_be_visible()
    expect(card(page, "Processes").get_by_role("button", name="Withdraw")).to_have_count(0)
    card(page, "Processes").get_by_role("button", name="History").click()
    for words in ("They buy a hundred.", "可以", "Below our costs."):
        expect(card(page, "Processes").get_by_text(words)).to_be_visible()
    looks_right(page, "approvals-history-en")


def test_a_step_is_handed_on_sent_back_and_withdrawn_and_refusals_are_said(
        product: Product, company: Company, approvals: Approvals, open_page: OpenPage) -> None:
    lead = a_lead(company, approvals, "Pump station")
    begun = company.admin.post(f"{WORKFLOW}/processes/{approvals.process}/instances", {"record_id": lead})
    approve_as_boss(approvals, begun["id"])
    page = english(product, company, open_page, width=390, height=844, dark=True)
    page.goto(f"{product.address}/tasks")
    act(page, "Hand over")
    choose(page, page.get_by_label("Person", exact=True), approvals.chief)
    say(page, "Hand over")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("has the task already")
    looks_right(page, "approvals-refused-en-390-dark")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Add approver", exact=True).click()
    choose(page, page.get_by_label("Person", exact=True), BOSS)
    page.locator(".el-radio-button").filter(has_text="Before me").click()
    looks_right(page, "approvals-add-en-390-dark")
    say(page, "Add approver", "What do you think?")
    expect(row(page, "Pump station")).to_have_count(0)
    approve_as_boss(approvals, begun["id"])
    page.reload()
    act(page, "Send back")
    expect(page.locator("#say-form").get_by_text("First look")).to_be_visible()
    looks_right(page, "approvals-back-en-390-dark")
    say(page, "Send back", "The sum is missing.")
    expect(row(page, "Pump station")).to_have_count(0)

    page.goto(f"{product.address}/o/lead/{lead}")
    page.get_by_role("tab", name="Activity").click()
    processes = card(page, "Processes")
    processes.get_by_role("button", name="History").click()
    for words in (f"added {BOSS} before themselves", "sent it back to “First look”", "The sum is missing."):
        expect(processes.get_by_text(words)).to_be_visible()
    looks_right(page, "approvals-record-en-390-dark")
    processes.get_by_role("button", name="Withdraw", exact=True).click()
    say(page, "Withdraw", "No need any more.")
    expect(processes.get_by_text("Withdrawn", exact=True)).to_be_visible()
    assert company.admin.get(f"{WORKFLOW}/instances/{begun['id']}")["state"] == "withdrawn"
    assert [one for one in open_steps(approvals) if one["process"]["instance_id"] == begun["id"]] == []


def act(page: Page, action: str) -> None:
    """Open the step and choose what to do with it."""
    row(page, "Pump station").get_by_role("button", name="Last look").click()
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


def open_steps(approvals: Approvals) -> list[dict[str, Any]]:
    return [task for task in approvals.boss.get(f"{WORKFLOW}/tasks", state="open")["items"] if task["process"]]


def approve_as_boss(approvals: Approvals, instance: str) -> None:
    (task,) = [one for one in open_steps(approvals) if one["process"]["instance_id"] == instance]
    approvals.boss.post(f"{WORKFLOW}/tasks/{task['id']}/decide", {"outcome": "approved"})
