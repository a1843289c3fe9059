"""Layouts of forms: they live below their object and are written in short in a pack.

A file says only what differs from the usual (`{"field": "name"}` is a field of half the width that is always shown);
`whole_layout` says the rest, so that a comparison with the server's answer finds only real differences.
"""

from __future__ import annotations

from typing import Any

from gateway.packs.api import OBJECTS, Api, ApiError
from gateway.packs.merge import unusual
from gateway.packs.model import Item, Pack
from gateway.packs.plan import CREATE, Change
from gateway.packs.refusals import refused

_LAYOUT = {"position": 100, "active": True, "default": False, "roles": [], "criteria": None, "rest": "show"}
_SECTION = {"label": {}, "help": {}, "columns": 2, "visible_when": None, "required_when": None}
_PLACED = {"width": "half", "help": {}, "read_only": False, "required": False, "visible_when": None,
           "required_when": None}


def whole_layout(body: dict[str, Any]) -> dict[str, Any]:
    """A layout with everything that its file leaves out."""
    sections = [{**_SECTION, **section, "fields": [{**_PLACED, **placed} for placed in section["fields"]]}
                for section in body["sections"]]
    return {**_LAYOUT, **body, "sections": sections}


def short_layout(body: dict[str, Any]) -> dict[str, Any]:
    """A layout as its file has it: without what is as usual."""
    sections = [{**unusual(_SECTION, section), "fields": [unusual(_PLACED, one) for one in section["fields"]]}
                for section in body["sections"]]
    return {**unusual(_LAYOUT, body), "sections": sections}


def installed_layouts(api: Api, pack: Pack) -> dict[tuple[str, str], dict[str, Any]]:
    """The layouts of the pack that are there already."""
    wanted = {(item.body["object"], item.key) for item in pack.of("layout")}
    found = {}
    for name in {object_name for object_name, _ in wanted}:
        page = api.find(f"{OBJECTS}/{name}/layouts") or {"items": []}
        found |= {("layout", one["key"]): one for one in page["items"] if (name, one["key"]) in wanted}
    return found


def write_layout(api: Api, change: Change) -> None:
    """Make a layout, or bring it to what the pack wants."""
    item: Item = change.item
    path = f"{OBJECTS}/{item.body['object']}/layouts"
    try:
        if change.action == CREATE:
            api.call("POST", path, {name: value for name, value in item.body.items() if name != "object"})
        else:
            api.call("PATCH", f"{path}/{item.key}", change.changed_members())
    except ApiError as error:
        raise refused(error, item) from error
