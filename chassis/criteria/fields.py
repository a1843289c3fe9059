"""The fields that a criterion may speak of, and which operators each kind of field has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chassis.criteria.address import ADDRESS_PARTS
from chassis.criteria.nodes import OWNER_DEPARTMENT

TEXT_KINDS = frozenset({"text", "long_text", "phone", "email", "url", "auto_number", "region"})
NUMBER_KINDS = frozenset({"integer", "decimal", "percent", "money"})
TEMPORAL_KINDS = frozenset({"date", "datetime"})
LINK_KINDS = frozenset({"user", "department", "reference", "id"})
LIST_KINDS = frozenset({"multi_choice", "reference_list"})
FILE_KINDS = frozenset({"file", "image"})

PRESENCE = frozenset({"is_set", "is_empty"})
SAME = frozenset({"eq", "ne"})
AMONG = SAME | {"in", "not_in"}
ORDER = frozenset({"lt", "lte", "gt", "gte", "between"})
PARTS_OF_TEXT = frozenset({"contains", "not_contains", "starts_with"})
MEMBERSHIP = frozenset({"has", "has_any", "has_all", "has_none"})
IN_TIME = frozenset({"older_than", "within_last", "within_next"})
CHANGES = frozenset({"changed", "changed_to", "changed_from"})

# A negative operator is the exact complement of its positive one, missing values included.
COMPLEMENTS = {
    "ne": "eq",
    "not_in": "in",
    "not_contains": "contains",
    "has_none": "has_any",
    "is_empty": "is_set",
}
WITHOUT_VALUE = PRESENCE | {"changed"}
LISTS = frozenset({"in", "not_in", "has_any", "has_all", "has_none"})

OPERATORS: dict[str, frozenset[str]] = (
    dict.fromkeys(TEXT_KINDS, PRESENCE | AMONG | PARTS_OF_TEXT)
    | dict.fromkeys(NUMBER_KINDS, PRESENCE | AMONG | ORDER)
    | dict.fromkeys(TEMPORAL_KINDS, PRESENCE | SAME | ORDER | IN_TIME | {"on"})
    | dict.fromkeys(LINK_KINDS, PRESENCE | AMONG)
    | dict.fromkeys(LIST_KINDS, PRESENCE | MEMBERSHIP)
    | dict.fromkeys(FILE_KINDS, PRESENCE)
    | {
        "boolean": PRESENCE | SAME,
        "choice": PRESENCE | AMONG,
        "department": PRESENCE | AMONG | {"under"},
        "address": PRESENCE | {"contains", "not_contains"},
    }
)
KINDS = frozenset(OPERATORS)
ALL_OPERATORS = frozenset().union(*OPERATORS.values()) | CHANGES
_SCALES = {"integer": 0, "money": 2}
_INNER_KINDS: Mapping[str, Mapping[str, str]] = {
    "money": {"amount": "decimal", "currency": "text"},
    "address": dict.fromkeys(ADDRESS_PARTS, "text"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field as the criteria see it.

    `scale` must be the scale of the column (whole numbers 0, money 2, others 6 when not given); `choices`
    limits the values of a choice; a money field without `currency` compares amounts of any currency. A field
    that the caller may not read is treated as if it did not exist.
    """

    name: str
    kind: str
    readable: bool = True
    scale: int | None = None
    currency: str | None = None
    choices: Collection[str] | None = None
    target: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of field: {self.kind}")

    @property
    def decimals(self) -> int:
        """How many decimals a value may have."""
        return _SCALES.get(self.kind, 6) if self.scale is None else self.scale

    def operators(self, *, rules: bool) -> frozenset[str]:
        """The operators of this field, in a rule or elsewhere."""
        usual = OPERATORS[self.kind]
        if not rules:
            return usual
        return usual | (CHANGES if "eq" in usual else {"changed"})


def find_field(name: str, fields: Mapping[str, Field]) -> Field | None:
    """The readable field of that name, also inside money or an address and for the owner's
    department, or None."""
    field = fields.get(name) or _inner_field(name, fields)
    return field if field is not None and field.readable else None


def _inner_field(name: str, fields: Mapping[str, Field]) -> Field | None:
    if name == OWNER_DEPARTMENT:
        department = fields.get("department_id")
        return department and Field(name, "department", readable=department.readable)
    root, _, part = name.partition(".")
    whole = fields.get(root)
    kind = _INNER_KINDS.get(whole.kind, {}).get(part) if whole is not None else None
    if whole is None or kind is None:
        return None
    return Field(name, kind, whole.readable, scale=whole.decimals if kind == "decimal" else None)
