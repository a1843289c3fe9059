"""A board as a document (PDF, A4 across): numbers and charts side by side, tables in full with their head on each page.

Texts and tables are texts, which can be searched and copied; charts are pictures.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Image, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus import Table as Grid

from services.report.queries.export.drawing.cards import Card, Sheet, cells, figures, fitting, widths
from services.report.queries.export.drawing.charts import INK, KINDS, LINE, SOFT
from services.report.queries.export.drawing.fonts import NAME
from services.report.queries.export.drawing.picture import rendered
from services.report.queries.export.drawing.said import plain

_MARGIN, _GAP = 36, 10
_ROOM = landscape(A4)[0] - 2 * _MARGIN
_MOST_ROWS, _MOST_FIGURES = 500, 6  # figures of a card that cannot break over pages
_HALF = 6  # columns of the grid up to which a chart takes half of the page
_CHART = 200.0
_SCALE = 1.4  # pixels of a chart to a point of the page


def write_pdf(sheet: Sheet) -> bytes:
    """The document."""
    file = io.BytesIO()
    told = plain(sheet.cover.title)
    page = SimpleDocTemplate(file, pagesize=landscape(A4), title=told, author="Freehold", leftMargin=_MARGIN,
                             rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN + 8)

    def foot(canvas: Any, _: Any) -> None:
        canvas.setFont(NAME, 8)
        canvas.setFillColor(HexColor(SOFT))
        canvas.drawString(_MARGIN, 24, fitting(told, _ROOM - 60, 8))
        canvas.drawRightString(_MARGIN + _ROOM, 24, str(canvas.getPageNumber()))

    page.build(list(_flow(sheet)), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _flow(sheet: Sheet) -> Iterator[Flowable]:
    yield _paragraph(sheet.cover.title, 20, INK)
    for line in sheet.cover.lines:
        yield _paragraph(line, 9, SOFT)
    for row in _packed(sorted(sheet.cards, key=lambda card: (card.place["y"], card.place["x"]))):
        yield Spacer(0, _GAP)
        if len(row) == 1 and _part(row[0]) == 1:
            yield from _whole(sheet, row[0])
        else:
            yield _beside(sheet, row)


def _packed(cards: Sequence[Card]) -> Iterator[list[Card]]:
    """Cards that stand beside each other: of one kind, as long as there is room."""
    row: list[Card] = []
    for card in cards:
        if row and (_part(row[0]) != _part(card) or len(row) * _part(card) >= 1 or _part(card) == 1):
            yield row
            row = []
        row.append(card)
    if row:
        yield row


def _part(card: Card) -> float:
    """How much of the page's width a card takes."""
    if card.table.kind == "kpi":
        return 0.25 if len(card.table.drawn) <= _MOST_FIGURES else 1
    return 0.5 if card.table.kind in KINDS and card.place["w"] <= _HALF else 1


def _whole(sheet: Sheet, card: Card) -> Iterator[Flowable]:
    title = _paragraph(card.title, 12, INK)
    title.keepWithNext = True
    yield title
    yield from _body(sheet, card, _ROOM)


def _beside(sheet: Sheet, row: Sequence[Card]) -> Flowable:
    width = _ROOM * _part(row[0])
    inside = [[_paragraph(card.title, 11, INK), *_body(sheet, card, width - _GAP)] for card in row]
    return Grid([inside], colWidths=[width] * len(row), hAlign="LEFT", style=TableStyle([
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), _GAP)]))


def _body(sheet: Sheet, card: Card, room: float) -> Iterator[Flowable]:
    table = card.table
    if not table.columns or not table.rows:
        yield _paragraph(table.note or sheet.empty, 9, SOFT)
        return
    if table.kind in KINDS:
        svg = sheet.charts.draw(table, card.widget.get("options") or {}, int(room * _SCALE), int(_CHART * _SCALE))
        yield Image(io.BytesIO(rendered(svg, sheet.font)), width=room, height=_CHART, hAlign="LEFT")
    elif table.kind == "kpi":
        for value, beside in figures(table):
            yield _paragraph(value, 20, INK)
            yield _paragraph(beside, 8, SOFT)
    else:
        yield _lines(card, room)
        if len(table.rows) > _MOST_ROWS:
            yield _paragraph(sheet.more.format(count=len(table.rows) - _MOST_ROWS), 9, SOFT)
    if table.note:
        yield _paragraph(table.note, 9, SOFT)


def _lines(card: Card, room: float) -> Flowable:
    table, lines = card.table, cells(card.table, _MOST_ROWS)
    size = 9 if len(table.columns) <= 9 else 6.5
    columns = widths(lines, room, size)
    shown = [[fitting(said, width - 6, size) for said, width in zip(line, columns, strict=True)] for line in lines]
    return LongTable(shown, colWidths=columns, repeatRows=1, hAlign="LEFT", style=TableStyle([
        ("FONT", (0, 0), (-1, -1), NAME, size), ("TEXTCOLOR", (0, 0), (-1, 0), HexColor(SOFT)),
        ("ALIGN", (table.groups, 0), (-1, -1), "RIGHT"), ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(LINE)),
        ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 2)]))


def _paragraph(said: str, size: float, ink: str) -> Paragraph:
    return Paragraph(escape(plain(said)), ParagraphStyle(
        "", fontName=NAME, fontSize=size, leading=size * 1.35, textColor=HexColor(ink), wordWrap="CJK"))
