"""A field as people define it, and what follows from the definition.

`state` tells how far the database has come: a field is `adding` until its column stands, then `ready`; a
field that was taken away is `removing` until its column is dropped. Only ready fields take part in
records. A field that was deleted is `binned` first: nobody sees it, its column keeps the values. A field that gets
another type has a second definition of its name, `converting`, until the new column is filled and takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from services.customer.model.faults import BadValueError, Fault, InvalidError, unknown_members
from services.customer.model.labels import MAX_HELP, check_label, check_optional_label
from services.customer.model.names import RESERVED_FIELDS, check_name
from services.customer.model.options import read_options
from services.customer.model.types import (
    CALCULATED_TYPES,
    FIELD_TYPES,
    FILE_TYPES,
    REFERENCE_TYPES,
    RESULT_OPTIONS,
    FieldType,
    Storage,
)
from services.customer.model.values.rules import explained

ADDING, READY, BINNED, REMOVING = "adding", "ready", "binned", "removing"
CONVERTING = "converting"
DYNAMIC_DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "$me": ("user",), "$my_department": ("department",), "$today": ("date",), "$now": ("datetime",),
}
MEMBERS = ("name", "type", "label", "help", "required", "unique", "indexed", "default", "position", "options",
           "message", "sensitive", "personal")
FIXED = ("name", "type")
MAX_POSITION = 10_000
MAX_INDEXED_LENGTH = 500  # a B-tree takes about 2,700 bytes
_FLAGS = ("required", "unique", "indexed", "sensitive")


@dataclass(frozen=True)
class FieldDef:
    """One field of an object; `column` is its name in the database."""

    name: str
    type: str
    label: Mapping[str, str]
    help: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    unique: bool = False
    indexed: bool = False
    default: Any = None
    position: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    message: Mapping[str, str] = field(default_factory=dict)
    sensitive: bool = False  # whoever reads a value is told to the audit log
    personal: bool | None = None  # whether it says who somebody is; None: as its type says (model.privacy)
    column: str = ""
    state: str = READY

    @property
    def value_type(self) -> str:
        """The type of the values: the field's own, or what it is calculated to."""
        return self.options["result"] if self.is_calculated else self.type

    @property
    def is_calculated(self) -> bool:
        """Whether nobody gives the values: a formula or a roll-up."""
        return self.type in CALCULATED_TYPES

    @property
    def is_managed(self) -> bool:
        """Whether the system keeps the field and its values: the pool of a record, and since when it has its owner."""
        return bool(self.options.get("managed"))

    @cached_property
    def row(self) -> FieldType:
        """The row of the type table; values that are calculated are those of another type, which nobody gives."""
        found = FIELD_TYPES[self.value_type]
        return replace(found, given=False, unique=False) if self.is_calculated or self.is_managed else found

    @cached_property
    def coerce(self) -> Callable[[Any], Any]:
        """Canonical wire value of any wire value, or BadValueError; None is not asked."""
        coerce = self.row.coerce(self.options)
        return explained(coerce, self.message) if self.message else coerce

    @cached_property
    def storage(self) -> Storage:
        """How the value is kept."""
        return self.row.storage(self.options)

    @property
    def has_index(self) -> bool:
        """Whether equality on the field is asked often: marked ones, references and people."""
        return self.indexed or self.type in ("reference", "user", "department")

    @property
    def target(self) -> str | None:
        """The object that a reference, or a list of them, points at."""
        return self.options.get("object") if self.type in REFERENCE_TYPES else None

    def to_wire(self) -> dict[str, Any]:
        """The definition as the API shows it."""
        return {name: getattr(self, name) for name in MEMBERS}


