"""An object as people define it: its fields, how it is shown, what makes duplicates, what follows.

The definition is checked as a whole, because its parts name each other: the title, lists, forms,
duplicate rules and the conversion speak of fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from services.customer.model.composition import check_fills, check_limits, check_line_of
from services.customer.model.consequences import check_planned_task, check_touches
from services.customer.model.conversion import check_conversion, check_conversions
from services.customer.model.faults import BadValueError, Fault, InvalidError, pointer_to, unknown_members
from services.customer.model.fields import ADDING, READY, FieldDef, read_field
from services.customer.model.labels import check_label, check_optional_label
from services.customer.model.locks import check_lock, without_open
from services.customer.model.matching import Matcher, matchers_of
from services.customer.model.names import MANAGED_FIELDS, MAX_NAME, RESERVED_OBJECTS, SYSTEM_FIELDS, check_name

MAX_FIELDS = 300
MAX_LIST_FIELDS = 30
MAX_SECTIONS = 30
MAX_RULES = 10
MATCHABLE = frozenset(
    {"text", "phone", "email", "url", "auto_number", "integer", "choice", "region", "reference"})
DESCRIPTION = ("label", "plural", "icon", "title_field", "position", "list_fields", "form_sections",
               "duplicate_rules", "conversion", "touches", "planned_task",
               "conversions", "line_of", "fills", "limits", "lock", "group")
MEMBERS = ("name", "system", *DESCRIPTION)


@dataclass(frozen=True)
class ObjectDef:
    """One object. `version` grows with every change of the object or one of its fields."""

    name: str
    label: Mapping[str, str]
    plural: Mapping[str, str]
    icon: str
    title_field: str
    position: int
    system: bool
    list_fields: tuple[str, ...]
    form_sections: tuple[Mapping[str, Any], ...]
    duplicate_rules: tuple[Mapping[str, Any], ...]
    conversion: Mapping[str, Any] | None
    fields: tuple[FieldDef, ...] = field(default=())
    version: int = 1
    state: str = READY
    touches: tuple[Mapping[str, Any], ...] = ()
    planned_task: Mapping[str, Any] | None = None
    conversions: tuple[Mapping[str, Any], ...] = ()
    line_of: Mapping[str, Any] | None = None
    fills: tuple[Mapping[str, Any], ...] = ()
    limits: tuple[Mapping[str, Any], ...] = ()
    lock: Mapping[str, Any] | None = None
    group: str | None = None

    @cached_property
    def ready(self) -> Mapping[str, FieldDef]:
        """The fields that records have, by name."""
        return {one.name: one for one in self.fields if one.state == READY}

    @cached_property
    def matchers(self) -> tuple[Matcher, ...]:
        """The duplicate rules, made ready."""
        return matchers_of(self.duplicate_rules, self.ready)

    @cached_property
    def key_tasks(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """Field → choice → stage, of those pipelines that have key tasks."""
        made = {name: {choice["value"]: choice.get("stage") or {} for choice in one.options.get("choices") or ()}
                for name, one in self.ready.items() if one.type == "choice"}
        return {name: stages for name, stages in made.items() if any(stage.get("tasks") for stage in stages.values())}

    def description(self) -> dict[str, Any]:
        """What is kept of the object beside its name, version and fields."""
        return {name: getattr(self, name) for name in (*DESCRIPTION, "system")}

    def to_wire(self) -> dict[str, Any]:
        """The definition as the API and the events show it."""
        fields = sorted(self.ready.values(), key=lambda one: (one.position, one.name))
        return {"name": self.name, "version": self.version, **self.description(),
                "fields": [one.to_wire() for one in fields]}


def read_object(given: Mapping[str, Any]) -> ObjectDef:
    """The object that a definition describes, with its fields still to be added; or InvalidError."""
    faults = unknown_members(given, (*MEMBERS, "fields"))
    name = _name(given.get("name"), faults)
    fields = _fields(given.get("fields"), faults)
    faults += [Fault(pointer_to("fields", place, "name"), "reserved_name", {"name": one.name})
               for place, one in enumerate(fields) if one.is_managed or one.name in MANAGED_FIELDS]
    if faults:
        raise InvalidError(faults)
    described = describe(name, given, fields, bool(given.get("system")))
    return replace(described, state=ADDING)


def describe(name: str, given: Mapping[str, Any], fields: Iterable[FieldDef], system: bool) -> ObjectDef:
    """An object of these fields as `given` describes it, or InvalidError with every fault."""
    fields = tuple(fields)
    faults: list[Fault] = []
    known = {one.name: one for one in fields}
    label = _label(given.get("label") or {"en": name}, "/label", faults)
    made = ObjectDef(
        name=name, label=label, plural=_label(given.get("plural") or label, "/plural", faults),
        icon=_icon(given.get("icon"), faults), title_field=_title(given.get("title_field"), known, faults),
        position=_whole(given.get("position"), 100, "/position", faults), system=system,
        list_fields=_list(given.get("list_fields"), {*known, *SYSTEM_FIELDS}, "/list_fields", faults,
                          MAX_LIST_FIELDS),
        form_sections=_sections(given.get("form_sections"), known, faults),
        duplicate_rules=_rules(given.get("duplicate_rules"), known, faults),
        conversion=check_conversion(given.get("conversion"), known, faults), fields=fields,
        touches=check_touches(given.get("touches"), known, faults),
        planned_task=check_planned_task(given.get("planned_task"), known, faults),
        conversions=check_conversions(given.get("conversions"), known, faults),
        line_of=check_line_of(given.get("line_of"), known, faults),
        fills=check_fills(given.get("fills"), known, faults), limits=check_limits(given.get("limits"), known, faults),
        lock=check_lock(given.get("lock"), known, faults),
        group=_group(given.get("group"), faults))
    if faults:
        raise InvalidError(faults)
    return made


def without_field(definition: ObjectDef, name: str) -> dict[str, Any]:
    """The description once the field is gone from its lists and forms."""
    sections = [{**section, "fields": [one for one in section["fields"] if one != name]}
                for section in definition.form_sections]
    rules = [rule for rule in definition.duplicate_rules if name not in rule["fields"]]
    return {**definition.description(), "form_sections": sections, "duplicate_rules": rules,
            "lock": without_open(definition.lock, name),
            "list_fields": [one for one in definition.list_fields if one != name]}


def _name(value: Any, faults: list[Fault]) -> str:
    try:
        return check_name(value, RESERVED_OBJECTS)
    except BadValueError as problem:
        faults.append(Fault("/name", problem.code, problem.params))
        return ""


def _fields(given: Any, faults: list[Fault]) -> list[FieldDef]:
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_FIELDS:
        faults.append(Fault("/fields", "bad_fields", {"max": MAX_FIELDS}))
        return []
    fields: list[FieldDef] = []
    names: set[str] = set()
    for position, item in enumerate(given):
        try:
            made = read_field(item if isinstance(item, dict) else {}, position)
        except InvalidError as invalid:
            faults.extend(fault.below(pointer_to("fields", position)) for fault in invalid.faults)
            continue
        if made.name in names:
            faults.append(Fault(pointer_to("fields", position, "name"), "name_taken"))
        names.add(made.name)
        fields.append(made)
    return fields


def _label(given: Any, pointer: str, faults: list[Fault]) -> dict[str, str]:
    try:
        return check_label(given)
    except BadValueError as problem:
        faults.append(Fault(pointer, problem.code, problem.params))
        return {}


def _icon(given: Any, faults: list[Fault]) -> str:
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > 60 or not given.isprintable():
        faults.append(Fault("/icon", "bad_icon"))
        return ""
    return given


def _group(given: Any, faults: list[Fault]) -> str | None:
    """The key of a group of the navigation; whether it is there, the use case asks."""
    if given is None or (isinstance(given, str) and 0 < len(given) <= MAX_NAME and given.isprintable()):
        return given
    faults.append(Fault("/group", "unknown_group", {"group": str(given)[:MAX_NAME]}))
    return None


def _whole(given: Any, fallback: int, pointer: str, faults: list[Fault]) -> int:
    if given is None:
        return fallback
    if type(given) is not int or not 0 <= given <= 10_000:
        faults.append(Fault(pointer, "bad_position"))
        return fallback
    return given


def _title(given: Any, known: Mapping[str, FieldDef], faults: list[Fault]) -> str:
    if given is None and "name" in known:
        given = "name"
    if not isinstance(given, str) or given not in known or known[given].type not in ("text", "auto_number"):
        faults.append(Fault("/title_field", "bad_title"))
        return ""
    return given


def _list(given: Any, allowed: Collection[str], pointer: str, faults: list[Fault],
          most: int) -> tuple[str, ...]:
    """A list of field names, each known and said once."""
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)) or len(given) > most:
        faults.append(Fault(pointer, "bad_list", {"max": most}))
        return ()
    for position, name in enumerate(given):
        if not isinstance(name, str) or name not in allowed or name in given[:position]:
            faults.append(Fault(f"{pointer}/{position}", "unknown_field", {"field": str(name)[:100]}))
    return tuple(given)


def _sections(given: Any, known: Mapping[str, FieldDef], faults: list[Fault]) -> tuple[dict[str, Any], ...]:
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)) or len(given) > MAX_SECTIONS:
        faults.append(Fault("/form_sections", "bad_list", {"max": MAX_SECTIONS}))
        return ()
    return tuple(_section(item, known, pointer_to("form_sections", place), faults)
                 for place, item in enumerate(given))


def _section(given: Any, known: Mapping[str, FieldDef], pointer: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(given, dict) or not given.keys() <= {"label", "columns", "fields"}:
        faults.append(Fault(pointer, "bad_section"))
        return {}
    columns = given.get("columns", 2)
    if type(columns) is not int or not 1 <= columns <= 4:
        faults.append(Fault(f"{pointer}/columns", "bad_columns"))
    try:
        label = check_optional_label(given.get("label") or {})
    except BadValueError as problem:
        faults.append(Fault(f"{pointer}/label", problem.code, problem.params))
        label = {}
    fields = _list(given.get("fields"), {*known, *SYSTEM_FIELDS}, f"{pointer}/fields", faults, MAX_FIELDS)
    return {"label": label, "columns": columns, "fields": list(fields)}


def _rules(given: Any, known: Mapping[str, FieldDef], faults: list[Fault]) -> tuple[dict[str, Any], ...]:
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)) or len(given) > MAX_RULES:
        faults.append(Fault("/duplicate_rules", "bad_list", {"max": MAX_RULES}))
        return ()
    return tuple(_rule(item, known, pointer_to("duplicate_rules", place), faults)
                 for place, item in enumerate(given))


def _rule(given: Any, known: Mapping[str, FieldDef], pointer: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(given, dict) or given.keys() != {"fields"} or not given["fields"]:
        faults.append(Fault(pointer, "bad_rule"))
        return {}
    matchable = {name: one for name, one in known.items() if one.type in MATCHABLE}
    return {"fields": list(_list(given["fields"], matchable, f"{pointer}/fields", faults, 5))}
