"""An export that comes back: nothing changes, or exactly what somebody has changed in it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.integration.customer_import.conftest import Desk
from tests.integration.customer_import.test_parts import outcome

PARENT = {"name": "maker", "label": {"en": "Maker", "zh-CN": "厂商"}, "title_field": "name", "fields": [
    {"name": "name", "type": "text", "required": True}]}
THING = {"name": "thing", "label": {"en": "Thing", "zh-CN": "物品"}, "title_field": "name", "fields": [
    {"name": "name", "type": "text", "required": True, "label": {"en": "Name", "zh-CN": "名称"}},
    {"name": "number", "type": "auto_number", "label": {"en": "Number", "zh-CN": "编号"}},
    {"name": "code", "type": "text", "label": {"en": "Code", "zh-CN": "编码"}},
    {"name": "story", "type": "long_text", "label": {"en": "Story", "zh-CN": "说明"}},
    {"name": "pieces", "type": "integer", "label": {"en": "Pieces", "zh-CN": "件数"}},
    {"name": "weight", "type": "decimal", "options": {"precision": 18, "scale": 4},
     "label": {"en": "Weight", "zh-CN": "重量"}},
    {"name": "share", "type": "percent", "label": {"en": "Share", "zh-CN": "占比"}},
    {"name": "price", "type": "money", "options": {"currency": "CNY"}, "label": {"en": "Price", "zh-CN": "价格"}},
    {"name": "made_on", "type": "date", "label": {"en": "Made on", "zh-CN": "生产日期"}},
    {"name": "seen_at", "type": "datetime", "label": {"en": "Seen at", "zh-CN": "查看时间"}},
    {"name": "good", "type": "boolean", "label": {"en": "Good", "zh-CN": "合格"}},
    {"name": "kind", "type": "choice", "label": {"en": "Kind", "zh-CN": "类型"}, "options": {"choices": [
        {"value": "a", "label": {"en": "First, of all", "zh-CN": "甲"}},
        {"value": "b", "label": {"en": "Same", "zh-CN": "同名"}},
        {"value": "c", "label": {"en": "Same", "zh-CN": "同名"}}]}},
    {"name": "tags", "type": "multi_choice", "label": {"en": "Tags", "zh-CN": "标签"}, "options": {"choices": [
        {"value": "x", "label": {"en": "One, two", "zh-CN": "一"}},
        {"value": "y", "label": {"en": "Three", "zh-CN": "三"}}]}},
    {"name": "phone", "type": "phone", "label": {"en": "Phone", "zh-CN": "电话"}},
    {"name": "mail", "type": "email", "label": {"en": "Mail", "zh-CN": "邮箱"}},
    {"name": "place", "type": "address", "label": {"en": "Place", "zh-CN": "地址"}},
    {"name": "maker_id", "type": "reference", "options": {"object": "maker"},
     "label": {"en": "Maker", "zh-CN": "厂商"}},
    {"name": "makers", "type": "reference_list", "options": {"object": "maker"},
     "label": {"en": "All makers", "zh-CN": "全部厂商"}}]}
WORDS = st.text(st.sampled_from("aZ0 =+-@'\"\\,;;|\t\n张三　½é"), min_size=1, max_size=12).map(
    lambda text: "x" + text.strip())
LINE = WORDS.map(lambda text: " ".join(text.split()))


def things(makers: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Values of things."""
    return st.fixed_dictionaries({"name": LINE}, optional={
        "code": st.sampled_from(["=1+1", "-5", "+86", "@x", "007", "1e5", "2026-01-02", "TRUE", "x;y"]), "story": WORDS,
        "pieces": st.integers(-2**31, 2**31 - 1), "weight": st.decimals(-10**13, 10**13, places=4).map("{:f}".format),
        "share": st.decimals(0, 100, places=2).map("{:f}".format),
        "price": st.builds(lambda amount, currency: {"amount": f"{amount:f}", "currency": currency},
                           st.decimals(0, 10**15, places=2), st.sampled_from(["CNY", "USD", "JPY"])),
        "made_on": st.dates().map(lambda day: day.isoformat()).filter(lambda day: day >= "1000"),
        "seen_at": st.datetimes().map(lambda at: at.isoformat(timespec="milliseconds") + "Z").filter(
            lambda at: "1900" <= at < "9999"),
        "good": st.booleans(), "kind": st.sampled_from("abc"),
        "tags": st.lists(st.sampled_from("xy"), unique=True, min_size=1),
        "phone": st.sampled_from(["+8613800138000", "+862168123456", "+14155552671"]),
        "mail": st.just("wang.fang@example.com"),
        "place": st.fixed_dictionaries({"city": st.sampled_from(["杭州市", "Ulm", "a/b"])}, optional={
            "province": st.just("浙江省"), "street": LINE, "postal_code": st.just("310000"), "country": st.just("CN")}),
        "maker_id": st.sampled_from(makers), "makers": st.lists(st.sampled_from(makers), unique=True, min_size=1)})


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """The desk of somebody who has makers: two of the same name, and one whose name holds a separator."""
    for definition in (PARENT, THING):
        answer = desk.harness.call(desk.user, "POST", "/v1/objects", definition)
        assert answer.status_code == 201, answer.get_data(as_text=True)
    for name in ("Twin", "Twin", "Solo", "A;B"):
        desk.harness.call(desk.user, "POST", "/v1/records/maker", {"name": name})
    return desk


