"""A layout as people define it: read and checked as a whole against the fields of its object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.criteria import Clause, CriteriaError, Field, Has, clauses, parse, related_atoms
from services.customer.model.faults import BadValueError, Fault, InvalidError, pointer_to, unknown_members
from services.customer.model.labels import MAX_HELP, MAX_LABEL, check_label, check_optional_label
from services.customer.model.names import check_name

STANDARD = "standard"  # the layout that every object has by itself
WIDTHS = ("half", "full")
RESTS = ("show", "hide")
MAX_SECTIONS, MAX_FIELDS, MAX_ROLES, MAX_CLAUSES, MAX_RELATED = 30, 300, 50, 500, 20

_RESERVED = frozenset({STANDARD})
DESCRIPTION = ("label", "position", "active", "default", "roles", "criteria", "sections", "rest")
_SECTION = ("label", "help", "columns", "visible_when", "required_when", "fields")
_PLACED = ("field", "width", "help", "read_only", "required", "visible_when", "required_when")
CONDITIONS = ("visible_when", "required_when")


@dataclass(frozen=True)
class Layout:
    """One layout of an object. `rest` says what becomes of fields that it does not place."""

    object: str
    key: str
    label: Mapping[str, str]
    position: int = 100
    active: bool = True
    default: bool = False
    roles: tuple[str, ...] = ()
    criteria: Any = None
    sections: tuple[Mapping[str, Any], ...] = field(default=())
    rest: str = "show"
    version: int = 1

    def description(self) -> dict[str, Any]:
        """What is kept beside object, key and version."""
        return {name: getattr(self, name) for name in DESCRIPTION}

    def to_wire(self) -> dict[str, Any]:
        """The layout as the API and the events show it."""
        return {"object": self.object, "key": self.key, "version": self.version, **self.description()}


def read_layout(object_name: str, given: Mapping[str, Any], fields: Mapping[str, Field]) -> Layout:
    """The layout that a document describes, or InvalidError with every fault; `fields` are those of the object."""
    reading = Reading(fields)
    reading.faults += unknown_members(given, ("key", *DESCRIPTION))
    made = Layout(
        object_name, key=reading.attempt("/key", lambda: check_name(given.get("key"), _RESERVED)) or "",
        label=reading.attempt("/label", lambda: check_label(given.get("label"))) or {},
        position=reading.whole(given.get("position"), 100, 10_000, "/position", "bad_position"),
        active=reading.flag(given, "active", True, ""), default=reading.flag(given, "default", False, ""),
        roles=reading.roles(given.get("roles")), criteria=reading.condition(given.get("criteria"), "/criteria"),
        sections=reading.sections(given.get("sections")), rest=reading.among(given, "rest", RESTS, ""))
    if reading.clauses > MAX_CLAUSES:
        reading.faults.append(Fault("/sections", "too_many_conditions", {"max": MAX_CLAUSES}))
    if len(reading.related) > MAX_RELATED:
        reading.faults.append(Fault("/sections", "too_many_related_conditions", {"max": MAX_RELATED}))
    if reading.faults:
        raise InvalidError(reading.faults)
    return made


class Reading:
    """One document being read: the faults found, the fields placed, the clauses counted; each condition over related
    records counts once, however often it is written."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.faults: list[Fault] = []
        self.placed: set[str] = set()
        self.clauses = 0
        self.related: set[Clause | Has] = set()

    def attempt(self, pointer: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except BadValueError as problem:
            self.faults.append(Fault(pointer, problem.code, problem.params))
            return None

    def whole(self, value: Any, fallback: int, most: int, pointer: str, code: str, least: int = 0) -> int:
        if value is None:
            return fallback
        if type(value) is not int or not least <= value <= most:
            self.faults.append(Fault(pointer, code))
            return fallback
        return value

    def flag(self, given: Mapping[str, Any], name: str, fallback: bool, pointer: str) -> bool:
        value = given.get(name)
        if value is not None and not isinstance(value, bool):
            self.faults.append(Fault(f"{pointer}/{name}", "not_boolean"))
        return value if isinstance(value, bool) else fallback

    def among(self, given: Mapping[str, Any], name: str, words: tuple[str, ...], pointer: str) -> str:
        value = given.get(name)
        if value is None:
            return words[0]
        if not isinstance(value, str) or value not in words:
            self.faults.append(Fault(f"{pointer}/{name}", "not_one_of", {"words": ", ".join(words)}))
            return words[0]
        return value

    def roles(self, given: Any) -> tuple[str, ...]:
        if given is None:
            return ()
        if not isinstance(given, (list, tuple)) or len(given) > MAX_ROLES:
            self.faults.append(Fault("/roles", "bad_list", {"max": MAX_ROLES}))
            return ()
        self.faults += [Fault(pointer_to("roles", place), "bad_role") for place, one in enumerate(given)
                        if not isinstance(one, str) or not 1 <= len(one) <= 63 or one in given[:place]]
        return tuple(given)

    def condition(self, given: Any, pointer: str) -> Any:
        """The condition as it was written, once it is known to be one; None for none."""
        if given is None:
            return None
        try:
            criterion = parse(given, self.fields)
            self.clauses += sum(1 for _ in clauses(criterion))
            self.related.update(related_atoms(criterion))
        except CriteriaError as error:
            self.faults.append(Fault(pointer + error.pointer, f"criteria.{error.code}", error.params))
        return given

    def sections(self, given: Any) -> tuple[dict[str, Any], ...]:
        if given is None:
            return ()
        if not isinstance(given, (list, tuple)) or len(given) > MAX_SECTIONS:
            self.faults.append(Fault("/sections", "bad_list", {"max": MAX_SECTIONS}))
            return ()
        return tuple(self.section(item, pointer_to("sections", place)) for place, item in enumerate(given))

    def section(self, given: Any, pointer: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            self.faults.append(Fault(pointer, "not_an_object"))
            return {}
        self.faults += unknown_members(given, _SECTION, pointer)
        return {
            "label": self.text(given.get("label"), MAX_LABEL, f"{pointer}/label"),
            "help": self.text(given.get("help"), MAX_HELP, f"{pointer}/help"),
            "columns": self.whole(given.get("columns"), 2, 2, f"{pointer}/columns", "bad_layout_columns", least=1),
            **{name: self.condition(given.get(name), f"{pointer}/{name}") for name in CONDITIONS},
            "fields": self.placements(given.get("fields"), f"{pointer}/fields")}

    def text(self, given: Any, most: int, pointer: str) -> dict[str, str]:
        return self.attempt(pointer, lambda: check_optional_label({} if given is None else given, most)) or {}

    def placements(self, given: Any, pointer: str) -> list[dict[str, Any]]:
        if given is None:
            return []
        if not isinstance(given, (list, tuple)) or len(given) > MAX_FIELDS:
            self.faults.append(Fault(pointer, "bad_list", {"max": MAX_FIELDS}))
            return []
        return [self.placement(item, f"{pointer}/{place}") for place, item in enumerate(given)]

    def placement(self, given: Any, pointer: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            self.faults.append(Fault(pointer, "not_an_object"))
            return {}
        self.faults += unknown_members(given, _PLACED, pointer)
        return {
            "field": self.field_name(given.get("field"), f"{pointer}/field"),
            "width": self.among(given, "width", WIDTHS, pointer),
            "help": self.text(given.get("help"), MAX_HELP, f"{pointer}/help"),
            "read_only": self.flag(given, "read_only", False, pointer),
            "required": self.flag(given, "required", False, pointer),
            **{name: self.condition(given.get(name), f"{pointer}/{name}") for name in CONDITIONS}}

    def field_name(self, name: Any, pointer: str) -> str:
        if not isinstance(name, str) or name not in self.fields or name in ("id", "version"):
            self.faults.append(Fault(pointer, "unknown_field", {"field": str(name)[:100]}))
            return ""
        if name in self.placed:
            self.faults.append(Fault(pointer, "placed_twice", {"field": name}))
        self.placed.add(name)
        return name
