"""What stands on the leads of the permission tests: a view, segments, merges, duplicates, files, a board, a bin."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conftest import World

CUSTOMER = "/api/customer/v1"
ALL_OF_THEM = {"field": "company", "op": "eq", "value": "Matrix Ltd"}
_PATIENCE = 30.0


def stage(world: World) -> None:
    """Make everything in the administrator's name, and wait for what is made in the background."""
    world.statuses = [one["value"] for one in _field(world, "status")["options"]["choices"]]
    world.made["view"] = _good(world, "POST", f"{CUSTOMER}/objects/lead/views", {
        "name": {"en": "Matrix"}, "kind": "list", "visibility": "everybody", "criteria": ALL_OF_THEM,
        "columns": [{"field": "name"}, {"field": "phone"}, {"field": "expected_amount"}]})["id"]
    world.made["segment"] = _segment(world, "All", ALL_OF_THEM)
    world.made["by_phone"] = _segment(world, "By phone", {"field": "phone", "op": "starts_with", "value": "+861380013"})
    world.made["rich"] = _segment(world, "Rich", {"field": "expected_amount", "op": "gte", "value": "1"})
    world.made["board"] = _good(world, "POST", "/api/report/v1/dashboards", {
        "name": {"en": "Matrix"}, "visibility": "everybody", "widgets": [{
            "key": "leads", "kind": "kpi", "title": {"en": "Leads"}, "layout": {"x": 0, "y": 0, "w": 4, "h": 4},
            "query": {"object": "lead", "measures": [{"op": "count"}], "dimensions": []}}]})["id"]
    world.made["pool"] = _good(world, "POST", f"{CUSTOMER}/pools", {
        "object": "lead", "name": {"en": "Nobody's"}, "members": [f"user:{world.house.admin_id}"]})["id"]
    _files(world)
    _merges(world)
    _duplicates(world)
    _deleted(world)


def _good(world: World, method: str, path: str, body: Any = None) -> Any:
    return world.house.good(world.house.admin_id, method, path, body)


def _field(world: World, name: str) -> Any:
    return next(one for one in _good(world, "GET", f"{CUSTOMER}/objects/lead")["fields"] if one["name"] == name)


def _segment(world: World, name: str, criteria: Any) -> str:
    body = {"object": "lead", "name": {"en": name}, "criteria": criteria}
    id = str(_good(world, "POST", f"{CUSTOMER}/segments", body)["id"])
    _patiently(lambda: _good(world, "GET", f"{CUSTOMER}/segments/{id}")["count"] == len(world.all_leads))
    return id


def _files(world: World) -> None:
    """A paper of its own on every lead."""
    _good(world, "POST", f"{CUSTOMER}/objects/lead/fields", {"name": "papers", "type": "file"})
    for id in sorted(world.all_leads):
        sent = world.house.upload(world.house.admin_id, f"{CUSTOMER}/files?object=lead&field=papers&name={id}.pdf",
                                  b"%PDF-1.7 " + id.encode())
        _good(world, "PATCH", f"{CUSTOMER}/records/lead/{id}", {"papers": [sent["id"]]})
        world.files[id] = sent["id"]


def _merges(world: World) -> None:
    """Every lead has taken in another one of its owner."""
    for id in sorted(world.all_leads):
        owner = _good(world, "GET", f"{CUSTOMER}/records/lead/{id}")["owner_id"]
        other = _good(world, "POST", f"{CUSTOMER}/records/lead", {"name": f"Taken in by {id}", "owner_id": owner})["id"]
        _good(world, "POST", f"{CUSTOMER}/records/lead/{id}/merge", {"merged": other})


def _duplicates(world: World) -> None:
    scan = f"{CUSTOMER}/duplicates/lead/scan"
    _good(world, "POST", scan)
    _patiently(lambda: (_good(world, "GET", scan)["scan"] or {}).get("state") == "finished")


def _deleted(world: World) -> None:
    """One deleted lead of every caller and of those around him."""
    for role, distances in world.leads.items():
        for distance, id in distances.items():
            owner = _good(world, "GET", f"{CUSTOMER}/records/lead/{id}")["owner_id"]
            gone = _good(world, "POST", f"{CUSTOMER}/records/lead", {"name": f"Gone {role}", "owner_id": owner})["id"]
            assert world.house.call(world.house.admin_id, "DELETE", f"{CUSTOMER}/records/lead/{gone}")[0] == 204
            world.deleted.setdefault(role, {})[distance] = gone


def _patiently(holds: Any) -> None:
    until = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < until, "what is made in the background does not come"
        time.sleep(0.05)
