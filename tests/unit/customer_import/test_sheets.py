"""Headers, delimiters, encodings and cells of sheets."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from services.customer.model.sheets.cells import (
    column_letter,
    guarded,
    pack,
    pack_row,
    shown,
    unguarded,
    unpack,
)
from services.customer.model.sheets.delimited import delimiter_of, encoding_of
from services.customer.model.sheets.header import find_header, headers
from services.customer.model.sheets.problems import SheetError


@pytest.mark.parametrize("value", ["张三", 12.5, True, date(2026, 3, 1), datetime.fromisoformat("2026-03-01T08:30")])
def test_a_cell_survives_the_disk(value):
    assert unpack(pack(value)) == value


def test_times_and_durations_are_text_and_blanks_are_nothing():
    assert unpack(pack(time(8, 30))) == "08:30:00"
    assert pack(timedelta(hours=30)) == "1 day, 6:00:00"
    assert pack(" \u3000\u200b") is None


def test_a_row_knows_where_its_columns_are_and_forgets_empty_ends():
    assert pack_row(["a", "", "b", "", " "], left=2) == [None, None, "a", None, "b"]
    assert pack_row(["", " "]) is None


def test_cells_are_shown_as_people_see_them():
    assert [shown(cell) for cell in (None, 13800138000.0, 0.5, {"d": "2026-03-01"}, " x ")] == [
        "", "13800138000", "0.5", "2026-03-01", "x"]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx"])
def test_what_a_spreadsheet_would_compute_is_guarded_and_comes_back(text):
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text


def test_numbers_need_no_guard_and_quotes_of_people_stay():
    assert guarded("-5.20") == "-5.20"
    assert unguarded("'s Gravenhage") == "'s Gravenhage"


def test_columns_have_letters():
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def known(names) -> int:
    return sum(name in ("姓名", "电话", "公司") for name in names)


def test_the_header_is_found_below_titles_and_remarks():
    rows = [(1, ["2026 年展会线索"]), (3, ["制表：王芳", None, {"d": "2026-03-01"}]), (4, ["姓名", "电话", "备注"]),
            (5, ["张三", 138.0, None])]
    assert find_header(rows, known) == 4


def test_an_unknown_header_is_the_first_wide_row_of_words():
    assert find_header([(1, ["Title"]), (2, ["a", "b", "c"]), (3, [1.0, 2.0, 3.0])], known) == 2
    assert find_header([(1, ["x"]), (2, ["y"])], known) == 1


def test_headers_stand_on_one_line():
    assert headers(["手机\n号码 ", None, 2026.0]) == ["手机 号码", "", "2026"]


@pytest.mark.parametrize(("text", "mark"), [
    ("a,b\n1,2\n", ","), ("a;b\n1,5;2\n3,5;4\n", ";"), ("a\tb\n1,2\t3\n", "\t"), ("姓名，电话\n张三，138\n", "，"),
    ("only\none\n", ","), ('a,b\n"x;y;z",2\n"p;q;r",3\n', ",")])
def test_the_delimiter_is_the_one_that_makes_columns(text, mark):
    assert delimiter_of(text) == mark


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_the_encoding_is_found_out(encoding):
    text = "姓名,电话,公司名称\n张三,138,上海精工机械有限公司\n" * 30
    data = text.encode(encoding)
    assert data.decode(encoding_of([data[:500], data[500:]])).removeprefix("\ufeff") == text


@pytest.mark.parametrize("data", [
    b"%PDF-1.7", bytes(range(256)) * 4, b"<html><table>", b"\x89PNG\r\n", b"<?xml version"])
def test_what_is_no_text_is_not_recognised(data):
    with pytest.raises(SheetError) as caught:
        encoding_of([data])
    assert caught.value.code == "sheet_not_recognised"


def test_bytes_of_no_encoding_are_refused():
    with pytest.raises(SheetError) as caught:
        encoding_of([b"name\n", b"\xff\xfd\x81\n"])
    assert caught.value.code == "sheet_encoding_unknown"
