"""From the quote to the payment as a seller walks it: lines, contract, order, plan, payment; a phone in Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import SLOW_MS, OpenPage, answer, fits, picture, press, says
from tests.support.main_job import Company, eventually
from tests.support.product import Person, Product

RECORDS = "/api/customer/v1/records"
TODAY = "2026-03-02"


@dataclass(frozen=True)
class Deal:
    customer: str
    quote: str
    product: str
    contract: str | None = None


@pytest.fixture(scope="module")
def deal(company: Company) -> Deal:
    """A customer with a quote that has no lines yet, a product, and payment terms of two shares."""
    admin = company.admin
    product = admin.post(f"{RECORDS}/product", {
        "name": "Gear line", "code": "GEAR-1", "status": "active", "unit": "piece",
        "list_price": {"amount": "1000.00", "currency": "CNY"},
        "tax_rate": "13"})["id"]
    terms = admin.post(f"{RECORDS}/payment_term/lines", {"values": {"name": "40/60"}, "lines": {
        "payment_term_line": [{"name": "Deposit", "share": "40", "days": 0}, {"name": "Rest", "share": "60",
                                                                              "days": 30}]}})["record"]["id"]
    customer = admin.post(f"{RECORDS}/customer", {"name": "Hengke Machines"})["id"]
    quote = admin.post(f"{RECORDS}/quote", {"name": "Gear line for Hengke", "customer_id": customer, "status": "draft",
                                            "quoted_on": TODAY, "payment_term_id": terms})["id"]
    return Deal(customer, quote, product)


def only(person: Person, object_name: str, field: str, value: str) -> dict[str, Any]:
    [record] = person.all_of(f"{RECORDS}/{object_name}/query", {"criteria": {"field": field, "op": "eq",
                                                                             "value": value}})
    return record


def lines(page: Page, title: str) -> Locator:
    return page.locator("section.fh-card").filter(has=page.get_by_role("heading", name=title))


def left_edges(parts: Locator) -> list[float]:
    return parts.evaluate_all("all => all.map(one => one.getBoundingClientRect().x)")


def pick(page: Page, cell: Locator, words: str) -> None:
    """Look a record up in a cell and take it."""
    cell.locator("input").fill(words)
    page.locator(".el-select-dropdown__item:visible").filter(has_text=words).first.click()


def test_a_quote_becomes_a_contract_an_order_a_plan_and_a_payment(product: Product, company: Company, deal: Deal,
                                                                  open_page: OpenPage) -> None:
    admin = company.admin
    admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/o/quote/{deal.quote}")
    expect(page.get_by_role("button", name="Make …")).to_have_count(0)
    grid = lines(page, "Quote lines")
    grid.get_by_role("button", name="Edit lines").click()
    pick(page, grid.locator("label").filter(has_text="Product"), "Gear line")
    price = grid.locator("label").filter(has_text="Unit price").locator("input")
    expect(price).to_have_value("1,000.00", timeout=SLOW_MS)
    grid.locator("label").filter(has_text="Quantity").locator("input").fill("3")
    heads, cells = left_edges(grid.locator(".row.head > *")), left_edges(grid.locator(".grid > .row:not(.head) > *"))
    assert heads == pytest.approx(cells, abs=1), "every head stands above its cell"
    picture(page, "quote-lines-edit-en")
    grid.get_by_role("button", name="Save").click()
    expect(page.locator(".figures").get_by_text("¥3,390.00")).to_be_visible(timeout=SLOW_MS)
    picture(page, "quote-en")

    admin.call("PATCH", f"{RECORDS}/quote/{deal.quote}", {"status": "sent"}).ok()
    page.reload()
    press(page, "Make …")
    page.get_by_role("menuitem", name="Make an order").click()
    answer(page, "Make an order")
    page.wait_for_url("**/o/order/*")
    says(page, "¥3,390.00")
    picture(page, "order-en")
    page.goto(f"{product.address}/o/quote/{deal.quote}")
    press(page, "Make …")
    page.get_by_role("menuitem", name="Make a contract").click()
    answer(page, "Make a contract")
    page.wait_for_url("**/o/contract/*")
    contract = page.url.rsplit("/", 1)[-1]
    admin.call("PATCH", f"{RECORDS}/contract/{contract}", {"signed_on": TODAY, "starts_on": TODAY}).ok()
    page.reload()
    press(page, "Make …")
    page.get_by_role("menuitem", name="Plan the payments").click()
    answer(page, "Plan the payments")
    page.wait_for_url("**/o/payment_plan/*")
    says(page, "¥1,356.00")
    says(page, "¥2,034.00")
    picture(page, "payment-plan-en")


def test_an_accepted_quote_is_locked_until_somebody_who_may_opens_it_again(product: Product, company: Company,
                                                                           deal: Deal, open_page: OpenPage) -> None:
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/o/quote/{deal.quote}")
    expect(page.locator(".lock")).to_contain_text("the customer has accepted this quote", timeout=SLOW_MS)
    expect(lines(page, "Quote lines").get_by_role("button", name="Edit lines")).to_have_count(0)
    expect(page.get_by_role("button", name="Edit Valid until")).to_have_count(0)
    expect(page.get_by_role("button", name="Edit Internal note")).to_have_count(1)
    picture(page, "quote-locked-en")
    page.get_by_role("button", name="Edit", exact=True).click()
    drawer = page.get_by_role("dialog")
    expect(drawer.locator("#form-note")).to_be_editable(timeout=SLOW_MS)
    expect(drawer.locator("input#form-name")).to_have_count(0)
    expect(drawer.get_by_text("Gear line for Hengke").first).to_be_visible()
    picture(page, "quote-locked-form-en")
    page.goto(f"{product.address}/admin/objects/quote/lock")
    expect(page.get_by_role("switch", name="Lock records")).to_be_checked(timeout=SLOW_MS)
    picture(page, "object-lock-en")
    page.goto(f"{product.address}/admin/objects/quote/fields")
    page.get_by_text("Quote number").first.click()
    expect(page.locator("#option-format")).to_have_value("Q-{YYYY}{MM}-{0000}", timeout=SLOW_MS)
    says(page, "It begins anew every month.")
    picture(page, "number-format-en")


def test_a_payment_is_matched_with_an_instalment_and_never_above_it(product: Product, company: Company, deal: Deal,
                                                                    open_page: OpenPage) -> None:
    admin = company.admin
    contract = only(admin, "contract", "quote_id", deal.quote)["id"]
    payment = admin.post(f"{RECORDS}/payment", {
        "customer_id": deal.customer, "contract_id": contract, "received_on": TODAY, "status": "confirmed",
        "amount": {"amount": "1500.00", "currency": "CNY"}})["id"]
    page = open_page("admin", product.password)
    page.goto(f"{product.address}/o/payment/{payment}")
    grid = lines(page, "Matched instalments")
    grid.get_by_role("button", name="Edit lines").click()
    pick(page, grid.locator("label").filter(has_text="Instalment"), "Deposit")
    grid.locator("label").filter(has_text="Amount").locator("input").fill("1500")
    grid.get_by_role("button", name="Save").click()
    expect(grid.get_by_role("alert").first).to_be_visible(timeout=SLOW_MS)
    picture(page, "payment-refused-en")
    grid.locator("label").filter(has_text="Amount").locator("input").fill("1356")
    grid.get_by_role("button", name="Save").click()
    expect(page.locator(".figures").get_by_text("¥1,356.00")).to_be_visible(timeout=SLOW_MS)
    eventually(lambda: only(admin, "payment_plan", "contract_id", contract)["received"]["amount"] == "1356.00",
               "the plan counts what its instalments have received")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_way_of_the_money_speaks_chinese_and_fits_a_phone(product: Product, company: Company, deal: Deal,
                                                              open_page: OpenPage, width: int) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN"}).ok()
    page = open_page("admin", product.password, locale="zh-CN", width=width, dark=width == 1440)
    page.goto(f"{product.address}/o/quote/{deal.quote}")
    says(page, "报价明细")
    says(page, "已锁定")
    expect(page.get_by_role("button", name="编辑明细")).to_have_count(0)
    assert fits(page)
    picture(page, f"quote-locked-zh-{width}")
    draft = company.admin.post(f"{RECORDS}/quote", {"name": "另一份报价", "customer_id": deal.customer,
                                                    "status": "draft", "quoted_on": TODAY})["id"]
    page.goto(f"{product.address}/o/quote/{draft}")
    says(page, "报价明细")
    page.get_by_role("button", name="编辑明细").click()
    expect(page.get_by_role("button", name="添加一行")).to_be_visible()
    assert fits(page)
    picture(page, f"quote-zh-{width}")
    contract = only(company.admin, "contract", "quote_id", deal.quote)
    for name, id in (("contract", contract["id"]), ("payment_plan", only(company.admin, "payment_plan", "contract_id",
                                                                         contract["id"])["id"])):
        page.goto(f"{product.address}/o/{name}/{id}")
        says(page, "负责人")
        assert fits(page)
        picture(page, f"{name}-zh-{width}")
