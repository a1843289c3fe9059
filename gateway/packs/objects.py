"""Objects in passes, because they point at each other.

1. Missing objects are made together (`making`), with everything that can be said of them by then.
2. Those that were there, or are not whole yet, get what is missing: references, and changes of fields.
3. Calculated fields follow, each behind those that it reads, across all objects (`calculated`).
4. Last come lists, forms, duplicate rules, conversions: the descriptions, which speak of all that.

A crash between two passes is healed by doing it again: every pass compares with what it finds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.packs.api import OBJECTS, Api, ApiError
from gateway.packs.calculated import CALCULATED, fields_of, in_order
from gateway.packs.making import make_missing
from gateway.packs.merge import MISSING
from gateway.packs.model import Item
from gateway.packs.plan import CREATE, UPDATE, Change, changed_members, wanted_object
from gateway.packs.refusals import refused


def write_objects(api: Api, changes: Sequence[Change], before: Mapping[str, Any]) -> None:
    """Bring the objects among the changes to what the pack wants; `before` is the pack as it was installed last."""
    objects = [change for change in changes if change.item.kind == "object"]
    whole = make_missing(api, objects)
    writers = {change.item.key: _Writer(api, change.item, _base(change, before)) for change in objects
               if change.action in (CREATE, UPDATE) and change.item.key not in whole}
    for writer in writers.values():
        writer.write_given()
    for name, field in in_order(fields_of(change.item for change in objects)):
        if name in writers:
            writers[name].write_calculated(field)
    for writer in writers.values():
        writer.describe()


def _base(change: Change, before: Mapping[str, Any]) -> Any:
    return MISSING if change.action == CREATE else before.get(change.item.name, MISSING)


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
