"""A table with two groups or more as a cross table: the last group lies across, the others stand down the side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from services.report.queries.export.tables import Column, Table, Value

Side = tuple[Any, ...]


def crossed(table: Table, total: str) -> Table:
    """The cross table of the first measure; what adds up has totals, under the name `total`.

    Groups of the same name are not the same: their keys tell them apart. An unknown number makes a sum unknown.
    """
    place = table.drawn[0]
    heads, sides, cells = _sides(table, place)
    if table.columns[table.groups - 1].bucket:  # time runs to the right
        heads = dict(sorted(heads.items(), key=lambda head: (head[0][0] is None, str(head[0][0]))))
    measure, adds = table.columns[place], place in table.summed
    columns = [Column(" · ".join(column.label for column in table.columns[:table.groups - 1])),
               *(Column(label, measure.kind, measure.currency) for label in heads.values())]
    rows = [[label, *(cells.get((side, head)) for head in heads)] for side, label in sides.items()]
    if adds:
        columns.append(Column(total, measure.kind, measure.currency))
        rows = [[*row, _sum([cells[side, head] for head in heads if (side, head) in cells])]
                for row, side in zip(rows, sides, strict=True)]
        foot = [_sum([cells[side, head] for side in sides if (side, head) in cells]) for head in heads]
        rows.append([total, *foot, _sum(list(cells.values()))])
    return replace(table, columns=columns, rows=rows, groups=1, drawn=())


def _sides(table: Table, place: int) -> tuple[dict[Side, str], dict[Side, str], dict[tuple[Side, Side], Value]]:
    heads: dict[Side, str] = {}
    sides: dict[Side, str] = {}
    cells: dict[tuple[Side, Side], Value] = {}
    for keys, row in zip(table.keys, table.rows, strict=True):
        side, head = tuple(keys[:-1]), tuple(keys[-1:])
        heads.setdefault(head, str(row[table.groups - 1]))
        sides.setdefault(side, " · ".join(str(cell) for cell in row[:table.groups - 1]))
        cells[side, head] = row[place]
    return heads, sides, cells


def _sum(values: Sequence[Value]) -> Value:
    numbers = [value for value in values if isinstance(value, (int, Decimal))]
    return sum(numbers, Decimal(0)) if len(numbers) == len(values) else None
