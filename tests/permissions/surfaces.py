"""Every path that tells of records, each as a question of one caller: which of the world's leads does it name?

A surface is keyed by its operation in the OpenAPI document (`test_paths` compares both). An answer is taken as text,
and every lead whose id stands anywhere in it counts as shown: no path can leak through a member that nobody thought of.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.jsonio import dumps

from .conftest import World

CUSTOMER, REPORT = "/api/customer/v1", "/api/report/v1"
LEADS = f"{CUSTOMER}/records/lead"
MATRIX = {"field": "company", "op": "eq", "value": "Matrix Ltd"}
_PATIENCE = 20.0


@dataclass(frozen=True)
class Shown:
    """The leads that an answer names, and all that it says."""

    ids: set[str]
    text: str


Surface = Callable[[World, str], Shown]
Count = Callable[[World, str], int]


def whole(method: str, path: str, body: Any = None) -> Surface:
    """A path that answers with records of its own choice."""
    def ask(world: World, user: str) -> Shown:
        return told(world, world.house.good(user, method, path.format(**world.made), body))
    return ask


def each(path: str, *others: int) -> Surface:
    """A path below each record: those for which it answers; `others` are refusals of what is seen all the same."""
    def ask(world: World, user: str) -> Shown:
        ids, texts = set(), []
        for id in world.all_leads:
            status, answer = world.house.call(user, "GET", f"{LEADS}/{id}{path}")
            assert status in (200, 404, *others), (path, status, answer)
            if status != 404:
                ids.add(id)
                texts.append(as_text(answer))
        return Shown(ids, "\n".join(texts))
    return ask


def told(world: World, answer: Any) -> Shown:
    """What an answer says of the world's leads."""
    text = as_text(answer)
    return Shown({id for id in world.all_leads if id in text}, text)


def as_text(answer: Any) -> str:
    """An answer as one text, whatever its kind."""
    return answer.decode("utf-8-sig") if isinstance(answer, bytes) else dumps(answer)


def _calendar(world: World, user: str) -> Shown:
    day, one = datetime.now(UTC).date(), timedelta(days=1)
    return whole("POST", f"{LEADS}/calendar", {
        "date_field": "created_at", "from": (day - one).isoformat(), "to": (day + one).isoformat()})(world, user)


def _of_segment(world: World, user: str) -> Shown:
    return whole("POST", f"{LEADS}/query", {"limit": 200, "criteria": {
        "field": "segments", "op": "has", "value": world.made["segment"]}})(world, user)


def soon() -> str:
    """A moment that is past everything that has happened."""
    return (datetime.now(UTC) + timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_of(world: World, user: str) -> Shown:
    return each(f"/as-of?at={soon()}")(world, user)


def _compare(world: World, user: str) -> Shown:
    return each(f"/compare?from=2020-01-01T00:00:00Z&to={soon()}")(world, user)


def _exported_file(world: World, user: str) -> Shown:
    """An export in the background, from the wish to the bytes."""
    id = world.house.good(user, "POST", f"{CUSTOMER}/exports", {
        "object": "lead", "format": "csv", "criteria": MATRIX, "fields": ["id", *EXPORTED]})["id"]
    patiently(lambda: world.house.good(user, "GET", f"{CUSTOMER}/exports/{id}")["state"] == "finished")
    shown = told(world, world.house.good(user, "GET", f"{CUSTOMER}/exports/{id}/file"))
    assert world.house.call(user, "DELETE", f"{CUSTOMER}/exports/{id}")[0] == 204
    return shown


def _file(world: World, user: str) -> Shown:
    """The file attached to each lead."""
    ids = set()
    for id, file in world.files.items():
        status, _ = world.house.call(user, "GET", f"{CUSTOMER}/files/{file}")
        assert status in (200, 404), status
        ids |= {id} if status == 200 else set()
    return Shown(ids, "")


def patiently(holds: Callable[[], bool]) -> None:
    """Wait until something that follows behind has come; the claim after it says what is wrong when it has not."""
    until = time.monotonic() + _PATIENCE
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)


EXPORTED = ("name", "phone")
PAIRS = "GET /api/customer/v1/duplicates/{object}"
FILES = "GET /api/customer/v1/files/{id}"

