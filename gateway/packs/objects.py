"""Objects in passes, because they point at each other.

1. Each missing object is made with the fields that wait for nothing; when these are all, it is finished by that.
2. All objects get what is missing then: references, and changes of fields.
3. Calculated fields follow, each behind those that it reads, across all objects (`calculated`).
4. Last come lists, forms, duplicate rules, conversions: the descriptions, which speak of all that.

A crash between two passes is healed by doing it again: every pass compares with what it finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.packs.api import OBJECTS, Api, ApiError
from gateway.packs.calculated import CALCULATED, REFERENCES, fields_of, in_order, mentioned
from gateway.packs.checks import SYSTEM_FIELDS
from gateway.packs.errors import PackError, PackFault
from gateway.packs.merge import MISSING
from gateway.packs.model import Item
from gateway.packs.plan import CREATE, UPDATE, Change, changed_members, wanted_object

SKELETON = ("name", "label", "plural", "icon", "title_field", "position", "group")
LATER = ("conversion", "conversions", "touches", "fills")  # what speaks of other objects


def write_objects(api: Api, changes: Sequence[Change], before: Mapping[str, Any]) -> None:
    """Bring the objects among the changes to what the pack wants; `before` is the pack as it was installed last."""
    objects = [change for change in changes if change.item.kind == "object"]
    _create(api, objects)
    writers = {change.item.key: _Writer(api, change.item, _base(change, before)) for change in objects
               if change.action in (CREATE, UPDATE)}
    for writer in writers.values():
        writer.write_given()
    for name, field in in_order(fields_of(change.item for change in objects)):
        if name in writers:
            writers[name].write_calculated(field)
    for writer in writers.values():
        writer.describe()


def _base(change: Change, before: Mapping[str, Any]) -> Any:
    return MISSING if change.action == CREATE else before.get(change.item.name, MISSING)


def _create(api: Api, objects: Sequence[Change]) -> None:
    """The first pass over all objects."""
    known = {change.item.key for change in objects if change.installed is not None}
    for change in _by_dependency([change for change in objects if change.action == CREATE], known):
        _create_skeleton(api, change.item, known)
        known.add(change.item.key)


def _by_dependency(changes: list[Change], known: set[str]) -> Iterator[Change]:
    """The object with the fewest references to objects that are not there yet comes next."""
    there, waiting = set(known), list(changes)
    while waiting:
        following = min(waiting, key=lambda change: len(_targets(change.item) - there - {change.item.key}))
        waiting.remove(following)
        yield following
        there.add(following.item.key)


def _targets(item: Item) -> set[str]:
    return {field["options"]["object"] for field in item.body["fields"] if field["type"] in REFERENCES}


def _create_skeleton(api: Api, item: Item, known: set[str]) -> None:
    """Make the object with every field that waits for nothing outside; when these are all, with its description."""
    standing = _standing(item, known)
    fields = [(place, field) for place, field in enumerate(item.body["fields"]) if field["name"] in standing]
    members = item.body if len(standing) == len(item.body["fields"]) else SKELETON
    body = {name: item.body[name] for name in members if name in item.body and name not in LATER}
    body["fields"] = [field for _, field in fields]
    try:
        api.call("POST", OBJECTS, body)
    except ApiError as error:
        raise _translated(error, item, [f"/fields/{place}" for place, _ in fields]) from error


def _standing(item: Item, known: set[str]) -> set[str]:
    """The fields that speak of nothing but each other and objects in `known`."""
    fields = {field["name"]: field for field in item.body["fields"]}
    standing = {name for name, field in fields.items() if field["type"] not in CALCULATED
                and (field["type"] not in REFERENCES or field["options"]["object"] in known)}
    for _, name in in_order({item.key: fields}):
        if all(_reaches(one, item.key, standing) for one in mentioned(fields[name], item.key)):
            standing.add(name)
    return standing


def _reaches(mention: tuple[str, str, tuple[str, ...]], own: str, standing: set[str]) -> bool:
    _, related, path = mention
    return related == own and len(path) == 1 and (path[0] in standing or path[0] in SYSTEM_FIELDS)


class _Writer:
    """One object that is there: what it is, what it shall be, and the calls between."""

    def __init__(self, api: Api, item: Item, base: Any) -> None:
        self._api, self._item, self._path = api, item, f"{OBJECTS}/{item.key}"
        self._installed = api.call("GET", self._path)
        self._wanted = wanted_object(base, item.body, self._installed)
        self._present = {field["name"]: field for field in self._installed["fields"]}
        self._after = {field["name"]: field for field in self._wanted["fields"]}
        self._places = {field["name"]: place for place, field in enumerate(item.body["fields"])}

    def write_given(self) -> None:
        """Add and change the fields that people fill in."""
        for field in self._item.body["fields"]:
            if field["type"] not in CALCULATED:
                self._write(field)

    def write_calculated(self, name: str) -> None:
        """Add or change one calculated field; what it reads is there by now."""
        self._write(self._item.body["fields"][self._places[name]])

    def describe(self) -> None:
        """Set everything beside the fields."""
        members = {name: 0 for name in self._item.body if name not in ("name", "fields")}
        description = changed_members(self._wanted, self._installed, members)
        if description:
            self._call("PATCH", self._path, description, "")

    def _write(self, field: Mapping[str, Any]) -> None:
        name = field["name"]
        pointer = f"/fields/{self._places[name]}"
        if name not in self._after:
            return
        if name not in self._present:
            self._call("POST", f"{self._path}/fields", field, pointer)
            return
        changed = changed_members(self._after[name], self._present[name], dict(field))
        if changed:
            self._call("PATCH", f"{self._path}/fields/{name}", changed, pointer)

    def _call(self, method: str, path: str, body: Any, pointer: str) -> None:
        try:
            self._api.call(method, path, body)
        except ApiError as error:
            raise refused(error, self._item, pointer) from error


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
