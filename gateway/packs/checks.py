"""Checks of a pack before anything is sent: the JSON Schemas of `contracts/pack/`, then what schemas cannot say.

Names must be told once, and every field or object that an item speaks of must exist: in the pack itself, or in
a pack that it requires (then the server has the last word).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource

from gateway.packs.errors import PackError, PackFault
from gateway.packs.mentions import MENTIONS
from gateway.packs.model import Item, Pack, Part

SCHEMAS = Path(__file__).resolve().parents[2] / "contracts" / "pack"
SYSTEM_FIELDS = frozenset({"id", "version", "created_at", "created_by", "updated_at", "updated_by", "owner_id",
                           "department_id", "pool_id", "owner_since"})
DERIVED_FIELDS = frozenset({"owner.department"})


def check_manifest(manifest: Any) -> None:
    """Raise PackError unless `pack.json` has its shape."""
    _raise(_shape_faults("pack", "pack.json", "", manifest))


def check_demo(file: str, demo: Any) -> None:
    """Raise PackError unless demo data has its shape, and its records name only records of objects further up."""
    _raise(_shape_faults("demo", file, "", demo))
    faults: list[PackFault] = []
    objects, keys = set[str](), set[str]()
    for outer, part in enumerate(demo["objects"]):
        above = frozenset(keys)
        _once(faults, objects, file, f"/objects/{outer}/object", part["object"])
        for place, record in enumerate(part["records"]):
            pointer = f"/objects/{outer}/records/{place}"
            if "key" in record:
                _once(faults, keys, file, f"{pointer}/key", record["key"])
            faults += [PackFault(file, f"{pointer}/values/{name}", f'no record "{value["$record"]}" stands further up')
                       for name, value in record["values"].items()
                       if isinstance(value, dict) and "$record" in value and value["$record"] not in above]
    faults += [PackFault(file, f"/tasks/{place}/record", f'there is no record "{one["record"]}"')
               for place, one in enumerate(demo.get("tasks", ())) if one["record"] not in keys]
    _raise(faults)


def _once(faults: list[PackFault], seen: set[str], file: str, pointer: str, name: str) -> None:
    if name in seen:
        faults.append(PackFault(file, pointer, f'"{name}" stands here twice', "twice", {"name": name}))
    seen.add(name)


def check_items(bodies: Iterable[tuple[Part, str, str, Any]]) -> None:
    """Raise PackError when an item breaks its schema or a key is told twice."""
    faults: list[PackFault] = []
    seen: dict[tuple[str, str], str] = {}
    for part, file, pointer, body in bodies:
        wrong = _shape_faults(part.kind, file, pointer, body)
        faults.extend(wrong)
        if wrong:
            continue
        place = (part.kind, body[part.key])
        if place in seen:
            faults.append(PackFault(file, f"{pointer}/{part.key}", f'"{place[1]}" stands in {seen[place]} already',
                                    "twice", {"name": place[1]}))
        seen.setdefault(place, file)
    _raise(faults)


def check_references(pack: Pack) -> None:
    """Raise PackError when an item speaks of a field or object that nobody defines."""
    known = {item.key: _fields_of(item) for item in pack.of("object")}
    requires = pack.manifest["requires"]
    open_world = bool(requires.get("packs") or requires.get("objects"))
    faults = [PackFault(item.file, item.pointer + pointer, f"unknown {noun} \"{name}\"", f"unknown_{noun}",
                        {"name": name})
              for item in pack.items for pointer, noun, name in _mentions(item, known, open_world)]
    _raise(faults)


def _fields_of(item: Item) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in item.body["fields"]}


def _mentions(item: Item, known: dict[str, dict[str, Any]], open_world: bool) -> Iterator[tuple[str, str, str]]:
    for pointer, target, field in MENTIONS[item.kind](item.body):
        if target not in known:
            if not open_world:
                yield pointer, "object", target
        elif field is not None and not _knows(known[target], field):
            yield pointer, "field", field


def _knows(fields: dict[str, Any], name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in fields or name in SYSTEM_FIELDS or name in DERIVED_FIELDS


@cache
def _validator(kind: str) -> Draft202012Validator:
    resources = [(path.name, Resource.from_contents(json.loads(path.read_text(encoding="utf-8"))))
                 for path in SCHEMAS.glob("*.json")]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator({"$schema": "https://json-schema.org/draft/2020-12/schema",
                                 "$ref": f"{kind.replace('_', '-')}.json"}, registry=registry)


def _shape_faults(kind: str, file: str, pointer: str, body: Any) -> list[PackFault]:
    return sorted(PackFault(file, pointer + _pointer(error.absolute_path), error.message[:300], *_in_words(error))
                  for error in _validator(kind).iter_errors(body))


def _in_words(error: ValidationError) -> tuple[str, dict[str, str]]:
    """What a schema refuses, as a word of the catalogues; the rest is told as the schema says it."""
    if error.validator == "required":
        return "member_missing", {"name": error.message.split("'")[1]}  # one error for each, which only its text names
    if error.validator == "additionalProperties":
        unknown = sorted(set(error.instance) - set(error.schema.get("properties", ())))
        return "members_unknown", {"names": ", ".join(unknown)[:300]}
    if error.validator in ("enum", "const", "pattern", "type", "minimum", "maximum", "maxLength", "minLength"):
        return "value_refused", {"value": str(error.instance)[:100], "text": str(error.validator_value)[:200]}
    return "fault", {"text": error.message[:300]}


def _pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _raise(faults: list[PackFault]) -> None:
    if faults:
        raise PackError(faults)