# operation (and a word when it is asked in several ways) → the question
SURFACES: dict[str, Surface] = {
    "GET /api/customer/v1/records/{object}": whole("GET", f"{LEADS}?limit=200&expand=labels"),
    "GET /api/customer/v1/records/{object} · search": whole("GET", f"{LEADS}?limit=200&q=matrix"),
    "POST /api/customer/v1/records/{object}/query": whole("POST", f"{LEADS}/query", {
        "limit": 200, "expand": ["labels"], "criteria": {"any": [MATRIX, {"not": MATRIX}]}}),
    "POST /api/customer/v1/records/{object}/query · segment": _of_segment,
    "GET /api/customer/v1/search": whole("GET", f"{CUSTOMER}/search?q=Matrix&objects=lead&limit=20"),
    "POST /api/customer/v1/records/{object}/kanban": whole("POST", f"{LEADS}/kanban", {
        "group_field": "status", "limit": 200, "expand": ["labels"]}),
    "POST /api/customer/v1/records/{object}/calendar": _calendar,
    "GET /api/customer/v1/objects/{object}/views/{id}/records": whole(
        "GET", f"{CUSTOMER}/objects/lead/views/{{view}}/records?limit=200"),
    "POST /api/customer/v1/records/{object}/export": whole("POST", f"{LEADS}/export", {
        "format": "csv", "fields": ["id", *EXPORTED]}),
    "POST /api/customer/v1/records/{object}/export · to bring back": whole("POST", f"{LEADS}/export", {
        "format": "csv", "for_import": True}),
    "GET /api/customer/v1/exports/{id}/file": _exported_file,
    "GET /api/customer/v1/merges": whole("GET", f"{CUSTOMER}/merges?object=lead&limit=200"),
    "GET /api/customer/v1/segments/{id}/passages": whole("GET", f"{CUSTOMER}/segments/{{segment}}/passages?limit=200"),
    "GET /api/customer/v1/records/{object}/{id}": each(""),
    "GET /api/customer/v1/records/{object}/{id}/timeline": each("/timeline?limit=100"),
    "GET /api/customer/v1/records/{object}/{id}/timeline · related": each("/timeline?kind=change,related,share,run"),
    "GET /api/customer/v1/records/{object}/{id}/as-of": _as_of,
    "GET /api/customer/v1/records/{object}/{id}/compare": _compare,
    "GET /api/customer/v1/records/{object}/{id}/lines": each("/lines"),
    "GET /api/customer/v1/records/{object}/{id}/segments": each("/segments"),
    "GET /api/customer/v1/records/{object}/{id}/stages": each("/stages"),
    "GET /api/customer/v1/records/{object}/{id}/consents": each("/consents"),
    "GET /api/customer/v1/records/{object}/{id}/shares": each("/shares"),
    "GET /api/customer/v1/records/{object}/{id}/access": each("/access"),
    "GET /api/customer/v1/records/{object}/{id}/access/people": each("/access/people?limit=1", 403),
    "GET /api/customer/v1/records/{object}/{id}/pool": each("/pool"),
    FILES: _file,
}
BELOW_RECORDS = {name for name in SURFACES if "/records/{object}/{id}" in name} | {FILES}  # asked record by record


def _totals(world: World, user: str) -> int:
    answer = world.house.good(user, "POST", f"{LEADS}/totals", {"criteria": MATRIX})
    return sum(group["count"] for group in answer["groups"])


def _totals_by_status(world: World, user: str) -> int:
    answer = world.house.good(user, "POST", f"{LEADS}/totals", {"group_field": "status"})
    return sum(group["count"] for group in answer["groups"])


def _listed(world: World, user: str) -> int:
    return int(world.house.good(user, "GET", f"{LEADS}?limit=1&total=exact")["total"])


def _segment(world: World, user: str) -> int:
    return int(world.house.good(user, "GET", f"{CUSTOMER}/segments/{world.made['segment']}")["count"])


def _segments(world: World, user: str) -> int:
    items = world.house.good(user, "GET", f"{CUSTOMER}/segments?object=lead")["items"]
    return int(next(one["count"] for one in items if one["id"] == world.made["segment"]))


def _report(world: World, user: str) -> int:
    answer = world.house.good(user, "POST", f"{REPORT}/query", {
        "object": "lead", "measures": [{"op": "count"}], "dimensions": []})
    return int(answer["rows"][0]["values"][0]) if answer["rows"] else 0


def _funnel(world: World, user: str) -> int:
    answer = world.house.good(user, "POST", f"{REPORT}/funnel", {
        "object": "lead", "field": "status", "stages": world.statuses})
    return int(answer["total"])


def _board(world: World, user: str) -> int:
    answer = world.house.good(user, "GET", f"{REPORT}/dashboards/{world.made['board']}/data")
    rows = answer["widgets"][0]["data"]["rows"]
    return int(rows[0]["values"][0]) if rows else 0


