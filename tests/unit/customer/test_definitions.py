"""Definitions of objects and fields: any JSON is either understood or refused with its places."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.customer.model.faults import InvalidError
from services.customer.model.fields import READY, change_field, read_field
from services.customer.model.matching import match_keys
from services.customer.model.objects import read_object
from services.customer.model.types import FIELD_TYPES

WORDS = ("name", "type", "label", "help", "options", "fields", "choices", "value", "en", "zh-CN", "object", "creates",
         "set", "references", "reference", "sets", "from", "due", "title", "kind",
         "about", "columns", "min", "max", "max_length", "precision", "scale", "currency", "default")
TEXTS = st.sampled_from(("name", "text", "lead", "a", "east", "", "id", "x" * 300, "$me")) | st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12)
FIELD_MEMBERS = ("label", "help", "options", "default", "required", "unique", "indexed", "position", "x")
OBJECT_MEMBERS = ("label", "plural", "icon", "title_field", "position", "system", "list_fields", "form_sections",
                  "duplicate_rules", "conversion", "touches", "planned_task")
FIELD = st.fixed_dictionaries({"name": TEXTS, "type": st.sampled_from(sorted(FIELD_TYPES))},
                              optional=dict.fromkeys(FIELD_MEMBERS, JSON))
OBJECT = st.fixed_dictionaries({"name": TEXTS, "fields": st.lists(FIELD, max_size=3) | JSON},
                               optional=dict.fromkeys(OBJECT_MEMBERS, JSON))


@given(OBJECT)
@settings(max_examples=300, deadline=None)
def test_any_object_is_understood_or_refused(given_object: dict[str, Any]) -> None:
    with suppress(InvalidError):
        definition = read_object(given_object)
        assert read_object(_written_down(definition)) == definition


def _written_down(definition: Any) -> dict[str, Any]:
    wire = {name: value for name, value in definition.to_wire().items() if name != "version"}
    return wire | {"fields": [field.to_wire() for field in definition.fields]}


@given(FIELD, st.dictionaries(st.sampled_from(WORDS), JSON, max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_change_of_a_field_is_understood_or_refused(given_field: dict[str, Any], change: dict[str, Any]) -> None:
    with suppress(InvalidError):
        field = read_field(given_field, 0)
        changed = change_field(field, change)
        assert (changed.name, changed.type, changed.column) == (field.name, field.type, field.column)


def sound(**more: Any) -> dict[str, Any]:
    return {"name": "lead", "fields": [{"name": "name", "type": "text"}, {"name": "phone", "type": "phone"},
                                       {"name": "email", "type": "email"}], **more}


def test_a_title_is_found_by_itself() -> None:
    assert read_object(sound()).title_field == "name"


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidError) as caught:
        read_object(sound(position=-1, icon=5, list_fields=["nix"], duplicate_rules=[{}]))
    assert {fault.pointer for fault in caught.value.faults} == {
        "/position", "/icon", "/list_fields/0", "/duplicate_rules/0"}


def test_match_keys_need_every_field_of_their_rule() -> None:
    made = read_object(sound(duplicate_rules=[{"fields": ["phone"]}, {"fields": ["name", "email"]}]))
    ready = replace(made, fields=tuple(replace(field, state=READY) for field in made.fields))
    record = {"name": " Ａnn  Lee", "phone": "+8613800138000", "email": "A@Example.com"}
    assert match_keys(ready, record) == {"phone": "+8613800138000", "name+email": "ann lee\x1fa@example.com"}
    assert match_keys(ready, record | {"email": None}) == {"phone": "+8613800138000"}
    assert match_keys(ready, record, only=["email"]).keys() == {"name+email"}
    assert len(match_keys(ready, record | {"name": "x" * 255})["name+email"]) == 64
