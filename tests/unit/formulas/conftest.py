"""One record of an invented object, with what it leads to, for all tests of formulas."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.criteria import Scope
from chassis.formulas import Schema, field_type, records_of

_LEVELS = {"choices": [{"value": "A"}, {"value": "B"}]}
_TAGS = {"choices": [{"value": "new"}, {"value": "vip"}]}
_FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "name": ("text", {}), "note": ("long_text", {}), "amount": ("decimal", {}), "quantity": ("integer", {}),
    "discount": ("percent", {}), "price": ("money", {"currency": "CNY"}), "fee": ("money", {"currency": "CNY"}),
    "abroad": ("money", {"currency": "USD"}), "level": ("choice", _LEVELS), "tags": ("multi_choice", _TAGS),
    "due": ("date", {}), "created_at": ("datetime", {}), "closed_at": ("datetime", {}), "active": ("boolean", {}),
    "owner_id": ("user", {}), "customer": ("reference", {"object": "customer"}),
}
_CUSTOMER = {"level": ("choice", _LEVELS), "city": ("text", {}), "parent": ("reference", {"object": "customer"})}
_ITEM = {"total": ("money", {"currency": "CNY"}), "paid": ("boolean", {}), "pieces": ("integer", {})}
OBJECTS = {"customer": _CUSTOMER, "item": _ITEM}


def _types(fields: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    return {name: field_type(*field) for name, field in fields.items()}


SCHEMA = Schema({**_types(_FIELDS), "items": records_of("item")},
                lambda name: _types(OBJECTS[name]) if name in OBJECTS else None)
RECORD: dict[str, Any] = {
    "name": "Huadong Machinery", "note": None, "amount": "120000.00", "quantity": 3, "discount": None,
    "price": {"amount": "19.90", "currency": "CNY"}, "fee": {"amount": "5.00", "currency": "USD"}, "abroad": None,
    "level": "A", "tags": ["new", "vip"], "due": "2026-03-31", "created_at": "2026-01-31T08:00:00.000Z",
    "closed_at": None, "active": True, "owner_id": "0190a0c0-0000-7000-8000-000000000001",
    "customer": "0190a0c0-0000-7000-8000-000000000002",
    "items": [{"total": {"amount": "150.00", "currency": "CNY"}, "paid": True, "pieces": 2},
              {"total": {"amount": "200.50", "currency": "CNY"}, "paid": False, "pieces": None}],
}
RELATED = {"customer": {"level": "B", "city": "杭州", "parent": "0190a0c0-0000-7000-8000-000000000003"},
           "customer.parent": {"level": "A", "city": "上海", "parent": None}}
SCOPE = Scope(datetime(2026, 3, 15, 2, 30, tzinfo=UTC), "Asia/Shanghai")


@pytest.fixture
def schema() -> Schema:
    return SCHEMA