def _board_file(world: World, user: str) -> int:
    path = f"{REPORT}/dashboards/{world.made['board']}/file?format=csv&widget=leads"
    return int(as_text(world.house.good(user, "GET", path)).split()[1])


def pairs(world: World, user: str) -> Shown:
    """The pairs of leads that look alike: each tells of two."""
    return whole("GET", f"{CUSTOMER}/duplicates/lead?limit=200")(world, user)


COUNTS: dict[str, Count] = {
    "POST /api/customer/v1/records/{object}/totals": _totals,
    "POST /api/customer/v1/records/{object}/totals · by a choice": _totals_by_status,
    "GET /api/customer/v1/records/{object} · total": _listed,
    "GET /api/customer/v1/segments/{id}": _segment,
    "GET /api/customer/v1/segments": _segments,
    "POST /api/report/v1/query": _report,
    "POST /api/report/v1/funnel": _funnel,
    "GET /api/report/v1/dashboards/{id}/data": _board,
    "GET /api/report/v1/dashboards/{id}/file": _board_file,
}


ONE = "/api/customer/v1/records/{object}/{id}"
MANY = "/api/customer/v1/records/{object}"

# operations on one record that the caller names: what he does not see is not there for them either; (path, body)
REFUSING: dict[str, tuple[str, Any]] = {
    f"PATCH {ONE}": ("", {"job_title": "x"}),
    f"DELETE {ONE}": ("", None),
    f"PATCH {ONE}/lines": ("/lines", {"values": {"job_title": "x"}}),
    f"POST {ONE}/convert": ("/convert", {}),
    f"POST {ONE}/merge": ("/merge", {"merged": "{own}"}),
    f"POST {ONE}/restore": ("/restore", {"at": "{soon}"}),
    f"PUT {ONE}/stages/{{field}}/checks/{{key}}": ("/stages/status/checks/known", {"stage": "new", "ticked": True}),
    f"POST {ONE}/consents": ("/consents", {"purpose": "marketing", "granted": True, "source": "x"}),
    f"POST {ONE}/shares": ("/shares", {"grantee": "user:{user}"}),
    f"DELETE {ONE}/shares/{{share_id}}": ("/shares/{own}", None),
    f"POST {ONE}/unmask": ("/unmask", {"field": "phone", "reason": "curious"}),
    f"POST {ONE}/claim": ("/claim", None),
    f"POST {ONE}/return": ("/return", {}),
    f"POST {ONE}/assign": ("/assign", {"user_id": "{user}"}),
    f"POST {ONE}/move": ("/move", {"pool_id": "{pool}"}),
}
# operations that name several records, or none: each has a test of its own
OTHERS = (
    f"POST {MANY}/batch", f"POST {MANY}/duplicates", f"POST {MANY}/tags", f"POST {MANY}/claim", f"POST {MANY}/return",
    f"POST {MANY}/assign", f"POST {MANY}/move", "POST /api/customer/v1/duplicates/{object}/pairs/{id}",
    "POST /api/customer/v1/merges/{id}/undo", "POST /api/customer/v1/bin/{object}/{id}/restore",
    "DELETE /api/customer/v1/bin/{object}/{id}", "GET /api/workflow/v1/runs", "GET /api/workflow/v1/tasks",
    "POST /api/workflow/v1/tasks", "GET /api/workflow/v1/tasks/summary", "GET /api/workflow/v1/tasks/{id}",
    "PATCH /api/workflow/v1/tasks/{id}", "POST /api/workflow/v1/tasks/{id}/complete",
    "POST /api/workflow/v1/tasks/{id}/cancel", "POST /api/workflow/v1/tasks/{id}/reopen",
    "POST /api/workflow/v1/tasks/{id}/decide", "POST /api/workflow/v1/tasks/{id}/hand-over",
    "POST /api/workflow/v1/tasks/{id}/add-approver", "POST /api/workflow/v1/tasks/{id}/send-back",
    "POST /api/workflow/v1/processes/{id}/instances", "GET /api/workflow/v1/instances",
    "GET /api/workflow/v1/instances/{id}", "GET /api/workflow/v1/instances/{id}/diagram",
    "GET /api/workflow/v1/instances/{id}/history", "POST /api/workflow/v1/instances/{id}/withdraw",
    "POST /api/workflow/v1/instances/{id}/messages", "POST /api/workflow/v1/instances/{id}/retry")
BIN = "GET /api/customer/v1/bin/{object}"
