"""A Freehold without a server: the parts of the REST API that packs and the demo use, faithful where it matters.

Answers have the shape of the real ones: objects show normalised definitions, references must lead to existing objects,
batches are atomic, idempotency keys replay the first answer, records that others point at are not deleted.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIST_PAGE = 3
FIELD_DEFAULTS = {"help": {}, "required": False, "unique": False, "indexed": False, "default": None, "position": 0,
                  "options": {}}
COLLECTIONS = {"/api/workflow/v1/task-kinds": "key", "/api/notify/v1/templates": "key",
               "/api/notify/v1/mail-templates": "key",
               "/api/report/v1/dashboards": "id",
               "/api/report/v1/analyses": "id", "/api/gateway/v1/roles": "id", "/api/workflow/v1/rules": "id",
               "/api/workflow/v1/approvals": "id", "/api/workflow/v1/tasks": "id",
               "/api/gateway/v1/users": "id", "/api/gateway/v1/departments": "id",
               "/api/customer/v1/views": "id", "/api/customer/v1/object-groups": "key",
               "/api/customer/v1/tags": "key", "/api/customer/v1/segments": "id",
               "/api/customer/v1/sharing/rules": "id", "/api/customer/v1/web-forms": "id",
               "/api/customer/v1/pools": "id", "/api/customer/v1/retention": "id"}


class Crash(Exception):
    """The caller's process died."""


