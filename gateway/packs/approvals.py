"""Processes: approvals are written in short in a pack; what a file leaves out has its usual value.

`whole_process` says the rest, so that a comparison with the server's answer finds only real differences. An approval is
compared and taken as a whole: half of one version and half of another would be a process that nobody has drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateway.packs.api import Api
from gateway.packs.merge import MISSING, unusual

WHOLE = ("approval", "xml")
VERSIONS = "/api/workflow/v1/processes"
_ENDS: dict[str, Any] = {"approved": [], "rejected": [], "withdrawn": []}
_USUAL: dict[str, Any] = {**_ENDS, "automatic": []}
_START: dict[str, Any] = {"people": [], "criteria": None}
_APPROVE: dict[str, Any] = {"mode": "any", "due_in": None, "late": None}
Json = dict[str, Any]


def whole_process(body: Json) -> Json:
    """A process with everything that its file leaves out."""
    if body.get("approval") is None:
        return body
    form = {**_USUAL, **body["approval"]}
    form |= {"start": {**_START, **form.get("start", {})},
             "steps": _each(form["steps"], lambda step: {**_APPROVE, **step})}
    return {**body, "approval": form}


def short_process(body: Json) -> Json:
    """A process as its file has it: without what is as usual."""
    if body.get("approval") is None:
        return body
    form = {**unusual(_USUAL, body["approval"]), "start": unusual(_START, body["approval"]["start"]),
            "steps": _each(body["approval"]["steps"], lambda step: unusual(_APPROVE, step))}
    return {**body, "approval": {name: value for name, value in form.items() if value != {}}}


def _each(steps: list[Json], change: Callable[[Json], Json]) -> list[Json]:
    """The steps with each decision changed, in all ways of all choices."""
    found = [change(step) if step["type"] == "approve" else step for step in steps]
    return [{**step, "ways": [_inside(way, change) for way in step["ways"]],
             "otherwise": _inside(step["otherwise"], change)} if step["type"] == "choose" else step for step in found]


def _inside(way: Json, change: Callable[[Json], Json]) -> Json:
    return {**way, "steps": _each(way["steps"], change)}


def taken(base: Any, pack: Mapping[str, Any], installed: Mapping[str, Any]) -> Json:
    """The members that are taken as a whole: people's, unless the pack has another one since it was last installed."""
    before = base if isinstance(base, Mapping) else {}
    return {name: installed.get(name) if before.get(name, MISSING) == pack[name] else pack[name]
            for name in WHOLE if name in pack}


def with_file(api: Api, wanted: Mapping[str, Any], one: Json) -> Json:
    """A process with its file, when the pack has it as a file and the server shows it as an approval."""
    if not wanted.get("xml") or one.get("xml"):
        return one
    version = api.call("GET", f"{VERSIONS}/{one['id']}/versions/{one['latest']}")
    return {**one, "approval": None, "xml": version["xml"]}


def parts_of(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(pointer, `people`, `criteria` or `actions`, value) of each part of an approval that may speak of fields."""
    form = body.get("approval")
    if not form:
        return
    for name in _START:
        yield f"/approval/start/{name}", name, form.get("start", {}).get(name)
    yield from _of_steps(form["steps"], "/approval/steps")
    yield from ((f"/approval/{end}", "actions", form.get(end)) for end in _ENDS)


def _of_steps(steps: list[Json], pointer: str) -> Iterator[tuple[str, str, Any]]:
    for place, step in enumerate(steps):
        at = f"{pointer}/{place}"
        yield f"{at}/people", "people", step.get("people")
        yield f"{at}/late/people", "people", (step.get("late") or {}).get("people")
        yield f"{at}/actions", "actions", step.get("actions")
        for inner, way in enumerate(step.get("ways", ())):
            yield f"{at}/ways/{inner}/criteria", "criteria", way.get("criteria")
            yield from _of_steps(way["steps"], f"{at}/ways/{inner}/steps")
        yield from _of_steps(step.get("otherwise", {}).get("steps", []), f"{at}/otherwise/steps")
