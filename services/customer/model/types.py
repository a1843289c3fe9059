"""The field types, one row each: everything the product does with a type is in its row.

A new type is a new row here and a storage name in `store.columns`; nothing else asks for a type's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

from chassis.criteria import ADDRESS_PARTS, address_line
from chassis.jsonio import dumps, loads
from services.customer.model import options as o
from services.customer.model.calculated import options as calculated
from services.customer.model.numbering import number_format
from services.customer.model.values import address, choices, files, links, numbers, reach, rules, text, times

Options = Mapping[str, Any]
Convert = Callable[[Any], Any]
Schema = dict[str, Any]


class Storage(NamedTuple):
    """A column in words of the model; `store.columns` knows the database's words."""

    kind: str
    size: tuple[int, ...] = ()


@dataclass(frozen=True)
class Composite:
    """A value of several columns: the field's own, which sorts and searches, and others with a suffix.

    `spread` and `gather` go between a value and its columns, `key` is what orders it; `parts` says for each part that
    criteria may name the suffix of its column.
    """

    others: Mapping[str, Storage]
    parts: Mapping[str, str]
    spread: Callable[[Any], tuple[Any, ...]]
    gather: Callable[..., Any]
    key: Convert


@dataclass(frozen=True)
class FieldType:
    """One field type; `kind` is its kind in criteria, the callables depend on the field's options.

    `given`: people give the value; `searchable`: a search looks into it; `unique`: values may be unique;
    `in_sheets`: a cell can say it. What orders a composite goes through `bind`.
    """

    name: str
    kind: str
    storage: Callable[[Options], Storage]
    coerce: Callable[[Options], Convert]
    schema: Callable[[Options], Schema]
    options: tuple[o.Option, ...] = ()
    bind: Convert | None = None
    load: Convert | None = None
    cell: Callable[[Options], Convert] = lambda _: text.cell
    sortable: bool = True
    indexable: bool = True
    searchable: bool = False
    unique: bool = False
    given: bool = True
    in_sheets: bool = True
    composite: Composite | None = None


def _fixed(value: Any) -> Callable[[Options], Any]:
    return lambda _: value


def _string(**more: Any) -> Callable[[Options], Schema]:
    return _fixed({"type": "string", **more})


def _limited(options: Options) -> Schema:
    return {"type": "string", "maxLength": options["max_length"], **_patterned(options)}


def _patterned(options: Options) -> Schema:
    return {"pattern": f"^(?:{options['pattern']})$"} if "pattern" in options else {}


def _days(coerce: Convert) -> Callable[[Options], Convert]:
    return lambda opt: rules.within_days(coerce, opt.get("min"), opt.get("max"))


def _bounds(options: Options) -> tuple[Decimal | None, Decimal | None]:
    low, high = options.get("min"), options.get("max")
    return (None if low is None else Decimal(low), None if high is None else Decimal(high))


def _values(options: Options) -> list[str]:
    return [choice["value"] for choice in options["choices"]]


def _choice_words(options: Options) -> dict[str, str]:
    words = {}
    for choice in options["choices"]:
        words |= {text.folded(label): choice["value"] for label in choice["label"].values()}
    return words | {text.folded(value): value for value in _values(options)}


def _integer_schema(options: Options) -> Schema:
    limits = {"minimum": options.get("min"), "maximum": options.get("max")}
    return {"type": "integer", **{name: value for name, value in limits.items() if value is not None}}


