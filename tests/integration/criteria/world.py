"""Generated records, criteria and scopes over every kind of field.

Values come from small pools of troublesome ones, so that records and criteria meet often: letters that fold
in odd ways, wildcards, moments one microsecond around a boundary, the largest numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from hypothesis import strategies as st

from chassis.criteria import OPERATORS, Field, Scope
from chassis.criteria.periods import PERIODS

CHOICES = ("a", "b", "a_b", "ab", "axb")
IDS = tuple(f"0190f3a0-0000-7000-8000-00000000000{digit}" for digit in "123456789abcdef")
_LETTERS = "aAbBkK\u212aiIıİſsSßẞσςΣåÅ\u212bǅǆǄÀàжЖｆＦ𐐀𐐨%_!\\'\"|投诉😀\u0307\u0345 \n\t"
_ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe")
_MOMENTS = (
    datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
    datetime(2018, 11, 4, 3, 0, tzinfo=UTC),
    datetime(2025, 12, 31, 16, 0, tzinfo=UTC),
    datetime(2011, 12, 30, 10, 0, tzinfo=UTC),
)
_DURATIONS = ("0d", "1d", "3d", "2w", "1w")
_BELOW = {IDS[0]: IDS[1:4], IDS[1]: IDS[2:4], IDS[4]: ()}

FIELDS = {
    field.name: field
    for field in (
        Field("id", "id"),
        Field("name", "text"),
        Field("code", "auto_number"),
        Field("note", "long_text"),
        Field("phone", "phone"),
        Field("email", "email"),
        Field("site", "url"),
        Field("area", "region"),
        Field("quantity", "integer"),
        Field("ratio", "decimal", scale=6),
        Field("share", "percent", scale=2),
        Field("budget", "money", scale=2, currency="CNY"),
        Field("spent", "money", scale=2),
        Field("due", "date"),
        Field("seen", "datetime"),
        Field("active", "boolean"),
        Field("stage", "choice", choices=CHOICES),
        Field("tags", "multi_choice", choices=CHOICES),
        Field("owner_id", "user"),
        Field("department_id", "department"),
        Field("customer_id", "reference", target="customer"),
        Field("friend_ids", "reference_list", target="customer"),
        Field("place", "address"),
        Field("papers", "file"),
    )
}

PATHS = {name: field.kind for name, field in FIELDS.items()} | {
    "budget.amount": "decimal",
    "budget.currency": "text",
    "owner.department": "department",
    "place.city": "text",
    "place.street": "text",
}
_TEXT_FIELDS = ("name", "code", "note", "phone", "email", "site", "area")
_TICK = timedelta(microseconds=1)


def numbers(scale: int) -> list[Decimal]:
    """Small ones, the finest steps around zero, and the largest that a column can hold."""
    unit = Decimal(1).scaleb(-scale)
    extreme = (10**18 - 1) * unit
    small = [Decimal(number).scaleb(-1) for number in range(-20, 21, 5)]
    return [number.quantize(unit) for number in (*small, -unit, unit, 2 * unit, extreme, -extreme)]


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    someone = st.none() | st.sampled_from(IDS[:6])
    return Scope(
        draw(st.sampled_from(_MOMENTS)),
        draw(st.sampled_from(_ZONES)),
        draw(someone),
        draw(someone),
        lambda department: _BELOW.get(department, ()),
    )


def days(scope: Scope) -> list[date]:
    """Days around the caller's today, and the ends of the calendar."""
    around = [scope.today + timedelta(offset) for offset in range(-35, 36)]
    return [*around, date(1000, 1, 1), date(9998, 12, 31), scope.today.replace(month=1, day=1)]


@cache
def moments(scope: Scope) -> list[datetime]:
    """Moments around now and around the caller's midnights, and those one microsecond off either way."""
    midnights = (datetime.combine(scope.today + timedelta(day), time(), scope.zone) for day in range(-15, 16))
    distances = (timedelta(days) for days in (-14, -7, -3, -1, 0, 1, 3, 7, 14))
    exact = [*(midnight.astimezone(UTC) for midnight in midnights), *(scope.now + one for one in distances)]
    return [moment + tick for moment in exact for tick in (-_TICK, timedelta(), _TICK)]


def record(random: Random, scope: Scope) -> dict[str, Any]:
    """A record with Python values; `on_the_wire` and the tables make of them what they need."""
    pools: dict[str, Callable[[], Any]] = dict.fromkeys(_TEXT_FIELDS, lambda: _text(random)) | {
        "quantity": lambda: random.choice((-2, -1, 0, 1, 2, 2**31 - 1, -(2**31))),
        "ratio": lambda: random.choice(numbers(6)),
        "share": lambda: random.choice(numbers(2)),
        "budget": lambda: (random.choice(numbers(2)), random.choice(("CNY", "CNY", "USD"))),
        "spent": lambda: (random.choice(numbers(2)), random.choice(("CNY", "USD"))),
        "due": lambda: random.choice(days(scope)),
        "seen": lambda: random.choice(moments(scope)),
        "active": lambda: random.random() < 0.5,
        "stage": lambda: random.choice(CHOICES),
        "tags": lambda: random.sample(CHOICES, random.randrange(4)),
        "friend_ids": lambda: random.sample(IDS[:6], random.randrange(4)),
        "place": lambda: _address(random),
        "papers": lambda: [{"id": IDS[0], "name": "a.pdf"}],
    } | dict.fromkeys(("owner_id", "department_id", "customer_id"), lambda: random.choice(IDS[:6]))
    return {name: None if random.random() < 0.2 else draw() for name, draw in pools.items()}


