"""The form of an object that nobody has seen before: an input for a field of every type, filled and shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from services.customer.model.types import FIELD_TYPES
from tests.browser.axe import grave_findings
from tests.browser.screen import SLOW_MS, OpenPage, fits, picture, says
from tests.support.main_job import Company
from tests.support.product import Product

CUSTOMER = "/api/customer/v1"
CHOICES = {"choices": [{"value": "a", "label": {"en": "Alpha", "zh-CN": "甲"}}, {"value": "b"}]}
OPTIONS = {"choice": CHOICES, "multi_choice": CHOICES, "reference": {"object": "customer"},
           "reference_list": {"object": "customer"}}
TYPED = {"f_text": "机床", "f_long_text": "two lines", "f_integer": "7", "f_decimal": "1.50", "f_percent": "12.5",
         "f_money": "9.00", "f_phone": "13800138000", "f_email": "a@example.com", "f_url": "https://example.com"}


@pytest.fixture(scope="module")
def machine(company: Company) -> str:
    """The object, with a field of each type; those that nobody fills in are only shown."""
    given = [kind for kind, row in FIELD_TYPES.items() if row.given]
    fields = [{"name": f"f_{kind}", "type": kind, "label": {"en": f"A {kind}", "zh-CN": f"字段 {kind}"},
               "options": OPTIONS.get(kind, {})} for kind in given]
    company.admin.post(f"{CUSTOMER}/objects", {
        "name": "machine", "label": {"en": "Machine", "zh-CN": "设备"}, "title_field": "f_text",
        "list_fields": ["f_text"], "fields": [*fields, {"name": "f_auto_number", "type": "auto_number"}]})
    company.admin.post(f"{CUSTOMER}/objects/machine/fields", {
        "name": "f_formula", "type": "formula", "options": {"expression": "f_integer * 2", "result": "integer"}})
    return "machine"


@pytest.mark.parametrize(("locale", "width"), [("en", 1440), ("zh-CN", 390)])
def test_the_form_has_an_input_for_every_type(product: Product, company: Company, machine: str, open_page: OpenPage,
                                              locale: str, width: int) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": locale}).ok()
    page = open_page("admin", product.password, locale="en-US" if locale == "en" else locale, width=width)
    page.goto(f"{product.address}/o/{machine}")
    create = "Create" if locale == "en" else "新建"
    page.get_by_role("button", name=create).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#form-f_text")).to_be_visible(timeout=SLOW_MS)
    for kind, row in FIELD_TYPES.items():
        if row.given:
            label = f"A {kind}" if locale == "en" else f"字段 {kind}"
            expect(dialog.get_by_text(label, exact=True).first, kind).to_be_visible()
    for name, value in TYPED.items():
        dialog.locator(f"#form-{name}").fill(value)
    assert fits(page)
    assert grave_findings(page) == []
    picture(page, f"every-type-{locale}-{width}")
    dialog.get_by_role("button", name=create, exact=True).click()
    expect(dialog).to_have_count(0, timeout=SLOW_MS)
    [made] = company.admin.get(f"{CUSTOMER}/records/machine", limit=1, sort="-created_at")["items"]
    assert {name: made[name] for name in ("f_text", "f_long_text", "f_integer", "f_decimal", "f_phone")} == {
        "f_text": "机床", "f_long_text": "two lines", "f_integer": 7, "f_decimal": "1.50", "f_phone": "+8613800138000"}
    assert (made["f_money"], made["f_formula"]) == ({"amount": "9.00", "currency": "CNY"}, 14)
    page.goto(f"{product.address}/o/{machine}/{made['id']}")
    says(page, "机床")
    says(page, "14")
    assert fits(page)
