"""The sheet of the main job: 5,000 rows as people send them, 400 of them wrong."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from freehold.demo.messy import COLUMNS, MessySheet, make_sheet, write_sheet


@pytest.fixture(scope="module")
def messy() -> MessySheet:
    return make_sheet()


def test_the_messy_sheet_gives_back_exactly_its_wrong_rows(desk, messy, tmp_path):
    path = tmp_path / "leads.xlsx"
    write_sheet(messy, path)
    uploaded = desk.upload(path.read_bytes(), "leads.xlsx").get_json()
    assert uploaded["mapping"] == messy.mapping
    assert uploaded["row_count"] == 5000

    checked = desk.check(uploaded["id"])
    assert desk.count() == 0
    wrong = desk.codes(uploaded["id"])
    assert wrong == {row: {(one.field, one.code) for one in faults} for row, faults in messy.wrong.items()}
    assert len(wrong) == 400

    finished = desk.run(uploaded["id"])
    assert finished["state"] == "finished"
    assert finished["summary"] == checked["summary"]
    assert {name: finished["summary"][name] for name in ("rows", "create", "skip", "failed")} == {
        "rows": 5000, "create": messy.unique_valid, "skip": len(messy.repeated), "failed": 400}
    assert desk.count() == messy.unique_valid


def test_the_wrong_rows_come_back_as_they_were_with_a_reason(desk, messy, tmp_path):
    path = tmp_path / "leads.xlsx"
    write_sheet(messy, path)
    id = desk.upload(path.read_bytes(), "leads.xlsx").get_json()["id"]
    desk.check(id)
    answer = desk.call("GET", f"/{id}/errors.xlsx", headers={"Accept-Language": "zh-CN"})
    page = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
    rows = list(page.iter_rows(values_only=True))
    assert rows[0] == (*(title for title, _ in COLUMNS), "原因")
    assert len(rows) == 401
    assert all(row[-1] for row in rows[1:])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_same_sheet_as_csv_gives_the_same(lone_desk, messy, tmp_path: Path, encoding: str):
    path = tmp_path / "leads.csv"
    write_sheet(messy, path, encoding=encoding)
    id = lone_desk.upload(path.read_bytes(), "leads.csv").get_json()["id"]
    checked = lone_desk.check(id)
    assert lone_desk.codes(id) == {row: {(one.field, one.code) for one in faults}
                                   for row, faults in messy.wrong.items()}
    assert checked["summary"]["create"] == messy.unique_valid
