"""What browser tests do with a screen: take its picture, choose in its lists, say yes to its questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

OpenPage = Callable[..., Page]
PICTURES = Path(__file__).resolve().parents[1] / "artifacts" / "browser"
SLOW_MS = 30_000
STILL = """() => document.getAnimations().every(one =>
    one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity)"""


def picture(page: Page, name: str) -> None:
    """Keep what is on the screen now, once it has settled."""
    settle(page)
    page.screenshot(path=str(PICTURES / f"{name}.png"))


def settle(page: Page) -> None:
    """Wait until nothing moves on the screen any more; what turns for ever and a chart's canvas tell no end."""
    page.wait_for_function(STILL)
    page.wait_for_timeout(700 if page.locator("canvas:visible").count() else 50)


def choose(page: Page, box: Locator, option: str, *, many: bool = False) -> None:
    """Pick an option of a list, as a person does with the mouse."""
    box.locator("xpath=ancestor::div[contains(@class, 'el-select__wrapper')]").click()
    page.locator(".el-select-dropdown__item:visible").filter(has_text=option).first.click()
    if many:
        page.keyboard.press("Escape")
    expect(page.locator(".el-select-dropdown__item:visible").filter(has_text=option)).to_have_count(0)


def press(page: Page, name: str) -> None:
    """Click the button of this name."""
    page.get_by_role("button", name=name, exact=True).click()


def answer(page: Page, name: str) -> None:
    """Click a button of the question that is asked, and see it go."""
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def says(page: Page, text: str) -> None:
    """Wait until these words are on the screen."""
    expect(page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=SLOW_MS)


def fits(page: Page) -> bool:
    """Tell whether nothing sticks out to the side of the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