def _text(random: Random) -> str:
    """A short text, now and then with any character that Unicode and PostgreSQL know."""
    if random.random() < 0.8:
        return "".join(random.choices(_LETTERS, k=random.randrange(9)))
    codes = (random.choice((0xFF, 0x2FFF, 0xD7FF, 0x1FFFF)) for _ in range(4))
    return "".join(chr(random.randint(0xA0, code)) for code in codes).encode("utf-16", "ignore").decode("utf-16")


def _address(random: Random) -> dict[str, str] | None:
    parts = {part: _text(random) for part in ("province", "city", "street") if random.random() < 0.7}
    return {part: text for part, text in parts.items() if text} or None


def on_the_wire(record: dict[str, Any]) -> dict[str, Any]:
    """The record as events and the API carry it."""
    return {name: _wire(value) for name, value in record.items()}


def _wire(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return {"amount": format(value[0], "f"), "currency": value[1]}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


@st.composite
def criteria(draw: st.DrawFn, scope: Scope, depth: int = 2) -> dict[str, Any]:
    shape = draw(st.sampled_from(("clause", "clause", "clause", "all", "any", "not"))) if depth else "clause"
    if shape == "clause":
        path = draw(st.sampled_from(tuple(PATHS)))
        return draw(clause(scope, path, draw(st.sampled_from(sorted(OPERATORS[PATHS[path]])))))
    if shape == "not":
        return {"not": draw(criteria(scope, depth - 1))}
    return {shape: draw(st.lists(criteria(scope, depth - 1), max_size=3))}


@st.composite
def clause(draw: st.DrawFn, scope: Scope, path: str, op: str) -> dict[str, Any]:
    """A clause over that field with that operator."""
    if op in ("is_set", "is_empty"):
        return {"field": path, "op": op}
    value = _values_of(path, op, scope)
    if op in ("in", "not_in", "has_any", "has_all", "has_none"):
        value = st.lists(value, min_size=1, max_size=4)
    if op == "between":
        value = st.lists(value, min_size=2, max_size=2)
    return {"field": path, "op": op, "value": draw(value)}


def _values_of(path: str, op: str, scope: Scope) -> st.SearchStrategy[Any]:
    if op in ("older_than", "within_last", "within_next"):
        return st.sampled_from(_DURATIONS if path == "due" else (*_DURATIONS, "12h", "30m", "24h"))
    if op == "on":
        return st.sampled_from(tuple(PERIODS))
    if path in ("place.city", "place.street"):
        return _needles(path, scope)
    if path == "budget.currency":
        return st.sampled_from(("CNY", "USD", "c", "Y"))
    return _VALUES[PATHS[path]](path, scope)


def _moment_values(_path: str, scope: Scope) -> st.SearchStrategy[str]:
    return st.sampled_from((*moments(scope), *days(scope))).map(_wire)


def _decimal_values(path: str, _scope: Scope) -> st.SearchStrategy[Any]:
    return st.sampled_from((*numbers(6 if path == "ratio" else 2), -1, 0, 1)).map(_wire)


def _sampled(*values: Any) -> Callable[[str, Scope], st.SearchStrategy[Any]]:
    return lambda _path, _scope: st.sampled_from(values)


def _needles(_path: str, _scope: Scope) -> st.SearchStrategy[str]:
    anything = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=3)
    return st.text(_LETTERS, min_size=1, max_size=2) | anything


_VALUES: dict[str, Callable[[str, Scope], st.SearchStrategy[Any]]] = (
    dict.fromkeys((FIELDS[name].kind for name in _TEXT_FIELDS), _needles)
    | dict.fromkeys(("decimal", "percent", "money"), _decimal_values)
    | dict.fromkeys(("choice", "multi_choice"), _sampled(*CHOICES))
    | dict.fromkeys(("reference", "reference_list", "id"), _sampled(*IDS[:6]))
    | {"address": _needles}
    | {
        "integer": _sampled(-1, 0, 1, 2, 2**31, 2**31 - 1, 10**18 - 1, -(10**18) + 1),
        "date": lambda _path, scope: st.sampled_from(days(scope)).map(_wire),
        "datetime": _moment_values,
        "boolean": _sampled(True, False),
        "user": _sampled(*IDS[:6], "$me", "$me"),
        "department": _sampled(*IDS[:6], "$my_department", "$my_department"),
    }
)
