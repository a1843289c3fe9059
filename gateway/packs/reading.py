"""What is there, item by item, in the form in which a pack's files have it: read by the installer and the export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gateway.packs.api import COLLECTIONS, OBJECTS, Api
from gateway.packs.names import Names, key_of, retention_key

MEMBERS: Mapping[str, tuple[str, ...]] = {
    "group": ("key", "label", "position"),
    "tag": ("key", "label", "color"),
    "object": ("name", "label", "plural", "icon", "title_field", "position", "group", "fields", "list_fields",
               "form_sections", "duplicate_rules", "touches", "planned_task", "conversion", "conversions", "line_of",
               "fills", "limits", "lock"),
    "layout": ("key", "object", "label", "position", "active", "default", "roles", "criteria", "rest", "sections"),
    "task_kind": ("key", "name", "position", "active"),
    "template": ("key", "name", "subject", "body", "digest_subject", "digest_body"),
    "mail_template": ("key", "name", "object", "subject", "body", "purpose", "language_field"),
    "dashboard": ("key", "name", "description", "visibility", "role_keys", "position", "widgets"),
    "analysis": ("key", "name", "kind", "mapping", "every", "enabled", "position"),
    "role": ("key", "name", "permissions", "objects"),
    "pool": ("key", "object", "name", "active", "members", "managers", "criteria", "takes_new", "max_held",
             "max_claims_per_day", "former_owner_days", "owners_return", "reasons", "reason_required", "masked",
             "returns"),
    "process": ("key", "name", "object", "active", "approval", "xml"),
    "rule": ("key", "name", "object", "trigger", "criteria", "actions", "active", "position"),
    "view": ("key", "object", "name", "kind", "criteria", "sort", "columns", "frozen", "group_field", "sum_field",
             "date_field", "end_field", "color_field", "totals", "visibility", "role_keys", "department_ids",
             "is_default", "position"),
    "segment": ("key", "object", "name", "criteria"),
    "sharing_rule": ("key", "object", "name", "criteria", "grantees", "level", "active"),
    "web_form": ("slug", "object", "label", "active", "title", "intro", "button", "thanks", "consent", "redirect",
                 "sections", "values", "tracking", "origins", "guard", "per_hour", "min_seconds"),
    "duplicate_setup": ("object", "fields", "threshold", "others"),
    "retention_rule": ("key", "object", "criteria", "field", "days", "action"),  # people switch it on after a look
}
FIELD = ("name", "type", "label", "help", "required", "unique", "indexed", "default", "message", "position",
         "options", "sensitive", "personal")
ON_ONE_PAGE = ("web_form",)
OWN_KEY = ("web_form", "duplicate_setup")  # what they are known by is not called key


def read_kind(api: Api, kind: str, objects: Iterable[str], names: Names) -> Iterator[tuple[str, dict[str, Any]]]:
    """(key, what the API shows) of everything of one kind; words instead of ids where a file needs them."""
    for one in _all(api, kind, objects):
        yield key_in(kind, one), names.outward(kind, one)


def key_in(kind: str, one: Mapping[str, Any]) -> str:
    """Under which key an item of the API stands in a pack."""
    if kind == "object":
        return str(one["name"])
    if kind == "duplicate_setup":
        return str(one["object"])
    if kind == "retention_rule":
        return retention_key(one)
    return str(one["slug"]) if kind == "web_form" else key_of(one)


def in_file(kind: str, key: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """An item as its file has it: only what people chose."""
    body = {name: one[name] for name in MEMBERS[kind] if one.get(name) is not None}
    if kind == "object":
        kept = managed_fields(one)
        body["fields"] = [{name: field[name] for name in FIELD if field.get(name) not in (None, {})}
                          for field in one["fields"] if field["name"] not in kept]
        body["list_fields"] = [name for name in body.get("list_fields", ()) if name not in kept]
        body["form_sections"] = [{**section, "fields": [name for name in section["fields"] if name not in kept]}
                                 for section in body.get("form_sections", ())]
    elif kind not in OWN_KEY:
        body = {"key": key, **{name: value for name, value in body.items() if name != "key"}}
    return body


def managed_fields(one: Mapping[str, Any]) -> set[str]:
    """The fields of an object that the system keeps, as those of pools: nobody can bring them."""
    return {field["name"] for field in one["fields"] if field.get("options", {}).get("managed")}


def _all(api: Api, kind: str, objects: Iterable[str]) -> Iterator[dict[str, Any]]:
    if kind == "object":
        yield from api.items(OBJECTS)
    elif kind in _WITHIN:
        for name in objects:
            yield from _WITHIN[kind](api, name)
    elif kind == "retention_rule":
        known = set(objects)  # what belongs to an object in the bin rests with it
        yield from (one for one in api.call("GET", COLLECTIONS[kind].path)["items"] if one["object"] in known)
    elif kind in ON_ONE_PAGE:
        yield from api.call("GET", COLLECTIONS[kind].path)["items"]
    else:
        yield from api.items(COLLECTIONS[kind].path)


def _layouts(api: Api, name: str) -> Iterator[dict[str, Any]]:
    found = api.find(f"{OBJECTS}/{name}/layouts") or {"items": ()}
    return ({**one, "object": name} for one in found["items"])


def _segments(api: Api, name: str) -> Iterator[dict[str, Any]]:
    return iter((api.find(f"{COLLECTIONS['segment'].path}?object={name}") or {"items": ()})["items"])


def _setups(api: Api, name: str) -> Iterator[dict[str, Any]]:
    """What counts for the duplicates of an object, where somebody chose it; the rest its fields suggest everywhere."""
    one = api.find(COLLECTIONS["duplicate_setup"].under(name))
    if one is not None and one["is_chosen"]:
        yield {**one, "object": name}


_WITHIN: Mapping[str, Callable[[Api, str], Iterator[dict[str, Any]]]] = {
    "layout": _layouts, "segment": _segments, "duplicate_setup": _setups}
