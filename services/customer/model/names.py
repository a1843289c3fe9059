"""Names that people give to objects and fields.

A name becomes a table, a column, a member of JSON and a word in criteria, so it is a short lower-case
identifier without double underscores (those are ours: `amount__currency`). Names of system members stay
free.
"""

from __future__ import annotations

import re

from services.customer.model.faults import BadValueError

MAX_NAME = 40
_NAME = re.compile(r"[a-z](?:_?[a-z0-9])*\Z")

SYSTEM_FIELDS = (
    "id", "version", "created_at", "created_by", "updated_at", "updated_by", "owner_id", "department_id",
)
RESERVED_FIELDS = frozenset(SYSTEM_FIELDS) | {"owner", "department", "all", "any", "not", "object", "deleted"}
RESERVED_OBJECTS = frozenset(
    {"all", "any", "object", "objects", "record", "records", "system", "import", "imports"})


def check_name(value: object, reserved: frozenset[str]) -> str:
    """The name itself, or a BadValueError that says which rule it breaks."""
    if not isinstance(value, str) or len(value) > MAX_NAME or not _NAME.match(value):
        raise BadValueError("bad_name", max=MAX_NAME)
    if value in reserved:
        raise BadValueError("reserved_name", name=value)
    return value
