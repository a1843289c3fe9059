"""What is drawn on the server: in the console's colours, with its numbers, and cross tables with right totals."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.report.queries.export.drawing import cards, charts
from services.report.queries.export.drawing.cross import crossed
from services.report.queries.export.drawing.said import say
from services.report.queries.export.tables import Column, Table

CONSOLE = Path(__file__).parents[3] / "console" / "src"
SUM = Column("Amount", "money", "CNY")


def test_the_colours_are_those_of_the_console() -> None:
    light = (CONSOLE / "design/tokens.css").read_text().partition("[data-theme='dark']")[0]
    tokens = dict(re.findall(r"--fh-([\w-]+): (#\w+);", light))
    options = (CONSOLE / "areas/dashboard/options.ts").read_text()
    more = re.findall(r"'(#\w{6})'", options.partition("MORE_COLOURS = [")[2].partition("]")[0])
    assert [tokens[name] for name in ("ink", "ink-2", "line")] == [charts.INK, charts.SOFT, charts.LINE]
    assert (*(tokens[name] for name in ("primary", "accent", "info")), *more) == charts._PALETTE


@pytest.mark.parametrize(("cell", "column", "said"), [
    (None, SUM, "–"), (Decimal("1234.5"), SUM, "¥1,234.50"), (Decimal(-3), SUM, "-¥3"),
    (Decimal("12345678.91"), SUM, "¥12,345,679"), (Decimal("7.005"), Column("", "money", "CHF"), "CHF 7.01"),
    (Decimal("0.12345"), Column("", "ratio"), "12.35%"), (1_000_000, Column("", "integer"), "1,000,000"),
    (Decimal("2.50"), Column("", "decimal"), "2.5"), (date(2026, 3, 2), Column("", "date"), "2026-03-02"),
    (datetime.fromisoformat("2026-03-02T08:30:15"), Column("", "datetime"), "2026-03-02 08:30"),
    ("a\x00b\ud800\nc", Column(""), "a b  c")])
def test_cells_are_said_as_people_read_them(cell: Any, column: Column, said: str) -> None:
    assert say(cell, column) == said


def table(rows: list[tuple[str, str, str | None, str, Any]], **more: Any) -> Table:
    """Rows of (key, label, key, label, amount)."""
    return Table("T", "pivot", [Column("Owner"), Column("Stage"), SUM], [(a, b, n) for _, a, _, b, n in rows], 2, (2,),
                 None, [(a, b) for a, _, b, _, _ in rows], **more)


def test_groups_of_the_same_name_stay_apart_and_totals_add_up() -> None:
    one = crossed(table([("1", "王芳", "x", "New", Decimal(2)), ("2", "王芳", "x", "New", Decimal(3)),
                         ("2", "王芳", "y", "Won", Decimal("0.1"))], summed=(2,)), "Total")
    assert [column.label for column in one.columns] == ["Owner", "New", "Won", "Total"]
    assert [list(row) for row in one.rows] == [
        ["王芳", Decimal(2), None, Decimal(2)], ["王芳", Decimal(3), Decimal("0.1"), Decimal("3.1")],
        ["Total", Decimal(5), Decimal("0.1"), Decimal("5.1")]]


def test_what_is_unknown_or_no_sum_has_no_total() -> None:
    rows = [("1", "A", "x", "New", None), ("1", "A", "y", "Won", Decimal(1))]
    assert list(crossed(table(rows, summed=(2,)), "Total").rows[-1]) == ["Total", None, Decimal(1), None]
    assert [column.label for column in crossed(table(rows), "Total").columns] == ["Owner", "New", "Won"]


def test_time_runs_to_the_right() -> None:
    months = [("1", "A", "2026-09-01", "September", Decimal(1)), ("1", "A", None, "(none)", Decimal(2)),
              ("1", "A", "2026-02-01", "February", Decimal(3))]
    one = table(months)
    timed = replace(one, columns=[one.columns[0], Column("Month", bucket="month"), SUM])
    assert [column.label for column in crossed(timed, "Total").columns] == ["Owner", "February", "September", "(none)"]


@pytest.mark.parametrize(("change", "said"), [
    (Decimal("0.36"), "▲ 36% · before ¥5"), (Decimal("-0.1"), "▼ 10% · before ¥5"), (None, "before ¥5")])
def test_a_figure_tells_what_was_before(change: Decimal | None, said: str) -> None:
    columns = [SUM, Column("Amount: before", "money", "CNY", short="before"), Column("Amount: change", "ratio")]
    assert cards.figures(Table("T", "kpi", columns, [(Decimal(7), Decimal(5), change)], 0, (0,))) == [("¥7", said)]


@pytest.mark.parametrize(("given", "found"), [
    ({"target": "4"}, 4.0), ({"target": 2.5}, 2.5), ({"target": "x"}, 0.0), ({"target": "NaN"}, 0.0), ({}, 0.0)])
def test_a_gauge_without_a_usable_target_is_empty(given: dict[str, Any], found: float) -> None:
    assert charts.target(Table("T", "gauge", [SUM], [(Decimal(1),)], 0, (0,)), given) == found


def test_a_table_wider_than_its_room_shares_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "width", lambda text, size: len(text) * size)
    assert sum(cards.widths([["a" * 50, "b" * 50], ["c", "d"]], 300, 10)) == pytest.approx(300)
    assert cards.widths([["a", "bb"]], 100, 10) == [64, 36]
    assert cards.fitting("abcdefgh", 50, 10) == "abcd…"
