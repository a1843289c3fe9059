"""The main job in a real browser: headless Chromium walks it as its people do, and leaves screenshots.

The pictures are in tests/artifacts/browser: desktop and phone, English and Chinese, full, empty and refused.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from freehold.demo.messy import make_sheet, write_sheet
from tests.support.main_job import Company, eventually, found_company, write_rule
from tests.support.product import Product, embedded_product, new_password

ROWS, WRONG = 300, 24
PICTURES = Path(__file__).resolve().parents[1] / "artifacts" / "browser"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
SLOW_MS = 30_000


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with embedded_product(tmp_path_factory.mktemp("browser")) as live:
        yield live


@pytest.fixture(scope="module")
def company(product: Product) -> Company:
    return found_company(product)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, product: Product) -> Iterator[object]:
    """`open_page(username, password, …)`: a signed-in page that allows no error in the browser's console."""
    opened, errors = [], []

    def complain(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            errors.append(message.text)

    def make(username: str, password: str, *, locale: str = "en-US", width: int = 1440, height: int = 900) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        context.set_default_timeout(SLOW_MS)
        opened.append(context)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(product.address)
        page.locator("#username").fill(username)
        page.locator("#password").fill(password)
        page.locator("#password").press("Enter")
        page.wait_for_url(f"{product.address}/dashboard")
        return page

    yield make
    for context in opened:
        context.close()
    assert errors == []


def picture(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle") if name.endswith("still") else page.wait_for_timeout(700)
    page.screenshot(path=str(PICTURES / f"{name}.png"))


def test_the_main_job_is_walked_from_the_sheet_to_the_dashboard(
        product: Product, company: Company, open_page: object, tmp_path: Path) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "en"}).ok()
    write_rule(company)
    sheet = make_sheet(ROWS, WRONG, seed=5)
    file = tmp_path / "展会线索.xlsx"
    write_sheet(sheet, file)
    page: Page = open_page("admin", product.password)  # type: ignore[operator]

    page.goto(f"{product.address}/rules")
    expect(page.get_by_text("Large leads in the East").first).to_be_visible(timeout=SLOW_MS)
    picture(page, "rules")

    page.goto(f"{product.address}/imports/new?object=lead")
    page.locator("input[type=file]").set_input_files(str(file))
    picture(page, "import-1-file")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("button", name="Start dry run")).to_be_visible(timeout=SLOW_MS)
    picture(page, "import-2-columns")
    page.get_by_role("button", name="Start dry run").click()
    start = page.get_by_role("button", name=re.compile(r"Import [\d,]+ rows"))
    expect(start).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text("Wrong rows")).to_be_visible()
    picture(page, "import-3-checked")
    assert _leads(company) == 0, "a dry run writes nothing"
    start.click()
    _confirm(page)
    expect(page.get_by_text("Import finished")).to_be_visible(timeout=SLOW_MS * 2)
    picture(page, "import-4-finished")
    assert _leads(company) == sheet.unique_valid

    page.goto(f"{product.address}/o/lead")
    expect(page.get_by_role("row")).not_to_have_count(1, timeout=SLOW_MS)
    picture(page, "leads")
    page.goto(f"{product.address}/dashboard")
    expect(page.locator("svg").first).to_be_visible(timeout=SLOW_MS)
    picture(page, "dashboard")


def test_a_salesperson_finds_leads_tasks_and_one_digest_and_converts(
        product: Product, company: Company, open_page: object) -> None:
    seller_id, seller = next(iter(company.sellers.items()))
    eventually(lambda: seller.get("/api/workflow/v1/tasks/summary")["open"], "tasks are there")
    eventually(lambda: seller.get("/api/notify/v1/inbox")["items"], "the digest is there")
    password = new_password()
    given = company.admin.post(f"/api/gateway/v1/users/{seller_id}/reset-password", {})["initial_password"]
    product.sign_in("wang.fang", given).call("POST", "/api/auth/password", {"current": given, "new": password}).ok()
    page: Page = open_page("wang.fang", password)  # type: ignore[operator]

    page.goto(f"{product.address}/tasks")
    expect(page.get_by_text("First contact within 24 hours").first).to_be_visible(timeout=SLOW_MS)
    picture(page, "tasks")
    page.goto(f"{product.address}/inbox")
    expect(page.get_by_text(re.compile(r"new (leads|tasks)")).first).to_be_visible(timeout=SLOW_MS)
    expect(page.locator("li .item")).to_have_count(1)
    picture(page, "inbox")

    lead = product.sign_in("wang.fang", password).post("/api/customer/v1/records/lead/query", {
        "limit": 1, "criteria": {"field": "company", "op": "is_set"}})["items"][0]
    page.goto(f"{product.address}/o/lead/{lead['id']}")
    expect(page.get_by_role("heading", name=lead["name"]).first).to_be_visible(timeout=SLOW_MS)
    picture(page, "lead")
    page.get_by_role("button", name="Convert", exact=True).first.click()
    picture(page, "convert")
    page.get_by_role("button", name="Convert now").click()
    expect(page.get_by_text("Converted. These records were created:")).to_be_visible(timeout=SLOW_MS)
    picture(page, "converted")


@pytest.mark.parametrize(("name", "locale", "width", "height"), [
    ("zh", "zh-CN", 1440, 900), ("phone-en", "en-US", 390, 844), ("phone-zh", "zh-CN", 390, 844)])
def test_every_screen_opens_in_both_languages_and_on_a_phone(
        product: Product, company: Company, open_page: object, name: str, locale: str, width: int, height: int) -> None:
    company.admin.call("PATCH", "/api/auth/me", {"locale": "zh-CN" if locale == "zh-CN" else "en"})
    page: Page = open_page("admin", product.password, locale=locale, width=width, height=height)  # type: ignore[operator]
    for path in ("dashboard", "o/lead", "o/customer", "o/opportunity", "tasks", "inbox", "imports", "rules",
                 "admin/users", "admin/departments", "admin/roles", "admin/keys", "admin/audit"):
        page.goto(f"{product.address}/{path}")
        expect(page.locator("h1").first).to_be_visible(timeout=SLOW_MS)
        picture(page, f"{name}-{path.replace('/', '-')}")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 1, f"{path} is wider than the {name} screen"


def test_a_wrong_password_is_refused_readably(product: Product, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(product.address)
    page.locator("#username").fill("admin")
    page.locator("#password").fill("not the password")
    page.locator("#password").press("Enter")
    expect(page.get_by_text("用户名或密码")).not_to_have_count(0, timeout=SLOW_MS)
    picture(page, "sign-in-refused")
    context.close()


def _leads(company: Company) -> int:
    rows = company.admin.all_of("/api/customer/v1/records/lead/query", {"fields": ["name"]})
    return len(rows)


def _confirm(page: Page) -> None:
    """Say yes to the question that starting an import asks."""
    page.get_by_role("button", name="Start import", exact=True).click()
