"""Names that people give to objects and fields.

A name becomes a table, a column, a member of JSON and a word in criteria, so it is a short lower-case
identifier without double underscores (those are ours: `amount__currency`). Names of system members stay
free.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from itertools import count
from typing import Any

from services.customer.model.faults import BadValueError
from services.customer.model.search.pinyin import spellings

MAX_NAME = 40
_NAME = re.compile(r"[a-z](?:_?[a-z0-9])*\Z")

SYSTEM_FIELDS = (
    "id", "version", "created_at", "created_by", "updated_at", "updated_by", "owner_id", "department_id",
)
POOL, OWNER_SINCE = "pool_id", "owner_since"  # fields of objects with pools, see model.pools
MANAGED_FIELDS = (POOL, OWNER_SINCE)
RESERVED_FIELDS = frozenset(SYSTEM_FIELDS) | {
    "owner", "department", "all", "any", "not", "object", "deleted", "segments"}
RESERVED_OBJECTS = frozenset(
    {"all", "any", "object", "objects", "record", "records", "system", "import", "imports"})


def check_name(value: object, reserved: frozenset[str]) -> str:
    """The name itself, or a BadValueError that says which rule it breaks."""
    if not isinstance(value, str) or len(value) > MAX_NAME or not _NAME.match(value):
        raise BadValueError("bad_name", max=MAX_NAME)
    if value in reserved:
        raise BadValueError("reserved_name", name=value)
    return value


def named(given: Mapping[str, Any], taken: Collection[str], reserved: frozenset[str]) -> Mapping[str, Any]:
    """The same definition with a name made from its label, when it has none of its own; Chinese becomes pinyin."""
    label = given.get("label")
    if given.get("name") is not None or not isinstance(label, Mapping):
        return given
    words = [text for language in ("en", "zh-CN") if isinstance(text := label.get(language), str)]
    made = next((name for text in words if (name := _name_of(text))), None)
    return given if made is None else {**given, "name": _free(made, {*taken, *reserved})}


def _name_of(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    spelled = "".join(next(iter(spellings(folded)), [folded]))
    return re.sub(r"[^a-z0-9]+", "_", spelled).strip("_0123456789")[:MAX_NAME - 4].rstrip("_")


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    return next(numbered for number in count(2) if (numbered := f"{name}_{number}") not in taken)
