"""The difference between a pack and an installation: one change per item, each with the places that differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.packs.approvals import taken
from gateway.packs.merge import MISSING, differences, merged, merged_sections
from gateway.packs.model import Item

CREATE, UPDATE, UNCHANGED, KEPT = "create", "update", "unchanged", "kept"


@dataclass(frozen=True)
class Difference:
    """One place of an item that will change."""

    pointer: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """What happens to one item; `wanted` is the whole item afterwards.

    `kept` is an item that people removed and that the pack did not change since: it stays removed.
    """

    item: Item
    action: str
    wanted: dict[str, Any]
    installed: dict[str, Any] | None = None
    differences: tuple[Difference, ...] = ()

    def changed_members(self) -> dict[str, Any]:
        """The top-level members that differ, whole, as a PATCH sends them."""
        return changed_members(self.wanted, self.installed or {}, self.item.body)


def change_of(item: Item, installed: dict[str, Any] | None, base: Any = MISSING) -> Change:
    """Decide about one item; `base` is the item as the pack had it when it was last installed."""
    if installed is None:
        action = KEPT if base is not MISSING and base == item.body else CREATE
        return Change(item, action, item.body)
    wanted = wanted_object(base, item.body, installed) if item.kind == "object" else _wanted(base, item, installed)
    found = tuple(Difference(*row) for row in _differences(item, wanted, installed))
    return Change(item, UPDATE if found else UNCHANGED, wanted, installed, found)


def wanted_object(base: Any, pack: dict[str, Any], installed: dict[str, Any]) -> dict[str, Any]:
    """An object as it should be: sections are merged by fields, everything else by the common rule."""
    wanted = merged(base, pack, installed)
    if "form_sections" in pack:
        before = base.get("form_sections", MISSING) if isinstance(base, dict) else MISSING
        wanted["form_sections"] = merged_sections(before, pack["form_sections"], installed.get("form_sections") or [])
    return wanted


def changed_members(wanted: dict[str, Any], installed: dict[str, Any], pack: dict[str, Any]) -> dict[str, Any]:
    """The members that the pack speaks of and that differ from what is installed."""
    return {name: wanted[name] for name in pack if name in wanted and wanted[name] != installed.get(name)}


def _wanted(base: Any, item: Item, installed: dict[str, Any]) -> dict[str, Any]:
    """People switch rules, processes and pools on and off; only a new one takes the pack's word for it."""
    switched = item.kind in ("rule", "process", "pool")
    body = {name: value for name, value in item.body.items() if not (switched and name == "active")}
    whole = taken(base, body, installed) if item.kind == "process" else {}
    return merged(base, {name: value for name, value in body.items() if name not in whole}, installed) | whole


def _differences(item: Item, wanted: dict[str, Any], installed: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    rows = []
    for name in item.body:
        if item.kind == "object" and name == "fields":
            rows += _field_differences(wanted["fields"], installed["fields"])
        elif name in wanted:
            rows += differences(wanted[name], installed.get(name), f"/{name}")
    return rows


def _field_differences(wanted: list[dict[str, Any]], installed: list[dict[str, Any]]) -> list[tuple[str, Any, Any]]:
    present = {field["name"]: field for field in installed}
    return [row for field in wanted
            for row in differences(field, present.get(field["name"]), f"/fields/{field['name']}")]
