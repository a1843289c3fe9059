"""From values of one field type to values of another: by the words that people would write.

A value is written as it would stand in a cell of a sheet, and read as an importer would read that cell into the new
field, so "1.5万" becomes a number and "华东" the choice of that label. Whatever the new field refuses does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any

from services.customer.model.faults import BadValueError, Fault, InvalidError
from services.customer.model.fields import FieldDef, read_field
from services.customer.model.labels import label_in
from services.customer.model.mapping.readers import reader_of
from services.customer.model.mapping.targets import Target
from services.customer.model.types import FIELD_TYPES
from services.customer.model.values import times

TARGETS = ("text", "long_text", "phone", "email", "url", "region", "integer", "decimal", "money", "percent", "date",
           "datetime", "choice", "multi_choice", "boolean")
SOURCES = (*TARGETS, "auto_number")
_NUMBERS = frozenset({"integer", "decimal", "percent"})
_YES_NO = {"en": ("Yes", "No"), "zh-CN": ("是", "否")}
Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Place:
    """Where a company is: the language of its words and its wall clock."""

    locale: str = "en"
    zone: tzinfo = UTC


def retyped(current: FieldDef, given: Mapping[str, Any]) -> FieldDef:
    """The field with another type or other options; raises InvalidError with every fault."""
    kind = given.get("type", current.type)
    if current.type not in SOURCES or current.options.get("tags") or current.is_managed:
        raise InvalidError.at("/type", "type_stays")
    if kind not in TARGETS:
        raise InvalidError.at("/type", "not_one_of", words=", ".join(TARGETS))
    row = FIELD_TYPES[kind]
    made = read_field({**current.to_wire(), "type": kind, "options": given.get("options"), "default": None,
                       "unique": current.unique and row.unique, "indexed": current.indexed and row.indexable,
                       "required": current.required and row.given}, current.position)
    if (made.type, made.options) == (current.type, current.options):
        raise InvalidError([Fault("/type", "same_type")])
    return made


def converter(source: FieldDef, target: FieldDef, place: Place) -> Convert:
    """The new wire value of an old one; raises BadValueError for one that does not fit. None stays None."""
    write = _writer(source, target, place)
    read = reader_of(Target(target.name, target.type, target.label, options=target.options), place.zone)

    def convert(value: Any) -> Any:
        if value is None:
            return None
        cell = read(write(value))
        return None if cell is None or cell in ("", []) else target.coerce(cell)

    return _choosing(convert, source, target)


def forgiving(convert: Convert) -> Convert:
    """The same; what does not fit becomes empty."""

    def converted(value: Any) -> Any:
        try:
            return convert(value)
        except BadValueError:
            return None

    return converted


def with_default(target: FieldDef, source: FieldDef, convert: Convert) -> FieldDef:
    """The new field with the old default, when that fits."""
    if source.default is None or str(source.default).startswith("$"):
        return target
    default = forgiving(convert)(source.default)
    return target if default is None or target.unique else replace(target, default=default)


def _writer(source: FieldDef, target: FieldDef, place: Place) -> Convert:
    """What an old value looks like in a cell."""
    if "choices" in source.options:
        return _labelled(source, place.locale)
    if source.type == "boolean":
        return _yes_or_no(target, place.locale)
    if source.type == "money":
        in_figures = target.type in _NUMBERS
        return lambda value: value["amount"] if in_figures else f"{value['amount']} {value['currency']}"
    if source.type == "datetime":
        shape = "%Y-%m-%d" if target.type == "date" else "%Y-%m-%d %H:%M:%S"
        return lambda value: times.parse_moment(value).astimezone(place.zone).strftime(shape)
    if target.type in ("date", "datetime"):
        return str  # a small number is no day, as it would be in a cell
    return lambda value: value


def _yes_or_no(target: FieldDef, locale: str) -> Convert:
    if target.type in _NUMBERS:
        return int
    yes, no = _YES_NO.get(locale, _YES_NO["en"])
    return lambda value: value if target.type == "boolean" else yes if value else no


def _labelled(source: FieldDef, locale: str) -> Convert:
    words = {one["value"]: label_in(one["label"], locale, one["value"]) for one in source.options["choices"]}

    def write(value: Any) -> str:
        return "; ".join(words.get(one, one) for one in (value if isinstance(value, list) else [value]))

    return write


def _choosing(convert: Convert, source: FieldDef, target: FieldDef) -> Convert:
    """Between lists of choices the value behind a choice says more than its label."""
    if "choices" not in source.options or "choices" not in target.options:
        return convert
    known = {one["value"] for one in target.options["choices"]}

    def chosen(value: Any) -> Any:
        values = value if isinstance(value, list) else [value]
        if not known.issuperset(values):
            return convert(value)
        if target.type == "multi_choice":
            return target.coerce(values)
        if len(values) > 1:
            raise BadValueError("too_many_values", max=1)
        return values[0]

    return lambda value: None if value is None else chosen(value)
