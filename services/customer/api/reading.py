"""Requests on records, read strictly and without a schema library: this is the hot path.

The body is read before the unit of work begins, so nobody waits for a slow client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from chassis.auth.guard import current_principal
from chassis.clock import from_wire
from chassis.context import Cause, current_cause
from chassis.criteria.fields import LIST_KINDS
from chassis.http.current import current_service
from chassis.http.meeting import people_named
from chassis.http.paging import DEFAULT_LIMIT, MAX_LIMIT
from chassis.http.parsing import has_control_characters, json_object
from chassis.http.problem import Problem
from services.customer.model.faults import BadValueError, Fault, unknown_members
from services.customer.queries.export import FORMATS, ExportRequest
from services.customer.queries.list_records import ListRequest
from services.customer.store.record_type import SYSTEM_KINDS, RecordType
from services.customer.usecases.links import people_in
from services.customer.usecases.refusals import refusal

F = TypeVar("F", bound=Callable[..., Any])

TOTALS = ("exact", "estimate")
_LIST_MEMBERS = ("criteria", "sort", "fields", "limit", "cursor", "total", "q", "expand")
_LIST_PARAMETERS = ("sort", "fields", "limit", "cursor", "total", "q", "expand")
_MAX_CURSOR = 4000


def body_first(view: F) -> F:
    """Read the JSON body, and ask for people that it names and nobody here knows, before the view begins."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        current_principal()
        g.body = json_object()
        _meet_people(kwargs["object"], g.body)
        return view(*args, **kwargs)

    return wrapped  # type: ignore[return-value]


def body() -> dict[str, Any]:
    """The JSON body of a view under `body_first`."""
    return g.body


def record_type_of(name: str, members: Iterable[str] = ()) -> RecordType:
    """The record type that the address names; 404 when there is none.

    When it lacks a member that the request speaks of, another process may just have added it: so we look again.
    """
    types = current_service().parts["types"]
    found = types.get(name)
    if all(member in found.columns for member in members):
        return found
    return types.renewed().get(name, found)


def members_of_operations(given: Mapping[str, Any]) -> Iterator[str]:
    """The members that the values of a batch speak of."""
    operations = given.get("operations")
    for operation in operations if isinstance(operations, list) else ():
        values = operation.get("values") if isinstance(operation, dict) else None
        yield from values if isinstance(values, dict) else ()


def members_of_list(given: Mapping[str, Any]) -> Iterator[str]:
    """The members that the body of a query speaks of."""
    for name in ("sort", "fields"):
        words = given.get(name)
        for word in words if isinstance(words, list) else ():
            if isinstance(word, str):
                yield word.removeprefix("-")
    waiting = [given.get("criteria")]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("field"), str):
                yield node["field"].partition(".")[0]
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def only(given: Mapping[str, Any], *members: str) -> Mapping[str, Any]:
    """The body itself; 422 for members that are not known."""
    faults = unknown_members(given, members)
    if faults:
        raise refusal(faults)
    return given


def flag(given: Mapping[str, Any], name: str) -> bool:
    """A boolean member that may be missing."""
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise refusal([Fault(f"/{name}", "not_boolean")])
    return value


def backdates() -> bool:
    """Whether the caller sets times himself, which needs `objects.manage`."""
    if request.headers.get("X-Freehold-Backdate", "").lower() != "true":
        return False
    if not current_principal().can("objects.manage"):
        raise Problem(403, "permission_missing", params={"permission": "objects.manage"})
    return True


def cause_of_batch(given: Mapping[str, Any]) -> Cause:
    """The cause of a batch; that no rule acts on what it writes needs `objects.manage`."""
    cause = current_cause()
    if not flag(given, "without_rules"):
        return cause
    if not current_principal().can("objects.manage"):
        raise Problem(403, "permission_missing", params={"permission": "objects.manage"})
    return cause.because_of(rules=False)


def list_request_of_body(given: Mapping[str, Any]) -> tuple[ListRequest, bool]:
    """The list that a query body asks for, and whether with labels."""
    only(given, *_LIST_MEMBERS)
    faults = [Fault(f"/{name}", "not_list") for name in ("sort", "fields", "expand")
              if given.get(name) is not None and not isinstance(given[name], list)]
    faults += [Fault(f"/{name}", "not_text") for name in ("cursor", "q")
               if given.get(name) is not None and not isinstance(given[name], str)]
    if faults:
        raise refusal(faults)
    limit = given.get("limit")
    asked = ListRequest(given.get("criteria"), given.get("sort"), given.get("fields"),
                        _limit(DEFAULT_LIMIT if limit is None else limit, "/limit"),
                        _cursor(given.get("cursor"), "/cursor"),
                        _total(given.get("total"), "/total"), given.get("q"))
    return asked, _labels(given.get("expand") or [], "/expand")


def export_request(given: Mapping[str, Any]) -> tuple[ExportRequest, str]:
    """What is to be taken out, and as what kind of file."""
    kind = given.get("format")
    if not isinstance(kind, str) or kind not in FORMATS:
        raise refusal([Fault("/format", "unknown_format")])
    for_import = flag(given, "for_import")
    listed = {name: value for name, value in given.items() if name not in ("format", "for_import", "object")}
    asked, _ = list_request_of_body(listed)
    return ExportRequest(asked.criteria, asked.fields, asked.sort, asked.q, for_import), kind


