"""Objects in two passes, because they point at each other.

The first pass makes each missing object with the fields whose targets are there already; the second adds what is
missing, which then can only be references, and sets lists, forms, duplicate rules and the conversion. A crash between
the two is healed by doing it again: the second pass compares with what it finds.
"""

from __future__ import annotations

from typing import Any

from freehold.packs.api import OBJECTS, Api, ApiError
from freehold.packs.errors import PackError, PackFault
from freehold.packs.merge import MISSING
from freehold.packs.model import Item
from freehold.packs.plan import changed_members, wanted_object

SKELETON = ("name", "label", "plural", "icon", "title_field", "position")


def create_skeleton(api: Api, item: Item, known: set[str]) -> None:
    """Make the object with every field that does not wait for an object outside `known`."""
    fields = [(place, field) for place, field in enumerate(item.body["fields"])
              if field["type"] != "reference" or field["options"]["object"] in known]
    body = {name: item.body[name] for name in SKELETON if name in item.body}
    body["fields"] = [field for _, field in fields]
    try:
        api.call("POST", OBJECTS, body)
    except ApiError as error:
        raise _translated(error, item, [f"/fields/{place}" for place, _ in fields]) from error


def complete(api: Api, item: Item, base: Any = MISSING) -> None:
    """Bring the object to what the pack wants: missing fields first, then changed ones, then its description."""
    path = f"{OBJECTS}/{item.key}"
    installed = api.call("GET", path)
    wanted = wanted_object(base, item.body, installed)
    _write_fields(api, item, path, wanted, installed)
    description = changed_members(wanted, installed, {name: 0 for name in item.body if name not in ("name", "fields")})
    if description:
        _call(api, "PATCH", path, description, item, "")


def _write_fields(api: Api, item: Item, path: str, wanted: dict[str, Any], installed: dict[str, Any]) -> None:
    present = {field["name"]: field for field in installed["fields"]}
    after = {field["name"]: field for field in wanted["fields"]}
    for place, field in enumerate(item.body["fields"]):
        name, pointer = field["name"], f"/fields/{place}"
        if name not in after:
            continue
        if name not in present:
            _call(api, "POST", f"{path}/fields", field, item, pointer)
            continue
        changed = changed_members(after[name], present[name], field)
        if changed:
            _call(api, "PATCH", f"{path}/fields/{name}", changed, item, pointer)


def _call(api: Api, method: str, path: str, body: Any, item: Item, pointer: str) -> None:
    try:
        api.call(method, path, body)
    except ApiError as error:
        raise refused(error, item, pointer) from error


def refused(error: ApiError, item: Item, pointer: str = "") -> PackError:
    """The server's refusal with pointers into the pack's file; `pointer` is where the sent body stands in it."""
    faults = [PackFault(item.file, item.pointer + pointer + str(one.get("pointer", "")), str(one.get("detail", "")))
              for one in error.errors]
    return PackError(faults or [PackFault(item.file, item.pointer + pointer, str(error))])


def _translated(error: ApiError, item: Item, places: list[str]) -> PackError:
    """A refusal of a skeleton: its fields have other numbers than the file's."""
    for one in error.errors:
        steps = str(one.get("pointer", "")).split("/", 3)
        if len(steps) > 2 and steps[1] == "fields" and steps[2].isdigit() and int(steps[2]) < len(places):
            one["pointer"] = "/".join([places[int(steps[2])], *steps[3:]])
    return refused(error, item)
