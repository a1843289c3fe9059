"""When the records of an object are locked, so that they stay as they are: a contract once it is signed.

`lock` of an object says a condition over a record's own members (`criteria`), the fields that people go on changing
nevertheless (`open`: the state, a note, the scan of the signed paper) and, if wished, the sentence that is shown
(`message`). Who owns a record, and what the system calculates or keeps, is never locked. Lines are locked with the
record that they are lines of.

A condition that no longer makes sense, because a field has another type by now, locks nothing; a field that it asks
cannot be deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.criteria import CriteriaError, Field, Scope, parse, to_predicate
from services.customer.model.faults import BadValueError, Fault
from services.customer.model.fields import FieldDef
from services.customer.model.labels import MAX_HELP, check_optional_label
from services.customer.model.mentions import fields_in
from services.customer.model.names import MANAGED_FIELDS, SYSTEM_FIELDS

log = logging.getLogger(__name__)

MAX_OPEN = 100
NEVER_LOCKED = frozenset({*SYSTEM_FIELDS, *MANAGED_FIELDS})


@dataclass(frozen=True)
class Lock:
    """The lock of an object, ready to judge records."""

    holds: Callable[[Mapping[str, Any], Scope], bool]
    asked: frozenset[str]  # the members that its condition speaks of
    open: frozenset[str]
    message: Mapping[str, str] = field(default_factory=dict)

    def closed(self, names: Collection[str]) -> list[str]:
        """Those of the members that a locked record keeps."""
        return [name for name in names if name not in self.open and name not in NEVER_LOCKED]


def check_lock(given: Any, known: Mapping[str, FieldDef], faults: list[Fault]) -> dict[str, Any] | None:
    """The canonical lock; its condition is read where criteria are known."""
    if given is None:
        return None
    if not isinstance(given, dict) or given.keys() - {"criteria", "open", "message"} \
            or not isinstance(given.get("criteria"), dict):
        faults.append(Fault("/lock", "bad_lock"))
        return None
    faults += [Fault("/lock/criteria", "unknown_field", {"field": name[:100]})
               for name in sorted(fields_in(given["criteria"]) - known.keys() - set(SYSTEM_FIELDS) - {"owner"})]
    return {"criteria": given["criteria"], "open": _open(given.get("open"), known, faults),
            "message": _message(given.get("message"), faults)}


def compiled_lock(given: Mapping[str, Any] | None, name: str, fields: Mapping[str, Field]) -> Lock | None:
    """The lock of the object `name` made ready, if it has one that makes sense."""
    if given is None:
        return None
    try:
        judge = to_predicate(parse(given["criteria"], fields))
    except CriteriaError:
        log.warning("the lock of the object %s rests: its condition no longer fits", name)
        return None
    return Lock(judge, frozenset(fields_in(given["criteria"])), frozenset(given["open"]), given["message"])


def without_open(given: Mapping[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    """The lock once a field is gone that it left open."""
    return given if given is None else {**given, "open": [one for one in given["open"] if one != name]}


def _open(given: Any, known: Mapping[str, FieldDef], faults: list[Fault]) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, (list, tuple)) or len(given) > MAX_OPEN:
        faults.append(Fault("/lock/open", "bad_list", {"max": MAX_OPEN}))
        return []
    faults += [Fault(f"/lock/open/{place}", "unknown_field", {"field": str(name)[:100]})
               for place, name in enumerate(given)
               if not isinstance(name, str) or name not in known or name in given[:place]]
    return list(given)


def _message(given: Any, faults: list[Fault]) -> dict[str, str]:
    try:
        return check_optional_label(given or {}, MAX_HELP)
    except BadValueError as problem:
        faults.append(Fault("/lock/message", problem.code, problem.params))
        return {}
