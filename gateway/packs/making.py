"""Missing objects are made together, because they point at each other: one call for as many as fit.

An object is made whole when everything that it speaks of is there, or made in the same call, or not the pack's own:
then the server judges. Otherwise it is made with what stands, and the passes of `objects` add the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.packs.api import OBJECTS, Api, ApiError
from gateway.packs.calculated import CALCULATED, REFERENCES, fields_of, in_order, mentioned, steps
from gateway.packs.checks import DERIVED_FIELDS, SYSTEM_FIELDS
from gateway.packs.errors import PackError, PackFault
from gateway.packs.mentions import MENTIONS
from gateway.packs.model import Item
from gateway.packs.plan import CREATE, Change
from gateway.packs.refusals import refused

TOGETHER = f"{OBJECTS}/batch"
MAX_TOGETHER, MAX_BYTES = 100, 600_000
SKELETON = ("name", "label", "plural", "icon", "title_field", "position", "group")


def make_missing(api: Api, objects: Sequence[Change]) -> set[str]:
    """Make the objects that are to be created; returns the names of those that nothing is left to do of."""
    world = _World({change.item.key for change in objects}, {
        change.item.key: {field["name"]: field for field in change.installed["fields"]}
        for change in objects if change.installed is not None})
    whole: set[str] = set()
    for piece in _pieces(list(_by_dependency(objects))):
        whole |= _make(api, piece, world)
    return whole


@dataclass
class _World:
    """What can be spoken of: the pack's `own` objects, as far as `fields` has them, and whatever is not the pack's."""

    own: set[str]
    fields: dict[str, dict[str, Mapping[str, Any]]]

    def knows(self, name: str, field: str | None = None) -> bool:
        """Whether an object, or one of its fields, can be spoken of."""
        if name not in self.own:
            return True
        own = self.fields.get(name)
        first = field.partition(".")[0] if field is not None else None
        return own is not None and (first is None or first in own or first in SYSTEM_FIELDS or field in DERIVED_FIELDS)

    def add(self, items: Sequence[Item]) -> None:
        """Take in the fields of new objects that wait for nothing."""
        wanted = fields_of(items)
        self.fields |= {name: {} for name in wanted}
        for name, fields in wanted.items():
            self.fields[name] |= {field["name"]: field for field in fields.values() if self._is_given(field)}
        for name, field in in_order(wanted):
            if self._can_be_calculated(name, wanted[name][field]):
                self.fields[name][field] = wanted[name][field]

    def _is_given(self, field: Mapping[str, Any]) -> bool:
        if field["type"] in REFERENCES:
            return self.knows(field["options"]["object"])
        return field["type"] not in CALCULATED

    def _can_be_calculated(self, own: str, field: Mapping[str, Any]) -> bool:
        return all(self.knows(name, step) for _, related, path in mentioned(field, own)
                   for name, step in steps(related, path, self.fields))


def _by_dependency(objects: Sequence[Change]) -> Iterator[Item]:
    """The object with the fewest references to objects that are not there yet comes next."""
    there = {change.item.key for change in objects if change.installed is not None}
    waiting = [change.item for change in objects if change.action == CREATE]
    while waiting:
        following = min(waiting, key=lambda item: len(_targets(item) - there - {item.key}))
        waiting.remove(following)
        yield following
        there.add(following.key)


def _targets(item: Item) -> set[str]:
    return {field["options"]["object"] for field in item.body["fields"] if field["type"] in REFERENCES}


def _pieces(items: list[Item]) -> Iterator[list[Item]]:
    """As many objects as one call takes."""
    piece: list[Item] = []
    size = 0
    for item in items:
        own = len(json.dumps(item.body))
        if piece and (len(piece) == MAX_TOGETHER or size + own > MAX_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(item)
        size += own
    if piece:
        yield piece


def _make(api: Api, piece: list[Item], world: _World) -> set[str]:
    world.add(piece)
    whole = {item.key for item in piece if _is_whole(item, world)}
    bodies = [_body(item, world, whole) for item in piece]
    try:
        api.call("POST", TOGETHER, {"objects": bodies})
    except ApiError as error:
        raise _refused(error, piece, bodies) from error
    return whole


def _is_whole(item: Item, world: _World) -> bool:
    return len(world.fields[item.key]) == len(item.body["fields"]) and all(
        world.knows(name, field) for _, name, field in MENTIONS["object"](item.body))


def _body(item: Item, world: _World, whole: set[str]) -> dict[str, Any]:
    members = item.body if item.key in whole else SKELETON
    fields = [field for field in item.body["fields"] if field["name"] in world.fields[item.key]]
    return {**{name: item.body[name] for name in members if name in item.body}, "fields": fields}


def _refused(error: ApiError, piece: list[Item], bodies: list[dict[str, Any]]) -> PackError:
    """A refusal with pointers into the files: the bodies' fields may have other places than the files' have."""
    faults = []
    for one in error.errors:
        steps = str(one.get("pointer", "")).split("/", 3)[1:]
        if steps[:1] == ["objects"] and len(steps) > 1 and int(steps[1]) < len(piece):
            place = int(steps[1])
            pointer = _in_file(steps[2] if len(steps) > 2 else "", piece[place], bodies[place])
            faults.append(PackFault(piece[place].file, pointer, str(one.get("detail", ""))))
    return PackError(faults) if faults else refused(error, piece[0])


def _in_file(rest: str, item: Item, body: dict[str, Any]) -> str:
    steps = rest.split("/", 2)
    if steps[0] == "fields" and len(steps) > 1 and steps[1].isdigit() and int(steps[1]) < len(body["fields"]):
        names = [field["name"] for field in item.body["fields"]]
        steps[1] = str(names.index(body["fields"][int(steps[1])]["name"]))
    return "".join(f"/{step}" for step in steps if step)
