"""An object as the read model keeps it: a table with a typed column per field, made from the definition.

The table of an object carries the generation that it belongs to in its name, so a rebuild fills new tables while the
old ones answer. A deleted record stays as a row with `deleted`: its version tells older changes that they come late.
Fields of a type that is not in the table below are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Date, FromClause, MetaData, Table, Text, cast

from chassis.auth.principal import ObjectPolicy
from chassis.criteria import Field
from chassis.criteria.nodes import OWNER_DEPARTMENT
from chassis.db.types import Exact, Id, PlainText, UtcDateTime
from services.report.model.sharing import Sharing

MONEY_SCALE, PERCENT_SCALE, DECIMAL_SCALE = 2, 4, 2
CURRENCY = "__currency"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z", re.ASCII)
ALWAYS_READABLE = frozenset({"id", "version"})
SYSTEM_KINDS: Mapping[str, str] = {
    "id": "id", "version": "integer", "created_at": "datetime", "created_by": "user", "updated_at": "datetime",
    "updated_by": "user", "owner_id": "user", "department_id": "department",
}


@dataclass(frozen=True)
class Kept:
    """How values of one type are kept: the column of statements and the column's type in DuckDB.

    `json` is what its wire form is taken for, `text` makes of that (in SQL) the text to cast.
    """

    column: Callable[[int], Any]
    duckdb: str
    json: Any = "VARCHAR"
    text: str = "{value}"


_CHOSEN = "CASE WHEN len({value}) > 0 THEN '|' || array_to_string({value}, '|') || '|' END"  # as `encode_multi` does
_TEXT = Kept(lambda _: PlainText(), "VARCHAR")
_EXACT = Kept(lambda scale: Exact(18, scale), "DECIMAL(18, {scale})")
_KEPT: Mapping[str, Kept] = {
    **dict.fromkeys(("text", "long_text", "phone", "email", "url", "region", "auto_number", "choice"), _TEXT),
    **dict.fromkeys(("decimal", "percent", "money"), _EXACT),
    **dict.fromkeys(("user", "department", "reference"), Kept(lambda _: Id(), "VARCHAR")),
    "id": Kept(lambda _: Id(), "UUID"),
    "integer": Kept(lambda _: BigInteger(), "BIGINT"),
    "date": Kept(lambda _: Date(), "DATE"),
    "datetime": Kept(lambda _: UtcDateTime(), "TIMESTAMPTZ"),
    "boolean": Kept(lambda _: Boolean(), "BOOLEAN"),
    "multi_choice": Kept(lambda _: PlainText(), "VARCHAR", ["VARCHAR"], _CHOSEN),
}


_MONEY = {"amount": "VARCHAR", "currency": "VARCHAR"}


@dataclass(frozen=True)
class ColumnPlan:
    """One column: its name, its types, the member of records that it is of, and how its text is found in that.

    `json` is the shape of the member (DuckDB's `from_json`), `text` an expression on `row`, a structure of members.
    """

    name: str
    type: Any
    duckdb: str
    member: str
    json: Any
    text: str


@dataclass(frozen=True)
class FieldModel:
    """One field: its kind in criteria, its scale, and the labels of the definition."""

    name: str
    kind: str
    scale: int | None = None
    label: Mapping[str, str] | None = None
    choices: tuple[Mapping[str, Any], ...] = ()
    currency: str | None = None
    target: str | None = None

    def criteria_field(self, readable: bool) -> Field:
        """The field as criteria see it."""
        choices = [choice["value"] for choice in self.choices] or None
        return Field(self.name, self.kind, readable, self.scale, self.currency, choices, self.target)

    def plans(self) -> list[ColumnPlan]:
        """The columns of the field: one, or amount and currency of money."""
        kept, column = _KEPT[self.kind], self.column
        duckdb = kept.duckdb.format(scale=self.scale)
        value = f'row."{self.name}"'
        if self.kind == "money":
            return [ColumnPlan(column, kept.column(MONEY_SCALE), duckdb, self.name, _MONEY, f"{value}.amount"),
                    ColumnPlan(column + CURRENCY, PlainText(), "VARCHAR", self.name, _MONEY, f"{value}.currency")]
        return [ColumnPlan(column, kept.column(self.scale or 0), duckdb, self.name, kept.json,
                           kept.text.format(value=value))]

    @property
    def column(self) -> str:
        """The name of the (first) column; people's names never meet words of SQL."""
        return self.name if self.name in SYSTEM_KINDS else f"f_{self.name}"


class ObjectModel:
    """One object at one version in one generation; immutable, shared by all threads."""

    def __init__(self, definition: Mapping[str, Any], generation: int) -> None:
        self.definition, self.generation = definition, generation
        if not _NAME.match(definition["name"]):
            raise ValueError("an object has a name that no table can have")
        self.name: str = definition["name"]
        self.version: int = definition["version"]
        self.title_field: str | None = definition.get("title_field")
        self.sharing: Sharing | None = None  # of the view that the object is read in
        self.follows = tuple((body["name"], body["options"]["object"]) for body in definition["fields"]
                             if body["type"] == "reference" and (body.get("options") or {}).get("follow"))
        own = (_field(body) for body in definition["fields"] if _kind_of(body) in _KEPT and _NAME.match(body["name"]))
        self.fields = {name: FieldModel(name, kind) for name, kind in SYSTEM_KINDS.items()}
        self.fields |= {field.name: field for field in own}

    @cached_property
    def members(self) -> frozenset[str]:
        """Every member of a record that the definition knows, kept or not."""
        return frozenset(self.fields) | {body["name"] for body in self.definition["fields"]}

    @cached_property
    def plans(self) -> tuple[ColumnPlan, ...]:
        """The columns of the table, without `deleted`."""
        return tuple(plan for field in self.fields.values() for plan in field.plans())

    @cached_property
    def table(self) -> Table:
        """The table as statements see it."""
        columns = (Column(plan.name, plan.type) for plan in self.plans)
        return Table(f"o{self.generation}_{self.name}", MetaData(), *columns, Column("deleted", Boolean()))

    @cached_property
    def columns(self) -> dict[str, ColumnElement[Any]]:
        """Name → column as criteria want it, also inside money."""
        return self.columns_of(self.table)

    def columns_of(self, table: FromClause) -> dict[str, ColumnElement[Any]]:
        """The same for an alias of the table."""
        columns: dict[str, ColumnElement[Any]] = {}
        for name, field in self.fields.items():
            columns[name] = table.c[field.column]
            if field.kind == "money":
                columns[f"{name}.amount"] = table.c[field.column]
                columns[f"{name}.currency"] = table.c[field.column + CURRENCY]
        columns[OWNER_DEPARTMENT] = columns["department_id"]
        return columns

    def columns_beyond(self, table: FromClause) -> dict[str, ColumnElement[Any]]:
        """The same for an alias that references lead to: they are kept as texts, so its id is compared as one."""
        columns = self.columns_of(table)
        return columns | {"id": cast(columns["id"], Text)}

    def criteria_fields(self, policy: ObjectPolicy) -> dict[str, Field]:
        """What a caller may speak of."""
        return {name: field.criteria_field(name in ALWAYS_READABLE or policy.readable(name))
                for name, field in self.fields.items()}


def _kind_of(body: Mapping[str, Any]) -> str:
    """The type of a field's values; those of a formula or roll-up are what it is worked out to."""
    calculated = body["type"] in ("formula", "rollup")
    return (body.get("options") or {}).get("result", "integer") if calculated else body["type"]


def _field(body: Mapping[str, Any]) -> FieldModel:
    kind, options = _kind_of(body), body.get("options") or {}
    scales = {"money": MONEY_SCALE, "percent": PERCENT_SCALE, "decimal": options.get("scale", DECIMAL_SCALE)}
    return FieldModel(body["name"], kind, scales.get(kind), body.get("label"), tuple(options.get("choices") or ()),
                      options.get("currency", "CNY") if kind == "money" else None,
                      options.get("object") if kind == body["type"] else None)

