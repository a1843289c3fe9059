"""Roles, departments and segments by name instead of by id: ids are of one installation, names are what files carry.

A role is said by its key, a department by its path ("Group / East"), a segment by the key that its object and its words
make. People are never named: whatever speaks of a
person, or of any other id, does not leave (`speaks_of_ids`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from gateway.packs.api import Api

_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)
_OF_THE_MOMENT = ("id", "since")  # of a rule by which records go back to their pool
_GRANTEES = {"role": "roles", "department": "departments", "department_and_below": "departments"}


class UnknownName(Exception):
    """A role, department or segment that is not there; `args` are its kind and name."""


class Names:
    """The roles, departments and segments of an installation, read when they are first asked for."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._segments: dict[str, dict[str, str]] = {}

    @cached_property
    def processes(self) -> dict[str, Mapping[str, Any]]:
        """Process id → what it is."""
        return {one["id"]: one for one in self._api.items("/api/workflow/v1/processes")}

    @cached_property
    def roles(self) -> dict[str, str]:
        """Role id → key."""
        return {one["id"]: one["key"] for one in self._api.items("/api/gateway/v1/roles")}

    @cached_property
    def departments(self) -> dict[str, str]:
        """Department id → path."""
        return {one["id"]: one["path"] for one in self._api.items("/api/gateway/v1/departments")}

    def segments(self, name: str) -> dict[str, str]:
        """Segment id → key, of one object."""
        if name not in self._segments:
            found = self._api.find(f"/api/customer/v1/segments?object={name}") or {"items": ()}
            self._segments[name] = {one["id"]: key_of(one) for one in found["items"]}
        return self._segments[name]

    def outward(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """An item of this installation in the words of a file."""
        if kind == "pool":
            body = {**body, "returns": [{name: value for name, value in one.items() if name not in _OF_THE_MOMENT}
                                        for one in body["returns"]]}
        if kind == "rule" and body["trigger"].get("segment"):
            known = self.segments(body["object"])
            body = {**body, "trigger": {**body["trigger"], "segment": known.get(body["trigger"]["segment"],
                                                                                body["trigger"]["segment"])}}
        if kind == "rule":
            body = self._starting(body, lambda id: key_of(self.processes[id]) if id in self.processes else id)
        return self._through(kind, body, lambda table, id: getattr(self, table).get(id, id))

    def inward(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """An item of a file in the ids of this installation; raises UnknownName."""
        if kind == "rule" and body.get("trigger", {}).get("segment"):
            body = {**body, "trigger": {**body["trigger"], "segment": self._segment(body["trigger"]["segment"])}}
        if kind == "rule":
            body = self._starting(body, self._process)
        return self._through(kind, body, self._id_of)

    def _starting(self, body: dict[str, Any], word: Callable[[str], str]) -> dict[str, Any]:
        """A rule with other words for the processes that it starts."""
        if not any(one.get("process") for one in body.get("actions", ())):
            return body
        return {**body, "actions": [{**one, "process": word(one["process"])} if one.get("process") else one
                                    for one in body["actions"]]}

    def _process(self, key: str) -> str:
        """A process as rules name it: by its own key, or by its id when its key is only made of its words."""
        return next((id for id, one in self.processes.items() if not one["key"] and key_of(one) == key), key)

    def _segment(self, key: str) -> str:
        for id, known in self.segments(key.partition(".")[0]).items():
            if key == known:
                return id
        raise UnknownName("segment", key)

    def _id_of(self, table: str, name: str) -> str:
        for id, known in getattr(self, table).items():
            if name in (known, id):
                return id
        raise UnknownName(table[:-1], name)

    def _through(self, kind: str, body: dict[str, Any], word: Callable[[str, str], str]) -> dict[str, Any]:
        if kind == "sharing_rule" and "grantees" in body:
            return {**body, "grantees": [_grantee(one, word) for one in body["grantees"]]}
        if kind == "pool":
            return {**body, **{name: [_grantee(one, word) for one in body[name]]
                               for name in ("members", "managers") if name in body}}
        if kind == "rule" and "actions" in body:
            return {**body, "actions": [_action(one, word) for one in body["actions"]]}
        if kind == "view" and body.get("department_ids"):
            return {**body, "department_ids": [word("departments", one) for one in body["department_ids"]]}
        return body


def key_of(one: Mapping[str, Any]) -> str:
    """The key of an item: its own, or one made of its object and its words, which is the same everywhere."""
    if one.get("key"):
        return str(one["key"])
    name = one.get("name") or one.get("label") or {}
    words = name.get("en") or next(iter(name.values()), "")
    slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:48]
    if not slug or not name.get("en"):
        slug = f"{slug}_{hashlib.sha256(words.encode()).hexdigest()[:10]}".strip("_")
    return f"{one.get('object', 'own')}.{slug}"


def retention_key(rule: Mapping[str, Any]) -> str:
    """The key of a rule of retention, which has no name: what it does, by which field, and under which condition."""
    said = f"{rule['object']}.{rule['action']}_{rule['field']}"
    criteria = rule.get("criteria") or {"all": []}
    if criteria == {"all": []}:
        return said
    return f"{said}_{hashlib.sha256(json.dumps(criteria, sort_keys=True).encode()).hexdigest()[:10]}"


def speaks_of_ids(body: Any) -> bool:
    """Whether an id of an installation stands anywhere in an item."""
    if isinstance(body, Mapping):
        return any(speaks_of_ids(value) for value in body.values())
    if isinstance(body, list):
        return any(map(speaks_of_ids, body))
    return isinstance(body, str) and _ID.search(body) is not None


def _grantee(text: str, word: Callable[[str, str], str]) -> str:
    kind, _, name = text.partition(":")
    return f"{kind}:{word(_GRANTEES[kind], name)}" if kind in _GRANTEES else text


def _action(action: Mapping[str, Any], word: Callable[[str, str], str]) -> dict[str, Any]:
    return {name: {**value, "department_id": word("departments", value["department_id"])}
            if isinstance(value, Mapping) and value.get("department_id") else value for name, value in action.items()}
