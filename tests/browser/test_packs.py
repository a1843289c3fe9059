"""Packs on the screen: a look at the difference, a conflict decided, an installation that one may leave, what stopped
one, and a removal after a look; in both languages, on a desk and on a telephone.

While the page asks how far an installation is, the answers are held back at "installing", so that coming back is no
race with the installation.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.axe import grave_findings
from tests.browser.screen import OpenPage, fits, picture, press, says
from tests.support.main_job import Company
from tests.support.product import Product

WORDS = {
    "en": {"install": "Install", "new": "Not installed here yet", "progress": "Progress of the installation",
           "finished": "Yard is installed", "conflict": "Changed here", "keep": "Keep ours", "go on": "Go on",
           "stopped": "There is no segment", "older": "A newer version is installed.", "remove": "Remove",
           "yes older": "Replace it by the older one", "leave": "Remove Yard", "tick": "Remove all the same",
           "records": "It has one record.", "gone": "Yard is removed", "faulty": "The pack cannot be read",
           "close": "Close", "cancel": "Cancel", "look": "Look at Retail"},
    "zh-CN": {"install": "安装", "new": "此处尚未安装", "progress": "安装进度", "finished": "堆场已安装",
              "conflict": "此处已修改", "keep": "保留现有的", "go on": "继续", "stopped": "此处没有细分",
              "older": "已安装更新的版本。", "yes older": "换成这个旧版本", "remove": "移除", "leave": "移除堆场",
              "tick": "仍然移除", "records": "有 1 条记录。", "gone": "堆场已移除", "faulty": "无法读取配置包",
              "close": "关闭", "cancel": "取消", "look": "查看零售业"},
}


@pytest.mark.parametrize(("locale", "width", "dark"), [("en", 1440, False), ("zh-CN", 390, True)])
def test_a_pack_comes_in_is_brought_up_to_date_and_goes(product: Product, company: Company, open_page: OpenPage,
                                                        locale: str, width: int, dark: bool) -> None:
    admin, words = company.admin, WORDS[locale]
    crane = f"crane_{width}"
    objects = f"/api/customer/v1/objects/{crane}"
    admin.call("PATCH", "/api/auth/me", {"locale": locale}).ok()
    page = open_page("admin", product.password, locale={"en": "en-US"}.get(locale, locale), width=width, dark=dark)
    page.goto(f"{product.address}/admin/packs")

    press(page, words["look"])
    says(page, words["new"])
    press(page, words["cancel"])
    upload(page, {"pack.json": b"{}"})
    says(page, words["faulty"])
    press(page, words["close"])

    upload(page, yard(crane, "1.0.0"))
    says(page, words["new"])
    looks_right(page, f"packs-new-{locale}")
    release = hold_back(page)
    press(page, words["install"])
    bar = page.get_by_role("progressbar", name=words["progress"])
    expect(bar).to_be_visible()
    looks_right(page, f"packs-progress-{locale}")
    page.goto(f"{product.address}/tasks")
    expect(page.locator("h1").first).to_be_visible()
    page.goto(f"{product.address}/admin/packs")
    expect(bar).to_be_visible()
    release()
    says(page, words["finished"])
    expect(bar).to_have_count(0)
    row = page.locator("li").filter(has=page.get_by_role("button", name=words["leave"]))
    expect(row).to_contain_text("1.0.0")

    admin.call("PATCH", objects, {"label": {"en": "Our crane", "zh-CN": "本厂吊机"}}).ok()
    upload(page, yard(crane, "1.1.0", icon="star", label={"en": "Yard crane", "zh-CN": "堆场吊机"}))
    expect(page.get_by_text(words["conflict"], exact=True)).to_have_count(2)
    for choice in page.get_by_text(words["keep"], exact=True).all():
        choice.click()
    looks_right(page, f"packs-conflict-{locale}")
    press(page, words["install"])
    expect(row).to_contain_text("1.1.0")
    assert admin.get(objects)["label"] == {"en": "Our crane", "zh-CN": "本厂吊机"}
    assert admin.get(objects)["icon"] == "star"

    upload(page, yard(crane, "1.0.0"))
    says(page, words["older"])
    install = page.get_by_role("button", name=words["install"], exact=True)
    expect(install).to_be_disabled()
    page.get_by_text(words["yes older"]).click()
    expect(install).to_be_enabled()
    looks_right(page, f"packs-downgrade-{locale}")
    press(page, words["cancel"])

    upload(page, yard(crane, "1.2.0", rule=True))
    press(page, words["install"])
    says(page, words["stopped"])
    looks_right(page, f"packs-stopped-{locale}")
    admin.post("/api/customer/v1/segments", {"object": crane, "name": {"en": "Idle", "zh-CN": "闲置"},
                                             "criteria": {"field": "name", "op": "is_set"}})
    press(page, words["go on"])
    expect(row).to_contain_text("1.2.0")

    admin.post(f"/api/customer/v1/records/{crane}", {"name": "Crane 1"})
    press(page, words["leave"])
    says(page, words["records"])
    looks_right(page, f"packs-removal-{locale}")
    page.get_by_text(words["tick"]).first.click()
    expect(page.get_by_text(words["tick"]).first).to_be_visible()
    page.get_by_role("button", name=words["remove"], exact=True).last.click()
    page.get_by_role("dialog").get_by_role("button", name=words["remove"], exact=True).click()
    says(page, words["gone"])
    expect(page.get_by_role("button", name=words["leave"])).to_have_count(0)
    assert admin.call("GET", objects).status == 404


def yard(crane: str, version: str, *, rule: bool = False, **said: Any) -> dict[str, bytes]:
    """The files of a small pack; with `rule` one that starts at a segment which is not in it."""
    parts = ["groups", "objects", *(["rules"] if rule else []), "views"]
    files: dict[str, Any] = {
        "pack.json": {"name": "yard", "version": version, "label": {"en": "Yard", "zh-CN": "堆场"},
                      "requires": {"freehold": "0.1"}, "order": parts},
        "groups.json": {"groups": [{"key": "yard", "label": {"en": "Yard", "zh-CN": "堆场"}, "position": 90}]},
        f"objects/{crane}.json": {
            "name": crane, "label": {"en": "Crane", "zh-CN": "吊机"}, "plural": {"en": "Cranes", "zh-CN": "吊机"},
            "icon": "box", "title_field": "name", "group": "yard",
            "fields": [{"name": "name", "type": "text", "label": {"en": "Name", "zh-CN": "名称"}}], **said},
        f"views/{crane}.json": {
            "key": f"all_{crane}", "object": crane, "name": {"en": "All cranes", "zh-CN": "全部吊机"}, "kind": "list",
            "columns": [{"field": "name", "width": None}], "visibility": "everybody"},
    }
    if rule:
        files[f"rules/{crane}.json"] = {
            "key": f"yard.{crane}", "name": {"en": "Idle crane", "zh-CN": "闲置吊机"}, "object": crane, "active": True,
            "trigger": {"on": "entered", "segment": f"{crane}.idle"},
            "actions": [{"type": "create_task", "title": {"en": "Look", "zh-CN": "查看"}, "assignee": "owner"}]}
    return {name: json.dumps(body).encode() for name, body in files.items()}


def upload(page: Page, files: dict[str, bytes]) -> None:
    """Choose a zip of these files on the page."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    page.locator("input[type=file]").set_input_files(
        {"name": "yard.zip", "mimeType": "application/zip", "buffer": out.getvalue()})


def looks_right(page: Page, name: str) -> None:
    """Take a picture; nothing sticks out, and axe finds nothing grave."""
    picture(page, name)
    assert fits(page), name
    assert grave_findings(page) == [], name


def hold_back(page: Page) -> Callable[[], None]:
    """Let the page hear only that installations go on; returns what lets it hear the truth again."""
    asked = re.compile(r"/api/gateway/v1/packs/runs(/[^/]+)?$")

    def answer(route: Route) -> None:
        with suppress(Error):  # the page has gone on
            told = route.fetch()
            body = told.json()
            for run in body.get("items", [body]):
                if run["state"] == "finished":
                    run |= {"state": "installing", "progress": {"done": 1, "total": run["progress"]["total"]}}
            route.fulfill(response=told, json=body)

    page.route(asked, answer)
    return lambda: page.unroute(asked, answer)
