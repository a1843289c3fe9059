"""Values that point at a person, a department or a record. Whether the target exists is asked elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from services.customer.model.faults import BadValueError

MAX_LINKS = 500
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")


def identifier(value: Any) -> str:
    """A UUID in its usual spelling."""
    if type(value) is not str or not _UUID.match(lowered := value.lower()):
        raise BadValueError("not_an_id")
    return lowered


def several(most: int) -> Callable[[Any], Any]:
    """Several UUIDs in the order given, each once; none means no value."""

    def coerce(value: Any) -> list[str] | None:
        if type(value) is not list:
            raise BadValueError("not_list")
        if len(value) > most:
            raise BadValueError("too_many_values", max=most)
        return list(dict.fromkeys(identifier(one) for one in value)) or None

    return coerce


def is_identifier(value: Any) -> bool:
    """Whether the value has the shape of an id."""
    return isinstance(value, str) and bool(_UUID.match(value))
