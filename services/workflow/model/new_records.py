"""The values that a rule gives to a record, its own or one that it creates: constants, copies from the record that the
rule is about, and formulas.

A constant is what the field keeps. `{"from": "name"}` copies a field, `{"from": "id"}` in a reference links a new
record to the one that the rule is about, and `{"formula": "…"}` works a value out of the fields of that record.
Whether a copy or a formula fits its field is checked when the rule is saved; whether the value does (its length, its
choices), the customer service says when it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chassis.criteria import Scope
from chassis.formulas import RESULTS, Formula, FormulaError, Result, Schema, compile_formula
from chassis.i18n import LOCALES
from services.workflow.model.objects import SYSTEM_KINDS, FieldModel, ObjectModel
from services.workflow.model.texts import Texts
from services.workflow.model.values import SETTABLE, worked_out

if TYPE_CHECKING:
    from services.workflow.model.actions import Checker

FROM, FORMULA = "from", "formula"
MAX_VALUES = 200
_TEXTS = frozenset({"text", "long_text", "phone", "email", "url", "region"})
_MAX_TEXT = 20_000
_MAY_COME_FROM: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_TEXTS, _TEXTS | {"auto_number"}), "decimal": frozenset({"decimal", "integer"})}

Row = Mapping[str, Any]


class CannotFill(Exception):
    """A formula gives no value for this record; `field` is the field, `reason` says why, by language."""

    def __init__(self, field: FieldModel, reason: Texts) -> None:
        super().__init__(field.name)
        self.field, self.reason = field, reason


def check_new_values(target: ObjectModel, values: Any, checker: Checker, pointer: str) -> dict[str, Any]:
    """Return the values of a new record as they are kept; faults go to the checker."""
    if not isinstance(values, dict):
        checker.wrong(pointer, "required")
        return {}
    if len(values) > MAX_VALUES:
        checker.wrong(pointer, "too_many_values", limit=MAX_VALUES)
        return {}
    for name, field in target.fields.items():
        if field.required and not field.filled and name not in values:
            checker.wrong(f"{pointer}/{name}", "required")
    return {name: check_given(target, name, value, checker, f"{pointer}/{_step(name)}")
            for name, value in values.items()}


def new_values(values: Row, target: ObjectModel, source: ObjectModel, record: Row, scope: Scope,
               today: date) -> dict[str, Any]:
    """Work the values out for a new record; what is copied or worked out and empty is left to the field's default.
    Raises CannotFill."""
    found = given_values(values, target, source, record, scope, today)
    return {name: value for name, value in found.items() if value is not None or values[name] is None}


def given_values(values: Row, target: ObjectModel, source: ObjectModel, record: Row, scope: Scope,
                 today: date) -> dict[str, Any]:
    """Work the values out for a record. Raises CannotFill."""
    return {name: _worked_out(target, name, value, source, record, scope, today) for name, value in values.items()}


def sources_of(values: Row, source: ObjectModel) -> dict[str, list[str]]:
    """The fields of the record that each value is taken from."""
    return {name: _read_by(value, source) for name, value in values.items()}


def check_given(target: ObjectModel, name: str, value: Any, checker: Checker, pointer: str) -> Any:
    """Return the value of a field as it is kept: a constant, a copy or a formula; faults go to the checker."""
    way = _way(value)
    if way is None:
        return checker.value(target, name, value, pointer)
    field = target.fields.get(name)
    if field is None or field.calculated or field.type not in SETTABLE:
        checker.wrong(pointer, "field_not_settable" if target.has(name) else "field_unknown")
    elif way == FROM:
        _check_copy(field, value[FROM], checker, f"{pointer}/{FROM}")
    else:
        _check_formula(target, field, value[FORMULA], checker, f"{pointer}/{FORMULA}")
    return value


def _way(value: Any) -> str | None:
    """How a value is found; None for a constant."""
    return next((way for way in (FROM, FORMULA) if isinstance(value, dict) and value.keys() == {way}), None)


def _check_copy(field: FieldModel, name: Any, checker: Checker, pointer: str) -> None:
    source = checker.object
    if not isinstance(name, str) or not source.has(name):
        checker.wrong(pointer, "field_unknown")
    elif not _fits(field, name, source):
        checker.wrong(pointer, "copy_does_not_fit")


def _fits(field: FieldModel, name: str, source: ObjectModel) -> bool:
    if field.type == "reference":
        own = source.fields.get(name)
        target = source.name if name == "id" else own.target if own is not None and own.type == "reference" else None
        return field.target == target
    kind = source.fields[name].type if name in source.fields else SYSTEM_KINDS[name]
    return kind == field.type or kind in _MAY_COME_FROM.get(field.type, ())


def _check_formula(target: ObjectModel, field: FieldModel, text: Any, checker: Checker, pointer: str) -> None:
    if not isinstance(text, str) or not text.strip():
        checker.wrong(pointer, "required")
    elif _result(field) is None:
        checker.wrong(pointer, "formula_does_not_fit")
    else:
        try:
            _compiled(checker.object, target, field.name, text)
        except FormulaError as error:
            checker.wrong(pointer, "formula_wrong", said={locale: error.detail(locale) for locale in LOCALES})


def _result(field: FieldModel) -> Result | None:
    """What a formula has to give for a field; None for one that no formula fills."""
    options = dict(field.options)
    if field.type in _TEXTS:
        return Result("text", {"max_length": options.get("max_length") or _MAX_TEXT})
    if field.type == "money":
        options["currency"] = options.get("currency") or "CNY"
    return Result(field.type, options) if field.type in RESULTS else None


@lru_cache(maxsize=500)
def _compiled(source: ObjectModel, target: ObjectModel, name: str, text: str) -> Formula:
    return compile_formula(text, Schema(source.formula_fields), _result(target.fields[name]))


def _worked_out(target: ObjectModel, name: str, value: Any, source: ObjectModel, record: Row, scope: Scope,
                today: date) -> Any:
    way = _way(value)
    if way is None:
        return worked_out(value, scope.now, today)
    if way == FROM:
        return record.get(value[FROM])
    field = target.fields.get(name)
    if field is None:  # gone since the rule was saved: the customer service names it
        return None
    try:
        return _compiled(source, target, name, value[FORMULA]).evaluate(record, scope)
    except FormulaError as error:
        raise CannotFill(field, {locale: error.detail(locale) for locale in LOCALES}) from None
    except (ArithmeticError, ValueError) as error:
        raise CannotFill(field, dict.fromkeys(LOCALES, str(error))) from None


def _read_by(value: Any, source: ObjectModel) -> list[str]:
    way = _way(value)
    if way is None:
        return []
    if way == FROM:
        return [value[FROM]]
    return sorted({path[0] for path in compile_formula(value[FORMULA], Schema(source.formula_fields)).reads})


def _step(name: str) -> str:
    return name[:100].replace("~", "~0").replace("/", "~1")
