"""The messy sheet holds what it says, in every form in which it is written."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from freehold.demo.cli import demo
from freehold.demo.messy import COLUMNS, MessySheet, make_sheet, write_sheet
from freehold.demo.messy.faults import WRONGNESSES


@pytest.fixture(scope="module")
def messy() -> MessySheet:
    return make_sheet()


def test_five_thousand_rows_hold_exactly_four_hundred_wrong_ones(messy: MessySheet) -> None:
    assert len(messy.rows) == 5000
    assert len(messy.wrong) == 400
    assert messy.unique_valid + len(messy.repeated) + len(messy.wrong) == 5000
    assert messy.repeated.keys().isdisjoint(messy.wrong)


def test_every_kind_of_fault_occurs(messy: MessySheet) -> None:
    assert {fault for faults in messy.wrong.values() for fault in faults} == {one.fault for one in WRONGNESSES}
    assert any(len(faults) > 1 for faults in messy.wrong.values())


def test_a_repeated_row_comes_after_the_good_row_that_it_repeats(messy: MessySheet) -> None:
    numbers = {number for number, _ in messy.rows}
    for number, first in messy.repeated.items():
        assert first < number
        assert first in numbers
        assert first not in messy.wrong
        assert first not in messy.repeated


def test_no_two_good_leads_look_alike(messy: MessySheet) -> None:
    digits = Counter("".join(filter(str.isdigit, str(cells[3]).removesuffix(".0")))[-11:]
                     for number, cells in messy.rows if number not in messy.wrong and number not in messy.repeated)
    assert max(digits.values()) == 1


def test_equal_seeds_make_equal_sheets(messy: MessySheet) -> None:
    assert make_sheet() == messy
    assert make_sheet(seed=8) != messy


@pytest.mark.parametrize(("rows", "wrong"), [(1, 0), (1, 1), (2, 2), (10, 0), (50, 49)])
def test_small_sheets_keep_their_counts(rows: int, wrong: int) -> None:
    sheet = make_sheet(rows, wrong)
    assert (len(sheet.rows), len(sheet.wrong)) == (rows, wrong)


def test_more_wrong_rows_than_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="more wrong rows"):
        make_sheet(3, 4)


def test_the_workbook_reads_back_cell_by_cell(messy: MessySheet, tmp_path: Path) -> None:
    write_sheet(messy, tmp_path / "leads.xlsx")
    read = CalamineWorkbook.from_path(str(tmp_path / "leads.xlsx")).get_sheet_by_index(0).to_python()
    assert read[0] == [title for title, _ in COLUMNS]
    rows = dict(messy.rows)
    assert len(read) == max(rows)
    for number, cells in enumerate(read[1:], 2):
        assert list(cells) == ["" if cell is None else cell for cell in rows.get(number, [""] * len(COLUMNS))]


def test_the_workbook_holds_real_dates_numbers_and_empty_rows(messy: MessySheet) -> None:
    days = {type(cells[9]) for _, cells in messy.rows}
    assert {date, str, float} <= days
    assert max(number for number, _ in messy.rows) > len(messy.rows) + 1


@pytest.mark.parametrize(("encoding", "start"), [("utf-8", b"\xef\xbb\xbf"), ("gb18030", b"\xd0\xd5\xc3\xfb")])
def test_a_csv_has_the_same_rows_at_the_same_places(
        messy: MessySheet, tmp_path: Path, encoding: str, start: bytes) -> None:
    file = tmp_path / "leads.csv"
    write_sheet(messy, file, encoding=encoding)
    assert file.read_bytes().startswith(start)
    with file.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as text:
        read = list(csv.reader(text))
    assert {number for number, cells in enumerate(read, 1) if any(cell.strip() for cell in cells)} == {
        1, *(number for number, _ in messy.rows)}


def test_the_command_writes_the_sheet_and_what_must_come_of_it(tmp_path: Path) -> None:
    answer = CliRunner().invoke(demo, ["sheet", str(tmp_path / "a.csv"), "--rows", "60", "--wrong", "9",
                                       "--expected", str(tmp_path / "a.json")])
    assert answer.exit_code == 0, answer.output
    expected = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert (expected["rows"], expected["wrong"], len(expected["wrong_rows"])) == (60, 9, 9)


def test_the_command_refuses_more_wrong_rows_than_rows(tmp_path: Path) -> None:
    answer = CliRunner().invoke(demo, ["sheet", str(tmp_path / "a.csv"), "--rows", "6", "--wrong", "9"])
    assert answer.exit_code == 2