def read_field(given: Mapping[str, Any], position: int) -> FieldDef:
    """The field that a definition describes, or InvalidError with every fault."""
    faults = unknown_members(given, MEMBERS)
    name = _try(lambda: check_name(given.get("name"), RESERVED_FIELDS), "/name", faults)
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in FIELD_TYPES:
        raise InvalidError([*faults, Fault("/type", "unknown_type")])
    label = _try(lambda: check_label(given.get("label") or {"en": name}), "/label", faults)
    explained = _try(lambda: check_optional_label(given.get("help") or {}, MAX_HELP), "/help", faults)
    message = _try(lambda: check_optional_label(given.get("message") or {}, MAX_HELP), "/message", faults)
    options = _try(lambda: _options(kind, given.get("options")), "/options", faults)
    flags = {flag: _try(lambda flag=flag: _flag(given.get(flag)), f"/{flag}", faults) for flag in _FLAGS}
    flags["personal"] = _try(lambda: _flag(told) if (told := given.get("personal")) is not None else None, "/personal",
                             faults)
    place = _try(lambda: _position(given.get("position"), position), "/position", faults)
    if faults:
        raise InvalidError(faults)
    made = FieldDef(name, kind, label, explained, position=place, options=options, message=message, column=name,
                    state=ADDING, **flags)
    return _checked(replace(made, default=given.get("default")))


def change_field(current: FieldDef, given: Mapping[str, Any]) -> FieldDef:
    """The field with some members replaced; its name, type and way of storage stay."""
    for name in FIXED:
        if name in given and given[name] != getattr(current, name):
            raise InvalidError.at(f"/{name}", "cannot_change")
    changed = read_field({**current.to_wire(), **given}, current.position)
    for name in ("precision", "scale", "object", "result"):
        if changed.options.get(name) != current.options.get(name):
            raise InvalidError.at(f"/options/{name}", "cannot_change")
    if changed.options.get("max_length", 0) < current.options.get("max_length", 0):
        raise InvalidError.at("/options/max_length", "cannot_shrink")
    return replace(changed, column=current.column, state=current.state)


def _options(kind: str, given: Any) -> dict[str, Any]:
    if given is not None and not isinstance(given, dict):
        raise BadValueError("not_an_object")
    options = read_options(given or {}, FIELD_TYPES[kind].options)
    return _of_result(options) if kind in CALCULATED_TYPES else options


def _of_result(options: dict[str, Any]) -> dict[str, Any]:
    """The options without those that the type of the result does not take."""
    every = {*(option.name for option in RESULT_OPTIONS), "choices"}
    if options["result"] == "choice" and not options.get("choices"):
        raise InvalidError.at("/choices", "required")
    if options.get("keep_currency") and options["result"] != "money":
        raise InvalidError.at("/keep_currency", "unknown_option")
    taken = {option.name for option in FIELD_TYPES[options["result"]].options}
    return {name: value for name, value in options.items() if name in taken or name not in every}


def _flag(value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise BadValueError("not_boolean")
    return bool(value)


def _position(value: Any, fallback: int) -> int:
    if value is None:
        return fallback
    if type(value) is not int or not 0 <= value <= MAX_POSITION:
        raise BadValueError("bad_position")
    return value


def _checked(made: FieldDef) -> FieldDef:
    """Rules between members."""
    faults: list[Fault] = []
    if made.unique and not made.row.unique:
        faults.append(Fault("/unique", "cannot_be_unique"))
    if made.indexed and not made.row.indexable:
        faults.append(Fault("/indexed", "cannot_be_indexed"))
    if (made.unique or made.indexed) and made.options.get("max_length", 0) > MAX_INDEXED_LENGTH:
        faults.append(Fault("/options/max_length", "too_long_to_index", {"max": MAX_INDEXED_LENGTH}))
    if not made.row.given:
        faults += [Fault(f"/{name}", "given_by_system") for name in ("required", "personal") if getattr(made, name)]
    if made.default is not None:
        made = replace(made, default=_try(lambda: _default(made), "/default", faults))
    if faults:
        raise InvalidError(faults)
    return made


def _default(made: FieldDef) -> Any:
    if not made.row.given or made.unique or made.type in FILE_TYPES:
        raise BadValueError("no_default_possible")
    if isinstance(made.default, str) and made.type in DYNAMIC_DEFAULTS.get(made.default, ()):
        return made.default
    return made.coerce(made.default)


def _try(read: Callable[[], Any], pointer: str, faults: list[Fault]) -> Any:
    try:
        return read()
    except BadValueError as problem:
        faults.append(Fault(pointer, problem.code, problem.params))
    except InvalidError as invalid:
        faults.extend(fault.below(pointer) for fault in invalid.faults)
    return None
