"""What an installed value should become: a three-way merge of the pack before, the pack now, and what is installed.

The pack is the wish, what people added is theirs. Members that the pack does not name are left alone; lists keep what
was added to them; a value that people changed stays theirs as long as the pack did not change it since it was last
installed (`base`). Without a base, the pack's value counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
_IDENTITIES = ("name", "value", "key", "id", "object")


def merged(base: Any, pack: Any, installed: Any) -> Any:
    """The value that should be installed; `base` and `installed` may be MISSING."""
    if installed is MISSING:
        return pack if base is MISSING or base != pack else MISSING
    if isinstance(pack, dict) and isinstance(installed, dict):
        return _merged_members(base, pack, installed)
    if pack == installed or (base is not MISSING and base == pack):
        return installed
    if isinstance(pack, list) and isinstance(installed, list):
        return _merged_list(base, pack, installed)
    return pack


def differences(wanted: Any, installed: Any, pointer: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(pointer, installed, wanted) of every place that differs, as deep as both sides have the same shape."""
    if wanted == installed:
        return
    if isinstance(wanted, dict) and isinstance(installed, dict):
        for name in wanted:
            yield from differences(wanted[name], installed.get(name), f"{pointer}/{name}")
        return
    yield pointer, installed, wanted


def unusual(usual: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The members of a part that are not as usual."""
    return {name: value for name, value in given.items() if name not in usual or value != usual[name]}


def merged_sections(base: Any, pack: list[dict[str, Any]], installed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Form sections: a field stays where people have put it; only fields that stand nowhere are placed."""
    placed = {name for section in installed for name in section["fields"]}
    dropped = set() if base is MISSING else {name for section in base for name in section["fields"]} - placed
    sections = [dict(section) for section in installed]
    for section in pack:
        missing = [name for name in section["fields"] if name not in placed | dropped]
        if missing:
            _add_to_section(sections, section, missing)
    return sections


def _add_to_section(sections: list[dict[str, Any]], section: dict[str, Any], names: list[str]) -> None:
    for present in sections:
        if present["label"] == section["label"]:
            present["fields"] = [*present["fields"], *names]
            return
    sections.append({**section, "fields": names})


def _merged_members(base: Any, pack: dict[str, Any], installed: dict[str, Any]) -> dict[str, Any]:
    before = base if isinstance(base, dict) else {}
    members = dict(installed)
    for name, value in pack.items():
        wanted = merged(before.get(name, MISSING), value, installed.get(name, MISSING))
        if wanted is not MISSING:
            members[name] = wanted
    return members


def _merged_list(base: Any, pack: list[Any], installed: list[Any]) -> list[Any]:
    identity = identity_of(pack, installed)
    if identity is not None:
        return _merged_by(identity, base, pack, installed)
    if all(isinstance(item, str) for item in pack + installed):
        dropped = set(base) - set(installed) if isinstance(base, list) else set()
        return installed + [item for item in pack if item not in installed and item not in dropped]
    return pack


def _merged_by(identity: str, base: Any, pack: list[Any], installed: list[Any]) -> list[Any]:
    """Items that are the same by `identity` are merged; the installed order stays unless the pack adds an item."""
    before = {item[identity]: item for item in base} if isinstance(base, list) else {}
    present = {item[identity]: item for item in installed}
    wanted = {item[identity]: merged(before.get(item[identity], MISSING), item, present.get(item[identity], MISSING))
              for item in pack}
    wanted = {name: item for name, item in wanted.items() if item is not MISSING}
    if wanted.keys() <= present.keys():
        return [wanted.get(name, item) for name, item in present.items()]
    return [*wanted.values(), *(item for name, item in present.items() if name not in wanted)]


def identity_of(*lists: list[Any]) -> str | None:
    """The member by which the items of these lists are told apart; None when there is none."""
    items = [item for one in lists for item in one]
    for name in _IDENTITIES:
        if items and all(isinstance(item, dict) and isinstance(item.get(name), str) for item in items):
            return name
    return None
