"""The no-code configuration of an installation as a pack: the same files whenever nothing has changed.

Everything is read with the caller's own rights. Nothing of one installation leaves: no ids, no people, no private
views. What cannot be said without them is left out, and `Exported.left_out` names it.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.packs.api import Api, Request
from gateway.packs.approvals import short_process
from gateway.packs.layouts import short_layout
from gateway.packs.mentions import MENTIONS
from gateway.packs.model import PART_OF, PARTS, Item, Part
from gateway.packs.names import Names, speaks_of_ids
from gateway.packs.reading import in_file, managed_fields, read_kind
from gateway.packs.requirements import FREEHOLD

_EPOCH = (1980, 1, 1, 0, 0, 0)
_READING = ("key", "name", "object", "field", "type", "on", "related", "op", "value", "label", "x", "y", "w", "h")
_SHORT = {"layout": short_layout, "process": short_process}
_RANK = {name: place for place, name in enumerate(_READING)}
_OF_ONE_OBJECT = ("mail_template", "layout", "process", "rule", "view", "segment", "sharing_rule", "web_form", "pool",
                  "duplicate_setup", "retention_rule")


@dataclass(frozen=True)
class Exported:
    """A pack's files, path → text, and the items that had to stay behind (kind, key)."""

    files: Mapping[str, str] = field(repr=False)
    left_out: tuple[tuple[str, str], ...] = ()


def export_pack(request: Request, *, name: str, version: str, label: Mapping[str, str],
                objects: Collection[str] = ()) -> Exported:
    """Export everything, or with `objects` these and what belongs to them."""
    api = Api(request)
    names = Names(api)
    found = dict(read_kind(api, "object", (), names))
    chosen = sorted(set(objects) & found.keys()) if objects else sorted(found)
    kept = {key: managed_fields(one) for key, one in found.items()}
    items: list[Item] = []
    left_out: list[tuple[str, str]] = []
    for part in PARTS:
        rows = found.items() if part.kind == "object" else read_kind(api, part.kind, chosen, names)
        for key, one in sorted(rows, key=lambda row: row[0]):
            if not _leaves(part.kind, one):
                continue
            body = _cleaned(part.kind, in_file(part.kind, key, one))
            if part.kind == "object" and key not in chosen:
                continue
            if speaks_of_ids(body) or _speaks_of(part.kind, body, kept):
                left_out.append((part.kind, key))
            else:
                items.append(Item(part.kind, key, "", body))
    if objects:
        items = list(_belonging(items, set(chosen)))
    return Exported(_files(items, name, version, label, found, bool(objects)), tuple(left_out))


def zipped(files: Mapping[str, str]) -> bytes:
    """The files as a zip, byte for byte the same for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), files[path], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _leaves(kind: str, one: Mapping[str, Any]) -> bool:
    """Private things, and the administrator's role, which every installation has, stay."""
    return one.get("visibility") != "private" and not (kind == "role" and one.get("shipped"))


def _speaks_of(kind: str, body: dict[str, Any], kept: Mapping[str, set[str]]) -> bool:
    """Whether an item names a field that the system keeps, which is not there where the pack arrives."""
    return any(field is not None and field.partition(".")[0] in kept.get(name, ())
               for _, name, field in MENTIONS[kind](body))


def _cleaned(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    body = _ordered(kind, body)
    if kind == "object":
        body["fields"] = [{name: value for name, value in one.items() if name != "default" or not speaks_of_ids(value)}
                          for one in body["fields"]]
    if kind == "view":
        body = {name: value for name, value in body.items() if value not in (None, []) or name == "columns"}
    if kind == "sharing_rule":
        body["grantees"] = [one for one in body["grantees"] if not one.startswith("user:")]
    if kind == "pool":
        named = {name: [one for one in body.get(name, ()) if not one.startswith("user:")]
                 for name in ("members", "managers")}
        body = {**body, **named} if named["members"] else body  # a pool of people alone stays behind
    return _SHORT.get(kind, dict)(body)


def _ordered(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The members of an item stay in their order; what is inside comes in one of its own, because databases differ."""
    return {name: [_ordered("field", one) for one in value] if (kind, name) == ("object", "fields") else _sorted(value)
            for name, value in body.items()}


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value, key=lambda name: (_RANK.get(name, 99), name))}
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def _belonging(items: list[Item], chosen: set[str]) -> Iterator[Item]:
    """What belongs to the chosen objects: their own, dashboards over them alone, their part of the roles."""
    words = json.dumps([one.body for one in items if one.kind == "object" or one.body.get("object") in chosen])
    for item in items:
        if item.kind == "role":
            part = {name: one for name, one in item.body["objects"].items() if name in chosen}
            if part:
                yield replace(item, body={**item.body, "permissions": [], "objects": part})
        elif _belongs(item, chosen, words):
            yield item


def _belongs(item: Item, chosen: set[str], words: str) -> bool:
    if item.kind in _OF_ONE_OBJECT:
        return item.body["object"] in chosen
    if item.kind == "dashboard":
        return {widget["query"]["object"] for widget in item.body["widgets"]} <= chosen
    if item.kind == "analysis":
        return {target for _, target, _ in MENTIONS["analysis"](item.body)} <= chosen
    return item.kind == "object" or f'"{item.key}"' in words  # a group, a tag, a template, a kind of task


def _files(items: list[Item], name: str, version: str, label: Mapping[str, str], known: Mapping[str, Any],
           partly: bool) -> dict[str, str]:
    order = [part.place for part in PARTS if any(item.kind == part.kind for item in items)]
    own = {item.key for item in items if item.kind == "object"}
    outside = {target for item in items for _, target, _ in MENTIONS[item.kind](item.body) if target not in own}
    requires: dict[str, Any] = {"freehold": FREEHOLD, "packs": []}
    if partly and outside & known.keys():
        requires["objects"] = sorted(outside & known.keys())
    manifest = {"name": name, "version": version, "label": dict(label), "requires": requires, "order": order}
    files = {"pack.json": _text(manifest)}
    for place in order:
        files |= _part_files(PART_OF[place], [item for item in items if item.kind == PART_OF[place].kind])
    return files


def _part_files(part: Part, items: list[Item]) -> dict[str, str]:
    if part.single is not None:
        return {f"{part.place}.json": _text({part.single: [item.body for item in items]})}
    return {f"{part.place}/{_file_name(item.key)}.json": _text(item.body) for item in items}


def _file_name(key: str) -> str:
    return re.sub(r"[^a-z0-9.-]+", "-", key)


def _text(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"
