"""The pictures of the user guide: what is on them, by the name that a guide page gives them.

A picture is `docs/guide/pictures/<language>/<name>.webp`; its scene is an address and perhaps what a person does there.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.screen import SLOW_MS
from tests.support.product import Person

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide"
PICTURES = GUIDE / "pictures"
LANGUAGES = ("en", "zh-CN")
MOST_BYTES = 80_000
CUSTOMER = "/api/customer/v1"
_QUALITIES = (82, 70, 55, 40)
_SETTLE_MS = 1500


@dataclass(frozen=True)
class Scene:
    """An address, with `{…}` for what a guide company has, and what is done there before the picture."""

    path: str
    act: Callable[[Page], None] = lambda page: None


def click(selector: str) -> Callable[[Page], None]:
    """Do what a mouse does to the first of these."""
    return lambda page: page.locator(selector).first.click(timeout=SLOW_MS)


def look_back(page: Page) -> None:
    """Go back to the first day of a record."""
    page.get_by_role("tab").last.click()
    page.locator(".past .el-slider__button-wrapper").focus()
    page.keyboard.press("Home")


def share(page: Page) -> None:
    """Open the dialog of sharing."""
    page.locator(".head .el-dropdown button").last.click()
    page.locator(".el-dropdown-menu__item:visible").nth(1).click()


def who_sees(page: Page) -> None:
    """Ask who sees the record."""
    share(page)
    page.locator(".el-dialog .el-segmented__item").nth(1).click()


def search(page: Page) -> None:
    """Type into the box at the top."""
    page.keyboard.press("/")
    page.keyboard.type("Machin")
    page.wait_for_timeout(2 * _SETTLE_MS)


SCENES: dict[str, Scene] = {
    "objects": Scene("admin/objects"),
    "objects-general": Scene("admin/objects/lead"),
    "fields": Scene("admin/objects/lead/fields"),
    "fields-types": Scene("admin/objects/lead/fields", click(".fh-card .el-button--primary, .el-button--primary")),
    "forms": Scene("admin/forms/lead"),
    "forms-designer": Scene("admin/forms/lead/layouts/new", click(".el-radio-button, .el-segmented__item")),
    "forms-stages": Scene("admin/objects/opportunity/stages"),
    "views": Scene("o/lead?view=all", click("button.current")),
    "views-kanban": Scene("o/opportunity?view={kanban}"),
    "search": Scene("o/customer?view=all", search),
    "history": Scene("o/customer/{customer}"),
    "history-look-back": Scene("o/customer/{customer}", look_back),
    "follow-ups": Scene("o/activity?view=all"),
    "follow-ups-calendar": Scene("o/activity?view={calendar}"),
    "segments": Scene("segments/customer"),
    "segments-tags": Scene("tags"),
    "import": Scene("imports/new?object=customer"),
    "duplicates": Scene("duplicates/customer"),
    "sharing": Scene("o/lead/{lead}", share),
    "sharing-who": Scene("o/lead/{lead}", who_sees),
    "quotes": Scene("o/quote/{quote}"),
    "quotes-plan": Scene("o/contract/{contract}"),
    "privacy-erase": Scene("o/lead/{lead}", click(".el-button--danger.is-plain")),
    "privacy-retention": Scene("admin/privacy"),
    "rules": Scene("rules"),
    "rules-editor": Scene("rules/{rule}"),
    "dashboards": Scene("dashboard"),
}


def furnish(admin: Person) -> dict[str, str]:
    """Add what the pictures need to a company; returns what the addresses speak of."""
    def first(name: str) -> str:
        found = admin.get(f"{CUSTOMER}/records/{name}", limit=1)["items"]
        return found[0]["id"] if found else _make(admin, name)

    def view(name: str, kind: str) -> str:
        return next(one["id"] for one in admin.get(f"{CUSTOMER}/objects/{name}/views")["items"] if one["kind"] == kind)

    _tags_and_a_segment(admin)
    named = {name: first(name) for name in ("customer", "lead", "quote", "contract")}
    rule = admin.get("/api/workflow/v1/rules", limit=1)["items"][0]["id"]
    return named | {"kanban": view("opportunity", "kanban"), "calendar": view("activity", "calendar"), "rule": rule}


def _make(admin: Person, name: str) -> str:
    values: dict[str, Any] = {"name": "Hengke Machines"}
    if name in ("quote", "contract"):
        values["customer_id"] = _make(admin, "customer")
        values["status"] = "draft"
    if name == "quote":
        values["quoted_on"] = "2026-03-02"
    return admin.post(f"{CUSTOMER}/records/{name}", values)["id"]


def _tags_and_a_segment(admin: Person) -> None:
    known = {one["key"] for one in admin.get(f"{CUSTOMER}/tags")["items"]}
    for key, en, zh, color in (("key_account", "Key account", "重点客户", "#7c3aed"), ("fair", "Met at a fair",
                                                                                   "展会结识", "#0891b2")):
        if key not in known:
            admin.post(f"{CUSTOMER}/tags", {"key": key, "label": {"en": en, "zh-CN": zh}, "color": color})
    admin.post(f"{CUSTOMER}/segments", {
        "object": "customer", "name": {"en": "Not heard of for a day", "zh-CN": "一天未更新的客户"},
        "criteria": {"field": "updated_at", "op": "older_than", "value": "1d"}})


def stand_before(page: Page, address: str, scene: Scene, named: dict[str, str]) -> None:
    """Open the screen of a scene and do what it says."""
    page.goto(f"{address}/{scene.path.format(**named)}")
    expect(page.locator("h1").first).to_be_visible(timeout=SLOW_MS)
    expect(page.locator(".skeleton")).to_have_count(0, timeout=SLOW_MS)
    scene.act(page)


def take(page: Page, path: Path) -> None:
    """Write what is on the screen as a small picture."""
    page.wait_for_timeout(_SETTLE_MS)
    painter = page.context.new_cdp_session(page)
    for quality in _QUALITIES:
        data = painter.send("Page.captureScreenshot", {"format": "webp", "quality": quality})["data"]
        picture = base64.b64decode(data)
        if len(picture) <= MOST_BYTES:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
