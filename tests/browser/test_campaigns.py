"""A campaign from the first word to the last message, as the person sees it who runs it; and how its reader leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.screen import fits, picture, press, says
from tests.support.letterbox import Letterbox, letterbox
from tests.support.product import Product, embedded_product

TEXT = {"name": {"en": "Spring", "zh-CN": "春季"}, "object": "contact", "purpose": "newsletter",
        "subject": {"en": "Spring, {{ name }}"}, "body": {"en": "Dear {{ name }}\n\nLook here: https://shop.example.com/spring"}}


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as made:
        yield made


@pytest.fixture
def product(box: Letterbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with embedded_product(tmp_path_factory.mktemp("campaigns"), env=box.env) as live:
        yield live


def test_a_campaign_is_written_counted_started_and_left(product: Product, browser: Browser, box: Letterbox,
                                                        open_page: object) -> None:
    admin = product.sign_in("admin", product.password)
    admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    admin.call("PUT", "/api/notify/v1/mail-templates/spring", TEXT).ok()
    customer = admin.post("/api/customer/v1/records/customer", {"name": "ACME"})
    for name, agreed in (("Ann", True), ("Bob", False)):
        made = admin.post("/api/customer/v1/records/contact", {
            "name": name, "email": f"{name.lower()}@example.com", "customer_id": customer["id"]})
        if agreed:
            admin.post(f"/api/customer/v1/records/contact/{made['id']}/consents", {
                "purpose": "newsletter", "granted": True, "source": "form"})
    page = open_page("admin", product.password)  # type: ignore[operator]
    page.goto(f"{product.address}/campaigns")
    picture(page, "en-campaigns-empty")
    press(page, "New campaign")
    page.locator("#campaign-name").fill("Spring 2026")
    page.get_by_role("dialog").get_by_text("Condition", exact=True).click()
    expect(page.locator("#campaign-tracked")).not_to_be_checked()
    page.locator("#campaign-tracked").scroll_into_view_if_needed()
    picture(page, "en-campaign-editor")
    page.get_by_role("button", name="Cancel", exact=True).click()
    made = admin.post("/api/notify/v1/campaigns", {
        "name": "Spring 2026", "object": "contact", "audience": {"criteria": {"field": "email", "op": "is_set"}},
        "field": "email", "template": "spring", "tracked": True})
    page.goto(f"{product.address}/campaigns/{made['id']}")
    press(page, "Count")
    says(page, "without consent")
    page.locator("#campaign-record").fill("Ann")
    page.get_by_role("option").filter(has_text="Ann").first.click()
    says(page, "Dear Ann")
    picture(page, "en-campaign-draft")
    press(page, "Start…")
    picture(page, "en-campaign-start")
    page.get_by_role("dialog").get_by_role("button", name="Start", exact=True).click()
    says(page, "Finished")
    [(to, letter)] = box.letters
    link = urlsplit(re.findall(r'href="([^"]+/l/[^"]+)"', letter.get_body(("html",)).get_content())[0])
    followed = page.request.get(f"{product.address}{link.path}", max_redirects=0, headers={"User-Agent": "Mozilla/5.0"})
    assert (followed.status, followed.headers["location"]) == (302, "https://shop.example.com/spring")
    page.reload()
    says(page, "https://shop.example.com/spring")
    says(page, "100%")
    picture(page, "en-campaign-finished")
    assert (to, letter["Subject"]) == ("ann@example.com", "Spring, Ann")
    url = urlsplit(letter["List-Unsubscribe"].strip("<>"))
    page.goto(f"{product.address}{url.path}?lang=zh-CN")
    picture(page, "zh-leaving")
    page.get_by_role("button", name="不再统计我的行为").click()
    says(page, "已停止统计")
    page.goto(f"{product.address}{url.path}?lang=zh-CN")
    page.get_by_role("button", name="退订").click()
    says(page, "已退订")
    admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN"}).ok()
    phone = open_page("admin", product.password, locale="zh-CN", width=390)  # type: ignore[operator]
    phone.goto(f"{product.address}/campaigns/{made['id']}")
    expect(phone.get_by_text("已完成")).to_be_visible()
    picture(phone, "phone-campaign")
    assert fits(phone)