def list_request_of_query(record_type: RecordType) -> tuple[ListRequest, bool]:
    """The list that a query string asks for, and whether with labels."""
    given = parameters_among(*_LIST_PARAMETERS, filters=True)
    clauses = [_equality(record_type, name, value) for name, value in given.items() if name.startswith("filter[")]
    limit = given.get("limit", str(DEFAULT_LIMIT))
    asked = ListRequest(
        {"all": clauses} if clauses else None, _words(given.get("sort")), _words(given.get("fields")),
        _limit(int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 6 else None, "?limit"),
        _cursor(given.get("cursor"), "?cursor"), _total(given.get("total"), "?total"), given.get("q"), at="?")
    return asked, _labels(_words(given.get("expand")) or [], "?expand")


def expand_of_query() -> bool:
    """Whether the query string asks for labels; no other parameter is known."""
    faults = [Fault(f"?{name[:100]}", "unknown_field", {"field": name[:100]}) for name in request.args
              if name != "expand"]
    if faults:
        raise refusal(faults)
    return _labels(_words(request.args.get("expand")) or [], "?expand")


def parameters_among(*known: str, filters: bool = False) -> dict[str, str]:
    """The parameters of a query string; 422 for others, and for one that is said twice."""
    faults = []
    for name, values in request.args.lists():
        if name not in known and not (filters and name.startswith("filter[") and name.endswith("]")):
            faults.append(Fault(f"?{name[:100]}", "unknown_field", {"field": name[:100]}))
        elif len(values) > 1:
            faults.append(Fault(f"?{name[:100]}", "said_twice"))
        elif has_control_characters(values[0]):
            faults.append(Fault(f"?{name[:100]}", "control_characters"))
    if faults:
        raise refusal(faults)
    return request.args.to_dict()


def _equality(record_type: RecordType, parameter: str, value: str) -> dict[str, Any]:
    """`filter[region]=east` as a clause; the words of a query string become values of the field's kind."""
    name = parameter[len("filter["):-1]
    field = record_type.fields.get(name)
    kind = field.row.kind if field else SYSTEM_KINDS.get(name)
    typed: Any = value
    if kind == "boolean":
        typed = {"true": True, "false": False}.get(value, value)
    elif kind == "integer" and value.lstrip("-").isdigit() and len(value) < 20:
        typed = int(value)
    elif field is not None and kind in ("phone", "email"):
        typed = _canonical(field.coerce, value)
    return {"field": name, "op": "has" if kind in LIST_KINDS else "eq", "value": typed}


def _canonical(coerce: Callable[[Any], Any], value: str) -> str:
    try:
        return coerce(value) or value
    except BadValueError:
        return value


def _words(text: str | None) -> list[str] | None:
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


def _limit(value: Any, pointer: str) -> int:
    if type(value) is not int or not 1 <= value <= MAX_LIMIT:
        raise refusal([Fault(pointer, "bad_limit", {"max": MAX_LIMIT})])
    return value


def _cursor(value: str | None, pointer: str) -> str | None:
    if value is not None and len(value) > _MAX_CURSOR:
        raise refusal([Fault(pointer, "cursor_invalid")])
    return value or None


def _total(value: Any, pointer: str) -> str | None:
    if value is not None and value not in TOTALS:
        raise refusal([Fault(pointer, "bad_total")])
    return value


def _labels(words: list[Any], pointer: str) -> bool:
    if any(word != "labels" for word in words):
        raise refusal([Fault(pointer, "cannot_expand")])
    return bool(words)


def _meet_people(object_name: str, given: Mapping[str, Any]) -> None:
    service = current_service()
    record_type = service.parts["types"].find(object_name)
    if record_type is None:
        return
    operations = given.get("operations")
    rows = [one.get("values") for one in operations if isinstance(one, dict)] if isinstance(operations, list) else []
    others = {name: value for name, value in given.items() if name != "operations"}
    service.directory.meet({*people_in(record_type, [given, *rows]), *people_named(others)})


def page_among(given: Mapping[str, str]) -> tuple[int, str | None]:
    """`limit` and `cursor` among parameters that were read."""
    limit = given.get("limit", str(DEFAULT_LIMIT))
    whole = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 6 else None
    return _limit(whole, "?limit"), _cursor(given.get("cursor"), "?cursor")


def page_of_query() -> tuple[int, str | None]:
    """`limit` and `cursor` of a query string; no other parameter is known."""
    faults = [Fault(f"?{name[:100]}", "unknown_field", {"field": name[:100]}) for name in request.args
              if name not in ("limit", "cursor")]
    if faults:
        raise refusal(faults)
    limit = request.args.get("limit", str(DEFAULT_LIMIT))
    whole = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 6 else None
    return _limit(whole, "?limit"), _cursor(request.args.get("cursor"), "?cursor")


def moment_of(given: Mapping[str, Any], name: str, at: str = "?") -> datetime:
    """A moment that a request names; 422 when it is none."""
    value = given.get(name)
    try:
        if not isinstance(value, str) or len(value) > 40:
            raise ValueError
        return from_wire(value)
    except (ValueError, OverflowError) as error:
        raise refusal([Fault(f"{at}{name}", "not_datetime")]) from error
