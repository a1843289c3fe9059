"""A board as a picture (PNG): its grid as it stands on the screen, a card per widget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

import resvg_py

from services.report.queries.export.drawing.cards import Card, Sheet, cells, figures, fitting, widths
from services.report.queries.export.drawing.charts import INK, KINDS, LINE, SOFT
from services.report.queries.export.drawing.fonts import Font
from services.report.queries.export.drawing.said import plain

_WIDTH, _MARGIN, _GAP, _ROW, _COLUMNS = 1280, 24, 14, 62, 12
_INSIDE, _TITLE, _LINE = 16, 40, 24
_SHARP = 2.0
_MOST_PIXELS = 36_000_000  # four bytes each while it is drawn
_PAPER = "#f5f7f4"


def write_png(sheet: Sheet) -> bytes:
    """The picture; a very long board is drawn less sharp, so that it takes no more memory than others."""
    head = 72 + 18 * len(sheet.cover.lines)
    rows = max((card.place["y"] + card.place["h"] for card in sheet.cards), default=0)
    height = head + rows * (_ROW + _GAP) + _MARGIN
    parts = [*_head(sheet), *(part for card in sheet.cards for part in _card(sheet, card, head))]
    zoom = min(_SHARP, (_MOST_PIXELS / (_WIDTH * height)) ** 0.5)
    return rendered(_svg(_WIDTH, height, parts), sheet.font, zoom)


def rendered(svg: str, font: Font, zoom: float = _SHARP) -> bytes:
    """SVG as PNG, with this font and no other, reading nothing else."""
    return bytes(resvg_py.svg_to_bytes(
        svg_string=svg, zoom=zoom, background="#ffffff", skip_system_fonts=True, font_files=[str(font.file)],
        font_family=font.family, sans_serif_family=font.family, serif_family=font.family))


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
            f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>{"".join(parts)}</svg>')


def _head(sheet: Sheet) -> Iterator[str]:
    room = _WIDTH - 2 * _MARGIN
    yield _text(_MARGIN, 46, fitting(plain(sheet.cover.title), room, 24), 24, INK)
    for place, line in enumerate(sheet.cover.lines):
        yield _text(_MARGIN, 70 + 18 * place, fitting(plain(line), room, 13), 13, SOFT)


def _card(sheet: Sheet, card: Card, top: int) -> Iterator[str]:
    column = (_WIDTH - 2 * _MARGIN + _GAP) / _COLUMNS
    x, y = _MARGIN + card.place["x"] * column, top + card.place["y"] * (_ROW + _GAP)
    width, height = card.place["w"] * column - _GAP, card.place["h"] * (_ROW + _GAP) - _GAP
    yield (f'<svg x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}">'
           f'<rect x=".5" y=".5" width="{width - 1:.1f}" height="{height - 1}" rx="10" fill="#fff" stroke="{LINE}"/>')
    yield _text(_INSIDE, 26, fitting(card.title, width - 2 * _INSIDE, 14), 14, INK)
    yield from _body(sheet, card, width, height)
    yield "</svg>"


def _body(sheet: Sheet, card: Card, width: float, height: float) -> Iterator[str]:
    table, room = card.table, width - 2 * _INSIDE
    if not table.columns or not table.rows:
        yield _text(_INSIDE, _TITLE + 16, fitting(plain(table.note or sheet.empty), room, 13), 13, SOFT)
    elif table.kind in KINDS:
        drawn = sheet.charts.draw(table, card.widget.get("options") or {}, int(room), int(height - _TITLE - 10))
        yield f'<svg x="{_INSIDE}" y="{_TITLE}">{drawn}</svg>'
    elif table.kind == "kpi":
        for place, (value, beside) in enumerate(figures(table)):
            yield _text(_INSIDE, _TITLE + 24 + 58 * place, fitting(value, room, 28), 28, INK)
            yield _text(_INSIDE, _TITLE + 44 + 58 * place, fitting(beside, room, 12), 12, SOFT)
    else:
        yield from _rows(sheet, card, room, int((height - _TITLE) // _LINE) - 1)


def _rows(sheet: Sheet, card: Card, room: float, fit: int) -> Iterator[str]:
    """Lines of a table as far as there is room; the last says what is not there."""
    table = card.table
    left_out = len(table.rows) > fit - 1
    lines = cells(table, max(fit - 2 if left_out else fit, 0))
    columns = widths(lines, room, 12)
    for row, line in enumerate(lines):
        y, x = _TITLE + _LINE * row + 16, float(_INSIDE)
        for place, (said, width) in enumerate(zip(line, columns, strict=True)):
            shown, ink = fitting(said, width - 8, 12), INK if row else SOFT
            at_end = place >= table.groups
            yield _text(x + width if at_end else x, y, shown, 12, ink, "end" if at_end else "start")
            x += width
        yield f'<path d="M{_INSIDE} {y + 8}h{room:.1f}" stroke="{LINE}"/>'
    if left_out:
        more = sheet.more.format(count=len(table.rows) - len(lines) + 1)
        yield _text(_INSIDE, _TITLE + _LINE * len(lines) + 16, more, 12, SOFT)


def _text(x: float, y: float, said: str, size: int, ink: str, anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{ink}" text-anchor={quoteattr(anchor)}>'
            f"{escape(said)}</text>")