_NUMBER = {"pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_MONEY = {"type": "object", "required": ["amount", "currency"],
          "properties": {"amount": {"type": "string", **_NUMBER},
                         "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}}}
_MONEY_COLUMNS = Composite(
    {"__currency": Storage("text")}, {"amount": "", "currency": "__currency"}, numbers.spread, numbers.gather,
    itemgetter("amount"))
_ADDRESS = {"type": "object", "additionalProperties": False, "properties": {
    part: {"type": "string", "maxLength": size} for part, size in address.MAX_PART.items()}}
_ADDRESS_COLUMNS = Composite(
    {f"__{part}": Storage("text") for part in ADDRESS_PARTS}, {part: f"__{part}" for part in ADDRESS_PARTS},
    address.spread, address.gather, address_line)
_FILES = {"type": "array", "items": {"type": "object", "required": ["id"], "properties": {
    "id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}, "size": {"type": "integer"},
    "type": {"type": "string"}}}}
_LIMITS = (o.Option("min", o.exact), o.Option("max", o.exact))
_ANY_WHOLE = o.whole(-numbers.MAX_INTEGER, numbers.MAX_INTEGER)
_WHOLE_LIMITS = (o.Option("min", _ANY_WHOLE), o.Option("max", _ANY_WHOLE))
_PATTERN = o.Option("pattern", rules.pattern)
_CHOICES = (o.Option("choices", o.choice_list, o.REQUIRED),)
MANAGED = o.Option("managed", o.yes_or_no)  # the system gives the values and changes the field, see model.pools
_PERCENT = (numbers.PERCENT_PRECISION, numbers.PERCENT_SCALE)
RESULT_OPTIONS = (o.Option("max_length", o.whole(1, 4000), 255), o.Option("precision", o.whole(1, 18), 18),
                   o.Option("scale", o.whole(0, 10), 2), o.Option("currency", o.currency, "CNY"))
KEEP_CURRENCY = o.Option("keep_currency", o.yes_or_no)  # calculated money stays in the currency of its amounts
_OF_RESULT = {"storage": _fixed(Storage("text")), "coerce": _fixed(text.one_line(255)), "schema": _string(),
              "given": False}  # `FieldDef.row` is the row of the result; these say only that nobody gives the values
_ID = {"storage": _fixed(Storage("id")), "coerce": _fixed(links.identifier), "schema": _string(format="uuid")}

_TABLE = (
    FieldType("text", "text", lambda opt: Storage("sorted_text", (opt["max_length"],)),
              lambda opt: rules.matching(text.one_line(opt["max_length"]), opt.get("pattern")), _limited,
              (o.Option("max_length", o.whole(1, 4000), 255), _PATTERN), searchable=True, unique=True),
    FieldType("long_text", "long_text", _fixed(Storage("long_text")),
              lambda opt: rules.matching(text.many_lines(opt["max_length"]), opt.get("pattern")), _limited,
              (o.Option("max_length", o.whole(1, 100_000), 20_000), _PATTERN), sortable=False, indexable=False),
    FieldType("integer", "integer", _fixed(Storage("integer")),
              lambda opt: numbers.integer(opt.get("min"), opt.get("max")), _integer_schema,
              _WHOLE_LIMITS, cell=_fixed(numbers.integer_cell), unique=True),
    FieldType("decimal", "decimal", lambda opt: Storage("exact", (opt["precision"], opt["scale"])),
              lambda opt: numbers.decimal(opt["precision"], opt["scale"], *_bounds(opt)), _string(**_NUMBER),
              (o.Option("precision", o.whole(1, 18), 18), o.Option("scale", o.whole(0, 10), 2), *_LIMITS),
              bind=Decimal, load="{:f}".format, cell=_fixed(numbers.cell)),
    FieldType("money", "money", _fixed(Storage("money")),
              lambda opt: numbers.money(opt["currency"], *_bounds(opt)), _fixed(_MONEY),
              (o.Option("currency", o.currency, "CNY"), *_LIMITS), bind=Decimal, composite=_MONEY_COLUMNS,
              cell=lambda opt: numbers.money_cell(opt["currency"])),
    FieldType("percent", "percent", _fixed(Storage("exact", _PERCENT)),
              lambda opt: numbers.decimal(*_PERCENT, *_bounds(opt)), _string(**_NUMBER),
              _LIMITS, bind=Decimal, load="{:f}".format, cell=_fixed(numbers.cell)),
    FieldType("date", "date", _fixed(Storage("date")), _days(times.day), _string(format="date"),
              (o.Option("min", times.day), o.Option("max", times.day)),
              bind=date.fromisoformat, load=date.isoformat, cell=_fixed(times.day_cell)),
    FieldType("datetime", "datetime", _fixed(Storage("datetime")), _days(times.moment), _string(format="date-time"),
              (o.Option("min", times.moment), o.Option("max", times.moment), MANAGED),
              bind=times.parse_moment, load=times.moment_text),
    FieldType("boolean", "boolean", _fixed(Storage("boolean")), _fixed(choices.boolean),
              _fixed({"type": "boolean"}), cell=_fixed(choices.boolean_cell)),
    FieldType("choice", "choice", _fixed(Storage("text", (40,))), lambda opt: choices.one_of(_values(opt)),
              _string(), (*_CHOICES, MANAGED), cell=lambda opt: choices.choice_cell(_choice_words(opt))),
    FieldType("multi_choice", "multi_choice", _fixed(Storage("long_text")),
              lambda opt: choices.several_of(_values(opt)),
              _fixed({"type": "array", "items": {"type": "string"}}),
              (*_CHOICES, o.Option("tags", o.yes_or_no)), bind=choices.pack, load=choices.unpack,
              sortable=False, indexable=False,
              cell=lambda opt: choices.several_cell(_choice_words(opt))),
    FieldType("phone", "phone", _fixed(Storage("text", (reach.MAX_PHONE,))),
              lambda opt: rules.matching(reach.phone(opt["country"]), opt.get("pattern")), _string(),
              (o.Option("country", o.country, "CN"), _PATTERN), searchable=True, unique=True),
    FieldType("email", "email", _fixed(Storage("text", (reach.MAX_EMAIL,))),
              lambda opt: rules.matching(reach.email, opt.get("pattern")), _string(), (_PATTERN,),
              searchable=True, unique=True),
    FieldType("url", "url", _fixed(Storage("text", (reach.MAX_URL,))),
              lambda opt: rules.matching(reach.url, opt.get("pattern")), _string(), (_PATTERN,), indexable=False),
    FieldType("region", "region", _fixed(Storage("sorted_text", (255,))), _fixed(text.region(255)),
              _string()),
    FieldType("address", "address", _fixed(Storage("sorted_text", (500,))), _fixed(address.address), _fixed(_ADDRESS),
              cell=_fixed(address.cell), composite=_ADDRESS_COLUMNS, indexable=False, searchable=True),
    FieldType("user", "user", **_ID),
    FieldType("department", "department", **_ID),
    FieldType("reference", "reference", **_ID, options=(o.Option("object", o.object_name, o.REQUIRED),
                                                        o.Option("follow", o.follow))),
    FieldType("reference_list", "reference_list", _fixed(Storage("long_text")),
              lambda opt: links.several(opt["max_links"]),
              _fixed({"type": "array", "items": {"type": "string", "format": "uuid"}}),
              (o.Option("object", o.object_name, o.REQUIRED),
               o.Option("max_links", o.whole(1, links.MAX_LINKS), 100)),
              bind=choices.pack, load=choices.unpack, sortable=False, indexable=False),
    *(FieldType(name, name, _fixed(Storage("long_text")), lambda opt: files.several(opt["max_files"]), _fixed(_FILES),
                (o.Option("max_files", o.whole(1, files.MAX_FILES), 10),), bind=dumps, load=loads,
                sortable=False, indexable=False, in_sheets=False) for name in ("file", "image")),
    FieldType("auto_number", "auto_number", _fixed(Storage("text", (40,))), _fixed(text.one_line(40)),
              _string(),
              (o.Option("prefix", o.prefix, ""), o.Option("digits", o.whole(1, 12), 6),
               o.Option("format", number_format)),
              searchable=True, unique=True, given=False),
    FieldType("formula", "text", **_OF_RESULT, options=(
        o.Option("expression", calculated.expression, o.REQUIRED),
        o.Option("result", calculated.result, o.REQUIRED), o.Option("choices", o.choice_list), *RESULT_OPTIONS,
        KEEP_CURRENCY)),
    FieldType("rollup", "text", **_OF_RESULT, options=(
        o.Option("object", calculated.name, o.REQUIRED), o.Option("reference", calculated.name),
        o.Option("match", calculated.match), o.Option("period", calculated.period),
        o.Option("function", calculated.function, o.REQUIRED), o.Option("field", calculated.name),
        o.Option("criteria", calculated.criteria), o.Option("result", calculated.rollup_result, "integer"),
        *RESULT_OPTIONS, KEEP_CURRENCY)),
)

FIELD_TYPES: Mapping[str, FieldType] = {row.name: row for row in _TABLE}
CALCULATED_TYPES = frozenset({"formula", "rollup"})
LINK_TYPES = frozenset({"user", "department", "reference", "reference_list"})
FILE_TYPES = frozenset({"file", "image"})
REFERENCE_TYPES = frozenset({"reference", "reference_list"})
