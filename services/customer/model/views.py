"""What a saved view says: which records, in which order, how they are laid out.

A view is checked against the fields that its author may read; whoever uses it later is judged by his own rights
(`queries.views`). `kind` decides which members must be there: a kanban needs a field that groups, a calendar a date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from chassis.criteria.fields import NUMBER_KINDS, TEMPORAL_KINDS
from services.customer.model.faults import BadValueError, Fault, InvalidError, unknown_members
from services.customer.model.labels import check_label

LIST, KANBAN, CALENDAR = KINDS = ("list", "kanban", "calendar")
FUNCTIONS = ("sum", "average", "min", "max", "count")
BODY = ("criteria", "sort", "columns", "frozen", "group_field", "sum_field", "date_field", "end_field", "color_field",
        "totals")
MAX_COLUMNS, MAX_FROZEN, MAX_TOTALS = 60, 10, 20
MIN_WIDTH, MAX_WIDTH = 40, 1200
CHOICE = frozenset({"choice"})
_FIELDS: Mapping[str, tuple[Collection[str], str | None]] = {  # member → kinds of its field, view that needs it
    "group_field": (CHOICE, KANBAN),
    "sum_field": (NUMBER_KINDS, None),
    "date_field": (TEMPORAL_KINDS, CALENDAR),
    "end_field": (TEMPORAL_KINDS, None),
    "color_field": (CHOICE, None),
}
KindOf = Callable[[str], str | None]  # kind of a readable member, None for any other


def read_name(given: Any, faults: list[Fault]) -> dict[str, str]:
    """What a view is called."""
    try:
        return check_label(given)
    except BadValueError as problem:
        faults.append(Fault("/name", problem.code, problem.params))
        return {}


def read_body(given: Mapping[str, Any], kind: str, kind_of: KindOf) -> dict[str, Any]:
    """The body of a view, or InvalidError with every fault. Criteria and sort are judged by who asks with them."""
    faults: list[Fault] = []
    body: dict[str, Any] = {"criteria": given.get("criteria"), "sort": _sort(given.get("sort"), faults)}
    body["columns"] = _columns(given.get("columns"), kind_of, faults)
    body["frozen"] = _frozen(given.get("frozen"), len(body["columns"]), faults)
    for member, (kinds, needed_by) in _FIELDS.items():
        body[member] = _field(member, given.get(member), kind_of, kinds, kind == needed_by, faults)
    body["totals"] = _totals(given.get("totals"), kind_of, faults)
    if faults:
        raise InvalidError(faults)
    return body


def read_totals(given: Any, kind_of: KindOf) -> list[dict[str, str]]:
    """Which sums are wanted, or InvalidError."""
    faults: list[Fault] = []
    totals = _totals(given, kind_of, faults)
    if faults:
        raise InvalidError(faults)
    return totals


def read_field(member: str, given: Any, kind_of: KindOf, *, needed: bool = False) -> str | None:
    """The field of one member of a view, or InvalidError."""
    faults: list[Fault] = []
    name = _field(member, given, kind_of, _FIELDS[member][0], needed, faults)
    if faults:
        raise InvalidError(faults)
    return name


def _sort(given: Any, faults: list[Fault]) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        faults.append(Fault("/sort", "not_list"))
        return []
    return given


def _columns(given: Any, kind_of: KindOf, faults: list[Fault]) -> list[dict[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MAX_COLUMNS:
        faults.append(Fault("/columns", "bad_list", {"max": MAX_COLUMNS}))
        return []
    columns: list[dict[str, Any]] = []
    for place, item in enumerate(given):
        column = _column(item, f"/columns/{place}", kind_of, faults)
        if column is not None and any(column["field"] == one["field"] for one in columns):
            faults.append(Fault(f"/columns/{place}/field", "said_twice"))
        elif column is not None:
            columns.append(column)
    return columns


def _column(given: Any, pointer: str, kind_of: KindOf, faults: list[Fault]) -> dict[str, Any] | None:
    if not isinstance(given, Mapping):
        faults.append(Fault(pointer, "not_an_object"))
        return None
    faults.extend(unknown_members(given, ("field", "width"), pointer))
    name, width = given.get("field"), given.get("width")
    if not isinstance(name, str) or kind_of(name) is None:
        faults.append(Fault(f"{pointer}/field", "unknown_field", {"field": str(name)[:100]}))
    if width is not None and (type(width) is not int or not MIN_WIDTH <= width <= MAX_WIDTH):
        faults.append(Fault(f"{pointer}/width", "bad_width", {"min": MIN_WIDTH, "max": MAX_WIDTH}))
    return {"field": name, "width": width}


def _frozen(given: Any, columns: int, faults: list[Fault]) -> int:
    most = min(MAX_FROZEN, columns)
    if given is None:
        return min(1, columns)
    if type(given) is not int or not 0 <= given <= most:
        faults.append(Fault("/frozen", "bad_frozen", {"max": most}))
        return 0
    return given


def _field(member: str, given: Any, kind_of: KindOf, kinds: Collection[str], needed: bool,
           faults: list[Fault]) -> str | None:
    if given is None:
        if needed:
            faults.append(Fault(f"/{member}", "required"))
        return None
    kind = kind_of(given) if isinstance(given, str) else None
    if kind is None:
        faults.append(Fault(f"/{member}", "unknown_field", {"field": str(given)[:100]}))
    elif kind not in kinds:
        faults.append(Fault(f"/{member}", "other_kind_of_field", {"kinds": ", ".join(sorted(kinds))}))
    return given


def _totals(given: Any, kind_of: KindOf, faults: list[Fault]) -> list[dict[str, str]]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MAX_TOTALS:
        faults.append(Fault("/totals", "bad_list", {"max": MAX_TOTALS}))
        return []
    for place, item in enumerate(given):
        pointer = f"/totals/{place}"
        if not isinstance(item, Mapping) or item.keys() != {"field", "function"}:
            faults.append(Fault(pointer, "bad_total_line"))
            continue
        kinds = NUMBER_KINDS
        if item["function"] not in FUNCTIONS:
            faults.append(Fault(f"{pointer}/function", "not_one_of", {"words": ", ".join(FUNCTIONS)}))
        found: list[Fault] = []
        _field("field", item["field"], kind_of, kinds, True, found)
        faults.extend(fault.below(pointer) for fault in found)
    return given
