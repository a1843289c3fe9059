"""The combined OpenAPI document: the gateway's own and those of all services, with public paths.

Names of components get the service's name in front, so that two services may both have a `TaskSchema`. A service that
does not answer is left out, and the description says so.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Mapping
from typing import Any

from chassis.service import Service
from gateway.routing import SERVICES

log = logging.getLogger(__name__)

_KEEP_SECONDS = 30.0
_CALL_SECONDS = 5.0
_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
_SHARED = "#/components/securitySchemes/"


class CombinedDocument:
    """The document of one process, made anew when it is older than half a minute."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._made_at = -_KEEP_SECONDS
        self._document: dict[str, Any] = {}

    def get(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """Return the document; `own` is the gateway's."""
        with self._lock:
            if time.monotonic() - self._made_at >= _KEEP_SECONDS:
                others = {name: self._fetch(name) for name in SERVICES if name != self._service.name}
                self._document = combine({self._service.name: own} | others)
                complete = all(document is not None for document in others.values())
                self._made_at = time.monotonic() - (0 if complete else _KEEP_SECONDS - 3)
            return self._document

    def _fetch(self, name: str) -> dict[str, Any] | None:
        answer = self._service.calls.request(name, "GET", "/v1/openapi.json", timeout=_CALL_SECONDS)
        if answer.status == 200 and isinstance(answer.json, dict) and "paths" in answer.json:
            return answer.json
        log.warning("no OpenAPI document from %s: status %s", name, answer.status)
        return None


def combine(documents: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Any]:
    """Join documents by service name; None stands for one that is missing."""
    missing = sorted(name for name, document in documents.items() if document is None)
    note = f" Not included because they do not answer just now: {', '.join(missing)}." if missing else ""
    combined: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Freehold", "version": "v1",
                 "description": f"The REST API of all services through one address.{note}"},
        "servers": [{"url": "/"}], "tags": [], "paths": {},
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
        "security": [{"bearer": []}]}
    for name, document in documents.items():
        if document is not None:
            _add(combined, name, document)
    return combined


def _add(combined: dict[str, Any], service: str, document: Mapping[str, Any]) -> None:
    combined["tags"] += [tag | {"name": f"{service}: {tag['name']}"} for tag in document.get("tags", ())]
    for path, item in document["paths"].items():
        public = path if path.startswith("/api/") else f"/api/{service}{path}"
        combined["paths"][public] = _renamed(_path_item(item, service, path), service)
    for kind, components in document.get("components", {}).items():
        if kind != "securitySchemes":
            combined["components"].setdefault(kind, {}).update(
                {_name(service, name): _renamed(body, service) for name, body in components.items()})


def _path_item(item: Mapping[str, Any], service: str, path: str) -> dict[str, Any]:
    return {key: _operation(value, service, f"{key}{path}") if key in _METHODS else value
            for key, value in item.items() if key != "servers"}


def _operation(operation: Mapping[str, Any], service: str, address: str) -> dict[str, Any]:
    """Return an operation with tags and an id that name its service; generators of clients make names of the ids."""
    changed = dict(operation)
    if "tags" in changed:
        changed["tags"] = [f"{service}: {tag}" for tag in changed["tags"]]
    changed["operationId"] = f"{service}_{operation.get('operationId') or re.sub(r'[^A-Za-z0-9]+', '_', address)}"
    return changed


def _renamed(part: Any, service: str) -> Any:
    """Return a part of a document whose references point to the renamed components."""
    if isinstance(part, list):
        return [_renamed(item, service) for item in part]
    if not isinstance(part, dict):
        return part
    return {key: _reference(value, service) if key == "$ref" and isinstance(value, str) else _renamed(value, service)
            for key, value in part.items()}


def _reference(text: str, service: str) -> str:
    if not text.startswith("#/components/") or text.startswith(_SHARED):
        return text
    place, _, name = text.rpartition("/")
    return f"{place}/{_name(service, name)}"


def _name(service: str, name: str) -> str:
    return f"{service.capitalize()}{name[:1].upper()}{name[1:]}"
