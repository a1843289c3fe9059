"""The pictures of the user guide: painted by `make guide-pictures`; in every run they are there, their screens open."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.guide import GUIDE, LANGUAGES, MOST_BYTES, PICTURES, SCENES, furnish, stand_before, take
from tests.support.product import Product, embedded_product

WANTED = bool(os.environ.get("FREEHOLD_GUIDE_PICTURES"))
SHOWN = re.compile(r"!\[([^\]]+)\]\(pictures/([^/)]+)/([^)]+)\.webp\)")
PAGES = sorted(GUIDE.glob("*.md"))


@pytest.fixture(scope="module")
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product of all browser tests; for new pictures one with the demo company."""
    if not WANTED:
        request.getfixturevalue("company")
        yield request.getfixturevalue("product")
        return
    with embedded_product(tmp_path_factory.mktemp("guide"), demo=True) as product:
        yield product


@pytest.fixture(scope="module")
def named(shown: Product) -> dict[str, str]:
    return furnish(shown.administrator())


@pytest.mark.parametrize("language", LANGUAGES if WANTED else LANGUAGES[:1])
def test_every_scene_of_the_guide_opens_and_is_painted_when_asked(
        shown: Product, named: dict[str, str], browser: Browser, language: str) -> None:
    shown.administrator().call("PATCH", "/api/auth/me", {"locale": language}).ok()
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale=language, color_scheme="light")
    page = context.new_page()
    page.goto(shown.address)
    page.locator("#username").fill("admin")
    page.locator("#password").fill(shown.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{shown.address}/dashboard")
    for name, scene in SCENES.items():
        stand_before(page, shown.address, scene, named)
        if WANTED:
            take(page, PICTURES / language / f"{name}.webp")
    context.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_guide_shows_pictures_that_are_there_in_its_own_language(page: Path) -> None:
    language = "zh-CN" if page.name.endswith(".zh-CN.md") else "en"
    for words, folder, name in SHOWN.findall(page.read_text("utf-8")):
        assert (words.strip() != "", folder, name in SCENES) == (True, language, True), (page.name, name)
        picture = PICTURES / folder / f"{name}.webp"
        assert picture.is_file(), picture
        assert picture.stat().st_size <= MOST_BYTES, picture


def test_every_scene_is_shown_in_both_languages() -> None:
    shown = {(folder, name) for page in PAGES for _, folder, name in SHOWN.findall(page.read_text("utf-8"))}
    assert shown == {(language, name) for language in LANGUAGES for name in SCENES}
