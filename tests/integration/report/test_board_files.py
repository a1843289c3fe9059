"""Boards as files: real values, what the reader may see and export, and nothing that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from PIL import Image
from pypdf import PdfReader

from tests.integration.report.conftest import House, grant

PLACE = {"x": 0, "y": 0, "w": 6, "h": 4}


def widget(key: str, title: str, kind: str = "table", object: str = "lead", **query: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "title": {"en": title, "zh-CN": title}, "layout": PLACE,
            "query": {"object": object, **query}}


WIDGETS = [
    widget("amounts", "Amounts: by/region", "bar", dimensions=[{"field": "region"}],
           measures=[{"op": "sum", "field": "expected_amount"}, {"op": "avg", "field": "score"},
                     {"op": "rate", "criteria": {"field": "vip", "op": "eq", "value": True}}]),
    widget("days", "Amounts by/region", dimensions=[{"field": "visited_on", "bucket": "day"}, {"field": "name"}],
           measures=[{"op": "count"}, {"op": "max", "field": "called_at"}, {"op": "max", "field": "rate"}]),
    widget("stages", "Stages", "funnel", field="status"),
    widget("customers", "Customers", "kpi", "customer"),
]


def board(house: House, **more: Any) -> dict[str, Any]:
    answer = house.ask(house.admin, "/dashboards", {
        "name": {"en": "Sales", "zh-CN": "销售"}, "visibility": "everybody", "widgets": WIDGETS, **more})
    assert answer.status_code == 201, answer.json
    return answer.json


def book_of(answer: Any) -> openpyxl.Workbook:
    assert answer.status_code == 200, answer.json
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def texts_of(document: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)


def local(text: str) -> datetime:
    """A moment as a cell holds it, without a zone."""
    return datetime.fromisoformat(text)


def fill(house: House) -> None:
    house.lead(name="=1+1", region="east", expected_amount={"amount": "1234.50", "currency": "CNY"}, score=3, vip=True,
               visited_on="2026-03-02", called_at="2026-03-02T08:30:15Z", rate="12.5")
    house.lead(name="王芳", region="east", expected_amount={"amount": "-0.50", "currency": "CNY"}, score=4, vip=False,
               visited_on="2026-03-02", called_at="2026-03-03T23:00:00Z")
    house.lead(region="north", status="working", score=-2)
    house.sync()


def test_a_board_is_a_workbook_of_real_values(house: House) -> None:
    fill(house)
    one, reader = board(house), house.user("Reader", objects={"*": grant("all")}, timezone="Asia/Shanghai")
    answer = house.ask(reader, f"/dashboards/{one['id']}/file", method="GET")
    assert "Sales%20" in answer.headers["Content-Disposition"]
    book = book_of(answer)
    assert book.sheetnames == ["Sales", "Amounts byregion", "Amounts byregion 2", "Stages", "Customers"]
    assert rows(book["Amounts byregion"]) == [
        ("Region", "Amount: sum (CNY)", "score: average", "Rate"),
        ("East", 1234, 3.5, 0.5), ("North", 0, -2, 0)]
    assert rows(book["Amounts byregion 2"])[1:3] == [
        (local("2026-03-02"), "=1+1", 1, local("2026-03-02T16:30:15"), 0.125),
        (local("2026-03-02"), "王芳", 1, local("2026-03-04T07:00:00"), None)]
    assert [row[:2] for row in rows(book["Stages"])[1:3]] == [("New", 2), ("Working", 1)]
    assert [len(sheet._charts) for sheet in book.worksheets] == [0, 1, 0, 1, 0]
    assert book["Amounts byregion 2"]["B2"].data_type == "s"
    assert any("Reader" in str(cell) for row in rows(book["Sales"]) for cell in row)


def test_a_widget_is_csv_that_no_spreadsheet_computes(house: House) -> None:
    fill(house)
    path = f"/dashboards/{board(house)['id']}/file?format=csv"
    answer = house.ask(house.admin, f"{path}&widget=days", method="GET")
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert table[1] == ["2026-03-02", "'=1+1", "1", "2026-03-02 08:30:15", "0.125000"]
    answer = house.ask(house.admin, f"{path}&widget=amounts", method="GET")
    assert list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[2] == ["North", "0.00", "-2.00", "0.0000"]
    told = [message.data for message in house.report.published("freehold.report.audit.recorded.v1")]
    assert [(one["action"], one["detail"]["widget"]) for one in told] == [
        ("dashboard.exported", "days"), ("dashboard.exported", "amounts")]


def test_a_file_holds_what_its_reader_may_see_and_export(house: House) -> None:
    fill(house)
    path = f"/dashboards/{board(house)['id']}/file"
    mine = house.user("Mine", objects={"lead": grant("own"), "customer": grant("all", ["read"])})
    book = book_of(house.ask(mine, path, method="GET"))
    assert book.sheetnames == ["Sales", "Amounts byregion", "Amounts byregion 2", "Stages"]
    assert rows(book["Amounts byregion"]) == [("Region", "Amount: sum (CNY)", "score: average", "Rate")]
    assert ("Customers", "You may not export these records.") in [row[:2] for row in rows(book["Sales"])]
    blind = house.user("Blind", objects={"lead": grant("all", score="masked")})
    book = book_of(house.ask(blind, path, method="GET"))
    assert "Amounts byregion" not in book.sheetnames
    for who, key, status in ((mine, "customers", 403), (blind, "amounts", 403), (blind, "stages", 200)):
        assert house.ask(who, f"{path}?format=csv&widget={key}", method="GET").status_code == status


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_what_cannot_be_a_file_is_told(house: House) -> None:
    one, stranger = board(house), house.user("Stranger")
    private = board(house, visibility="private")
    for who, path, status, pointer in (
            (house.admin, f"/dashboards/{one['id']}/file?format=docx", 422, "?format"),
            (house.admin, f"/dashboards/{one['id']}/file?format=csv", 422, "?widget"),
            (house.admin, f"/dashboards/{one['id']}/file?widget=none", 404, None),
            (stranger, f"/dashboards/{private['id']}/file", 404, None)):
        answer = house.ask(who, path, method="GET")
        assert answer.status_code == status, answer.json
        assert pointer is None or pointer in [error["pointer"] for error in answer.json["errors"]]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_the_ends_of_the_calendar_and_titles_like_formulas_are_texts(house: House) -> None:
    house.lead(region="east", called_at="0001-01-01T00:00:00Z")
    house.lead(region="north", called_at="1890-05-06T07:08:09Z")
    house.sync()
    one = board(house, widgets=[widget("first", "Go!Q3", "bar", dimensions=[{"field": "region"}],
                                       measures=[{"op": "min", "field": "called_at"}])])
    reader = house.user("Reader", objects={"*": grant("all")}, timezone="America/New_York")
    book = book_of(house.ask(reader, f"/dashboards/{one['id']}/file", method="GET"))
    sheet = book.worksheets[1]
    assert [row[1] for row in rows(sheet)[1:]] == ["0001-01-01T00:00:00.000Z", "1890-05-06 02:08:09"]
    assert sheet._charts[0].title.tx.strRef.f == "Sales!$A$5"
    assert book["Sales"]["A5"].value == "Go!Q3"


DRAWN = [
    {**widget("kpi", "Leads", "kpi", measures=[{"op": "count"}, {"op": "sum", "field": "expected_amount"}]),
     "layout": {"x": 0, "y": 0, "w": 3, "h": 2}},
    {**widget("cross", "By region & stage", "pivot", dimensions=[{"field": "region"}, {"field": "status"}],
              measures=[{"op": "sum", "field": "expected_amount"}]), "layout": {"x": 0, "y": 2, "w": 6, "h": 4}},
    *({**widget(kind, f"As {kind}", kind, dimensions=[{"field": "region"}] if kind != "gauge" else [],
                measures=[{"op": "count"}]), "options": {"target": "4"},
       "layout": {"x": 6 * (at % 2), "y": 6 + 4 * (at // 2), "w": 6, "h": 4}}
      for at, kind in enumerate(("bar", "line", "pie", "gauge"))),
    {**widget("stages", "Stages", "funnel", field="status"), "layout": {"x": 0, "y": 14, "w": 6, "h": 4}},
    {**widget("names", "Names", dimensions=[{"field": "name"}], measures=[{"op": "avg", "field": "score"}]),
     "layout": {"x": 6, "y": 14, "w": 6, "h": 4}},
    {**widget("customers", "Customers", "kpi", "customer"), "layout": {"x": 3, "y": 0, "w": 3, "h": 2}},
]


def test_a_board_is_a_document_whose_texts_can_be_read(house: House) -> None:
    fill(house)
    house.lead(name="\x0b<b>&\ud7ff…", region="north", score=1)
    house.sync()
    one = board(house, widgets=DRAWN)
    reader = house.user("读者", objects={"lead": grant("all")}, locale="zh-CN")
    for who, names in ((house.admin, ["Sales", "By region & stage", "Total", "¥1,234"]),
                       (reader, ["销售", "合计", "读者", "王芳"])):
        answer = house.ask(who, f"/dashboards/{one['id']}/file?format=pdf", method="GET")
        assert answer.status_code == 200, answer.json
        assert answer.data.startswith(b"%PDF-")
        assert answer.mimetype == "application/pdf"
        read = texts_of(answer.data)
        assert [name for name in names if name not in read] == []


def test_a_board_and_a_widget_are_pictures(house: House) -> None:
    fill(house)
    path = f"/dashboards/{board(house, widgets=DRAWN)['id']}/file?format=png"
    whole = house.ask(house.admin, path, method="GET")
    assert (whole.status_code, whole.mimetype) == (200, "image/png")
    picture = Image.open(io.BytesIO(whole.data))
    assert (picture.width, picture.height > 2000) == (2560, True)
    for key in ("bar", "cross", "kpi"):
        alone = house.ask(house.admin, f"{path}&widget={key}", method="GET")
        shown = Image.open(io.BytesIO(alone.data)).convert("RGB")
        assert len(shown.getcolors(10_000_000)) > 20, key