class FakeFreehold:
    """`fake(method, path, json, headers) -> (status, json)`; `crash_after` calls the caller dies, once."""

    def __init__(self, crash_after: int | None = None, *, before_answer: bool = False) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.layouts: dict[str, dict[str, dict[str, Any]]] = {}
        self.setups: dict[str, dict[str, Any]] = {}  # what counts for duplicates
        self.collections: dict[str, dict[str, dict[str, Any]]] = {path: {} for path in COLLECTIONS}
        self.records: dict[str, dict[str, dict[str, Any]]] = {}
        self.calls: list[tuple[str, str]] = []
        self.refusals: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self._answers: dict[str, tuple[int, Any]] = {}
        self._ids = (f"00000000-0000-7000-8000-{number:012d}" for number in count(1))
        self._crash_after, self._before_answer = crash_after, before_answer

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The calls that changed something."""
        return [call for call in self.calls if call[0] != "GET"]

    def __call__(self, method: str, path: str, json: Any = None,
                 headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        dies = self._crash_after is not None and len(self.calls) >= self._crash_after
        if dies and not self._before_answer:
            self._crash_after = None
            raise Crash
        self.calls.append((method, path))
        answer = self._once(method, path, copy.deepcopy(json), (headers or {}).get("Idempotency-Key"))
        if dies:
            self._crash_after = None
            raise Crash
        return copy.deepcopy(answer)

    def _once(self, method: str, path: str, json: Any, key: str | None) -> tuple[int, Any]:
        if (method, path) in self.refusals:
            return self.refusals[method, path]
        if key in self._answers:
            return self._answers[key]
        answer = self._route(method, path, json)
        if key and answer[0] < 300:
            self._answers[key] = answer
        return answer

    def _route(self, method: str, path: str, json: Any) -> tuple[int, Any]:
        parts = urlsplit(path.replace("/workflow/v1/processes", "/workflow/v1/approvals"))
        steps = parts.path.split("/")[5:]
        if steps[1:2] == ["layouts"]:
            return self._layout(method, steps[0], steps[2:], json)
        if steps[1:2] == ["views"]:
            return self._item(method, "/api/customer/v1/views", "/".join(steps[2:]), json, {})
        if steps[1:2] == ["setup"] or parts.path.startswith("/api/customer/v1/objects"):
            return (self._setup if steps[1:2] == ["setup"] else self._object)(method, steps, json)
        if steps[-1:] == ["return"]:
            return 200, {"done": len(json["ids"]), "results": [{"status": 200} for _ in json["ids"]]}
        if parts.path.startswith("/api/customer/v1/records/"):
            return self._batch(parts.path.split("/")[5], json)
        for base in COLLECTIONS:
            if parts.path == base or parts.path.startswith(base + "/"):
                return self._item(method, base, parts.path[len(base):].strip("/"), json, parse_qs(parts.query))
        raise AssertionError(f"nobody answers {method} {path}")

    # objects

    def _layout(self, method: str, name: str, rest: list[str], json: Any) -> tuple[int, Any]:
        if name not in self.objects:
            return _problem(404)
        kept = self.layouts.setdefault(name, {})
        if method == "GET":
            return 200, {"items": list(kept.values()), "next_cursor": None}
        if method == "POST":
            kept[json["key"]] = {"object": name, "version": 1, **json}
            return 201, kept[json["key"]]
        kept[rest[0]].update(json)
        return 200, kept[rest[0]]

    def _object(self, method: str, steps: list[str], json: Any) -> tuple[int, Any]:
        if method == "POST" and steps == ["batch"]:
            return self._create_objects(json["objects"])
        if not steps:
            return 200, {"items": list(self.objects.values()), "next_cursor": None}
        name = steps[0]
        if name not in self.objects:
            return _problem(404)
        definition = self.objects[name]
        if method == "GET":
            return 200, {**definition, "version": 1, "system": False,
                         "fields": [{**field, "access": "write"} for field in definition["fields"]]}
        if len(steps) == 1:
            return self._describe(definition, json)
        return self._field(method, definition, steps[2:], json)

    def _create_objects(self, bodies: list[dict[str, Any]]) -> tuple[int, Any]:
        """All or none; they may speak of each other."""
        before = copy.deepcopy(self.objects)
        if any(body["name"] in before for body in bodies):
            return _problem(409)
        for body in bodies:
            self.objects[body["name"]] = {"icon": "", "position": 100, "list_fields": [], "form_sections": [],
                                          "duplicate_rules": [], "conversion": None, **body, "fields": []}
        for at, body in enumerate(bodies):
            for place, field in enumerate(body["fields"]):
                status, answer = self._field("POST", self.objects[body["name"]], [], field,
                                             f"/objects/{at}/fields/{place}")
                if status >= 300:
                    self.objects = before
                    return status, answer
        return 201, {"items": [self.objects[body["name"]] for body in bodies], "next_cursor": None}

    def _describe(self, definition: dict[str, Any], json: Any) -> tuple[int, Any]:
        known = {field["name"] for field in definition["fields"]} | {"owner_id", "created_at"}
        for place, name in enumerate(json.get("list_fields", [])):
            if name not in known:
                return _problem(422, f"/list_fields/{place}", "unknown field")
        definition.update(json)
        return 200, definition

    def _field(self, method: str, definition: dict[str, Any], steps: list[str], json: Any,
               pointer: str = "") -> tuple[int, Any]:
        target = json.get("options", {}).get("object")
        if target is not None and target not in self.objects:
            return _problem(422, f"{pointer}/options/object", "unknown object")
        if method == "POST":
            if any(field["name"] == json["name"] for field in definition["fields"]):
                return _problem(409)
            definition["fields"].append({**copy.deepcopy(FIELD_DEFAULTS), **json})
            return 201, json
        field = next(field for field in definition["fields"] if field["name"] == steps[0])
        field.update(json)
        return 200, field

    def _setup(self, method: str, steps: list[str], json: Any) -> tuple[int, Any]:
        name = steps[0]
        if name not in self.objects:
            return _problem(404)
        if method == "PUT":
            self.setups[name] = json
        suggested = {"fields": [], "threshold": "0.65", "others": "owner"}
        return 200, {**suggested, **self.setups.get(name, {}), "is_chosen": name in self.setups}

    # records

    def _batch(self, name: str, json: Any) -> tuple[int, Any]:
        operations = json["operations"]
        if len(operations) > 500:
            return _problem(422, "/operations", "too many")
        return 200, {"results": [self._operate(name, operation) for operation in operations]}

    def _operate(self, name: str, operation: dict[str, Any]) -> dict[str, Any]:
        kept = self.records.setdefault(name, {})
        if operation["action"] == "create":
            id = next(self._ids)
            kept[id] = operation["values"]
            return {"status": 201, "record": {"id": id, **operation["values"]}}
        if operation["id"] not in kept:
            return {"status": 404, "problem": {}}
        used = any(operation["id"] in other.values() for records in self.records.values() for other in records.values())
        if used:
            return {"status": 409, "problem": {"code": "in_use"}}
        del kept[operation["id"]]
        return {"status": 204}

    # everything else

    def _item(self, method: str, base: str, rest: str, json: Any, query: dict[str, list[str]]) -> tuple[int, Any]:
        items, (id, _, verb) = self.collections[base], rest.partition("/")
        if method == "GET":
            return 200, _listed([*items.values()], query)
        if method == "PUT":
            items[id] = {"key": id, "version": 1, **json}
            return 200, items[id]
        if method == "POST" and not id:
            made = {"id": next(self._ids), "version": 1, **json}
            items[made["id"]] = made
            return 201, made
        if id not in items:
            return _problem(404)
        if method == "DELETE":
            del items[id]
            return 204, None
        items[id].update({"state": "cancelled"} if verb == "cancel" else json)
        return 200, items[id]


def _listed(items: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
    if "object" in query:  # few of one object, on one page
        return {"items": [one for one in items if one["object"] == query["object"][0]], "next_cursor": None}
    start = int(query.get("cursor", ["0"])[0])
    more = start + LIST_PAGE < len(items)
    return {"items": items[start:start + LIST_PAGE], "next_cursor": str(start + LIST_PAGE) if more else None}


def _problem(status: int, pointer: str = "", detail: str = "") -> tuple[int, Any]:
    errors = [{"pointer": pointer, "code": "invalid", "detail": detail}] if pointer else []
    return status, {"status": status, "title": "No", "detail": detail or "no", "errors": errors}
