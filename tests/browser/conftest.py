"""One installation and one headless Chromium per worker of the test run; pictures go to tests/artifacts.

The tests of a file build on each other and stay with one worker; files stand alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.screen import PICTURES, SLOW_MS, OpenPage
from tests.support.main_job import Company, found_company
from tests.support.product import Product, embedded_product

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]

expect.set_options(timeout=SLOW_MS)  # a busy machine is no failure of the product


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    long_lived = {"FREEHOLD_ACCESS_TOKEN_SECONDS": "7200"}  # the tests' own tokens outlast a slow machine
    with embedded_product(tmp_path_factory.mktemp("browser"), env=long_lived) as live:
        yield live


@pytest.fixture(scope="package")
def company(product: Product) -> Company:
    return found_company(product)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, product: Product) -> Iterator[OpenPage]:
    """`open_page(username, password, …)`: a signed-in page that allows no error in the browser's console."""
    opened, errors = [], []

    def complain(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            errors.append(message.text)

    def make(username: str, password: str, *, locale: str = "en-US", width: int = 1440, height: int = 900,
             dark: bool = False) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale,
                                      color_scheme="dark" if dark else "light")
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