def export(shop: Desk, kind: str, **more: Any) -> bytes:
    """Things as a file that is meant to come back."""
    answer = shop.harness.call(shop.user, "POST", "/v1/records/thing/export",
                               {"format": kind, "for_import": True, **more})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data()


def cells_of(content: bytes, kind: str) -> list[list[Any]]:
    """The cells of a file."""
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def bring_back(shop: Desk, content: bytes, kind: str) -> tuple[str, dict[str, Any]]:
    """Import a file as it is, by what is suggested."""
    answer = shop.upload(content, f"things.{kind}", "thing")
    assert answer.status_code == 201, answer.get_data(as_text=True)
    id = answer.get_json()["id"]
    assert (answer.get_json()["key"], answer.get_json()["duplicates"]) == ("id", "update_only")
    return id, shop.run(id)


def stand(shop: Desk) -> dict[str, dict[str, Any]]:
    """Id → record."""
    return {one["id"]: one for one in shop.records("thing")}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_comes_back_unchanged_changes_nothing(shop: Desk, kind: str) -> None:
    makers = [one["id"] for one in shop.records("maker")]

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(things(makers), min_size=12, max_size=12))
    def round_trip(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            answer = shop.harness.call(shop.user, "POST", "/v1/records/thing", row)
            assert answer.status_code == 201, answer.get_data(as_text=True)
        before = stand(shop)

        id, ended = bring_back(shop, export(shop, kind), kind)

        assert (outcome(ended)[0], outcome(ended)[3], shop.codes(id)) == (0, 0, {})
        assert stand(shop) == before

    round_trip()


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_one_changed_cell_changes_exactly_that(shop: Desk, locale: str) -> None:
    makers = [one["id"] for one in shop.records("maker")]
    for number in range(3):
        shop.harness.call(shop.user, "POST", "/v1/records/thing", {
            "name": f"T{number}", "pieces": number, "maker_id": makers[number], "weight": "1.5", "kind": "a"})
    before = stand(shop)
    answer = shop.harness.call(shop.user, "POST", "/v1/records/thing/export",
                               {"format": "csv", "for_import": True}, headers={"Accept-Language": locale})
    rows = cells_of(answer.get_data(), "csv")
    column = next(place for place, head in enumerate(rows[0]) if head in ("Pieces", "件数"))
    line = next(row for row in rows if "T1" in row)
    line[column] = "77"
    text = io.StringIO()
    csv.writer(text).writerows(rows)

    bring_back(shop, text.getvalue().encode(), "csv")

    changed = {id: record for id, record in stand(shop).items() if record != before[id]}
    assert [one["name"] for one in changed.values()] == ["T1"]
    (after,) = changed.values()
    differs = {name for name, value in after.items() if before[after["id"]][name] != value}
    assert (after["pieces"], differs) == (77, {"pieces", "version", "updated_at"})


def test_chosen_columns_come_with_the_id_and_name_records_readably(shop: Desk) -> None:
    solo = next(one["id"] for one in shop.records("maker") if one["name"] == "Solo")
    shop.harness.call(shop.user, "POST", "/v1/records/thing", {"name": "T", "maker_id": solo, "pieces": 1})

    rows = cells_of(export(shop, "csv", fields=["maker_id", "name"]), "csv")

    assert (rows[0][1:], rows[1][1:]) == (["Name", "Maker"], ["T", "Solo"])
    assert rows[1][0] == shop.records("thing")[0]["id"]


def test_no_usual_value_is_left_out(shop: Desk) -> None:
    solo = next(one["id"] for one in shop.records("maker") if one["name"] == "Solo")
    shop.harness.call(shop.user, "POST", "/v1/records/thing", {
        "name": "T", "code": "=1", "story": "a\nb", "pieces": -3, "weight": "12345678901234.5", "share": "12.5",
        "price": {"amount": "1.00", "currency": "USD"}, "made_on": "2026-03-01",
        "seen_at": "2026-03-01T08:00:00.123Z", "good": False, "kind": "b", "tags": ["x", "y"],
        "phone": "+8613800138000", "mail": "a@example.com", "maker_id": solo, "makers": [solo],
        "place": {"province": "浙江省", "city": "杭州市", "street": "文三路 1 号", "postal_code": "310000"}})

    heads, row = cells_of(export(shop, "csv"), "csv")

    assert [head for head, cell in zip(heads, row, strict=True) if not cell] == []
