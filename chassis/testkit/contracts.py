"""The event schemas of `contracts/events`, for tests that hold publishers and consumers to them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = Path(__file__).resolve().parents[2] / "contracts" / "events"


@cache
def event_types() -> list[str]:
    """Every event type that has a schema, sorted."""
    return sorted(path.stem for path in FOLDER.glob("freehold.*.json"))


@cache
def schema(name: str) -> dict[str, Any]:
    """One schema by its file's name: an event type, `envelope` or `common`."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def validator(event_type: str) -> Draft202012Validator:
    """A validator of whole events (envelope and data) of a type."""
    shared = ((schema(name)["$id"], Resource.from_contents(schema(name))) for name in ("common", "envelope"))
    return Draft202012Validator(schema(event_type), registry=Registry().with_resources(shared))


def violations(event: dict[str, Any]) -> list[str]:
    """What is wrong with an event, as `pointer: sentence`; empty when it keeps its contract."""
    found = sorted(validator(event["type"]).iter_errors(event), key=lambda error: list(error.absolute_path))
    return [f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in found]


def sample(event: dict[str, Any], size: int = 3) -> dict[str, Any]:
    """The event with long lists of its data cut short: what holds for the first items holds for all."""
    data = {name: value[:size] if isinstance(value, list) else value for name, value in event["data"].items()}
    return {**event, "data": data}
