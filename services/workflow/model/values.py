"""Values that a rule writes: checked against the field when the rule is saved, so that a run does not fail for them.

The customer service checks each value once more when it is written; what is checked here is what a person can get
wrong in the editor. `$now` and `$today` are understood by moments and dates and are worked out when the rule runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from chassis.http.parsing import has_control_characters
from chassis.ids import is_id
from services.workflow.model.objects import FieldModel

NOW, TODAY = "$now", "$today"
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,10})?\Z", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}\Z", re.ASCII)
_MAX_INTEGER = 2**53 - 1
_MAX_TEXT = 20_000


class BadValue(Exception):
    """A value that its field cannot hold; `code` names the sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def check_value(field: FieldModel, value: Any) -> Any:
    """Return the value in the form the customer service keeps; raises BadValue."""
    if field.calculated:
        raise BadValue("field_not_settable")
    if value is None:
        if field.required:
            raise BadValue("required")
        return None
    checker = _CHECKS.get(field.type)
    if checker is None:
        raise BadValue("field_not_settable")
    return checker(field, value)


def _text(field: FieldModel, value: Any) -> str:
    limit = int(field.options.get("max_length") or _MAX_TEXT)
    if not isinstance(value, str):
        raise BadValue("wrong_type")
    if has_control_characters(value):
        raise BadValue("control_characters")
    if len(value) > limit:
        raise BadValue("too_long", limit=limit)
    return value


def _integer(field: FieldModel, value: Any) -> int:
    if type(value) is not int or abs(value) > _MAX_INTEGER:
        raise BadValue("wrong_type")
    _within(field, Decimal(value))
    return value


def _decimal(field: FieldModel, value: Any) -> str:
    return _exact(field, value, 2 if field.scale is None else field.scale)


def _money(field: FieldModel, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or "amount" not in value or not value.keys() <= {"amount", "currency"}:
        raise BadValue("not_money")
    currency = value.get("currency") or field.options.get("currency") or "CNY"
    if not isinstance(currency, str) or not _CURRENCY.match(currency):
        raise BadValue("not_money")
    return {"amount": _exact(field, value["amount"], 2), "currency": currency}


def _exact(field: FieldModel, value: Any, scale: int) -> str:
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _NUMBER.match(text):
        raise BadValue("wrong_type")
    number = Decimal(text)
    if number != number.quantize(Decimal(1).scaleb(-scale)):
        raise BadValue("too_many_decimals", limit=scale)
    _within(field, number)
    return format(number.quantize(Decimal(1).scaleb(-scale)) + 0, "f")


def _within(field: FieldModel, number: Decimal) -> None:
    low, high = field.options.get("min"), field.options.get("max")
    if (low is not None and number < Decimal(str(low))) or (high is not None and number > Decimal(str(high))):
        raise BadValue("out_of_range")


def _date(_: FieldModel, value: Any) -> str:
    if value == TODAY:
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        raise BadValue("not_a_date")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BadValue("not_a_date") from None


def _datetime(_: FieldModel, value: Any) -> str:
    if value == NOW:
        return value
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise BadValue("not_a_moment")
        return wire_moment(moment)
    except (TypeError, ValueError, OverflowError):
        raise BadValue("not_a_moment") from None


def _boolean(_: FieldModel, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadValue("wrong_type")
    return value


def _choice(field: FieldModel, value: Any) -> str:
    if not isinstance(value, str) or value not in field.choices:
        raise BadValue("not_a_choice")
    return value


def _multi_choice(field: FieldModel, value: Any) -> list[str] | None:
    if not isinstance(value, list):
        raise BadValue("wrong_type")
    chosen = {_choice(field, one) for one in value}
    return [choice for choice in field.choices if choice in chosen] or None


def _link(_: FieldModel, value: Any) -> str:
    if not is_id(value):
        raise BadValue("not_an_id")
    return value


Check = Callable[[FieldModel, Any], Any]

_CHECKS: dict[str, Check] = {
    **dict.fromkeys(("text", "long_text", "phone", "email", "url", "region"), _text),
    **dict.fromkeys(("decimal", "percent"), _decimal),
    **dict.fromkeys(("user", "department", "reference"), _link),
    "integer": _integer, "money": _money, "date": _date, "datetime": _datetime, "boolean": _boolean,
    "choice": _choice, "multi_choice": _multi_choice,
}
SETTABLE = frozenset(_CHECKS)


def wire_moment(moment: datetime) -> str:
    """Return a moment as records carry it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def worked_out(value: Any, now: datetime, today: date) -> Any:
    """Return the value that a run writes: `$now` and `$today` become what they mean at that moment."""
    if value == NOW:
        return wire_moment(now)
    return today.isoformat() if value == TODAY else value
