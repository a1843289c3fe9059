"""Dry runs as the API shows them: to who started one, as far as he sees the records and their fields.

What a record was is shown as the customer service shows it to this person, masks included; of a record that he does not
see, or that is gone, he learns no more than that there was one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, func, select

from chassis.auth import Principal
from chassis.clock import to_wire
from chassis.http.problem import Problem
from chassis.i18n import t
from chassis.jsonio import dump_bytes
from services.workflow.model.objects import ObjectModel
from services.workflow.model.texts import pick
from services.workflow.store.dry_runs import RUNNING, dry_run_hit
from services.workflow.usecases.intents import MAX_BYTES

if TYPE_CHECKING:
    from chassis.service import Service

_SAYS_VALUES = frozenset({"set_fields", "tag", "assign"})  # their details repeat what is written
_WITHIN = frozenset({"seconds", "stops"})  # counts that are not shown, or shown by themselves
_NOTHING: Mapping[str, Any] = {"after": {}, "before": {}}


def show_run(connection: Connection, run: Row[Any], locale: str) -> dict[str, Any]:
    """A dry run on the wire; its notes say in words what the result leans on."""
    records = select(func.count(func.distinct(dry_run_hit.c.record_id))).where(dry_run_hit.c.run_id == run.id)
    whole, done = (run.until - run.since).total_seconds(), (run.reached - run.since).total_seconds()
    return {"id": run.id, "object": run.object, "rule_id": run.rule["id"], "state": run.state,
            "since": to_wire(run.since), "until": to_wire(run.until), "reached": to_wire(run.reached),
            "progress": 1.0 if whole <= 0 else round(min(max(done / whole, 0.0), 1.0), 4),
            "can_cancel": run.state == RUNNING, "stopped": run.stopped,
            "counts": {"creations": 0, "blocked": 0} | {
                name: value for name, value in run.counts.items() if name not in _WITHIN}
            | {"records": connection.execute(records).scalar_one()},
            "process_id": (run.process or {}).get("id"), "stops": _stops(run, locale),
            "notes": [t(f"workflow.dry_run.note.{note}", locale) for note in run.notes],
            "problem": t(f"problem.{run.problem}.detail", locale) if run.problem else None}


def _stops(run: Row[Any], locale: str) -> list[dict[str, Any]]:
    """How many instances of a process would have come to which of its elements, in the order of its file."""
    counts = run.counts.get("stops", {})
    return [{"node": id, "name": pick(names, locale), "count": counts[id]}
            for id, names in (run.process or {}).get("names", {}).items() if id in counts]


def select_hits(run_id: str) -> Select[Any]:
    """Return the statement of what a dry run found."""
    return select(dry_run_hit).where(dry_run_hit.c.run_id == run_id)


def show_hits(service: Service, principal: Principal, model: ObjectModel, rows: Sequence[Row[Any]],
              visible: Collection[tuple[str, str]], names: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Hits on the wire; `visible` are the records that the caller sees today."""
    wanted = [row for row in rows if (model.name, row.record_id) in visible]
    seen = dict(zip((row.number for row in wanted), _seen(service, principal, model.name, wanted), strict=True))
    return [_hit(service, principal, model, row, seen.get(row.number)) | {
        "path": _path(service, principal, row, names) if seen.get(row.number) else None} for row in rows]


def _path(service: Service, principal: Principal, row: Row[Any], names: Mapping[str, Any]) -> dict[str, Any] | None:
    """The way of an instance of a process; None for a rule."""
    path, locale = row.body.get("path"), principal.locale
    return path and {
        "applicant": _person(service, path["applicant_id"]), "ended": path["ended"],
        "problem": pick(path["problem"], locale) or None,
        "stops": [{"node": one["node"], "what": one["what"], "name": pick(names.get(one["node"], {}), locale),
                   "people": [_person(service, id) for id in one.get("people", ())]} for one in path["stops"]],
        "started_by": [{"rule_id": one["rule_id"], "rule_name": pick(one["rule_name"], locale)}
                       for one in path["started_by"]]}


def _seen(service: Service, principal: Principal, name: str, rows: Sequence[Row[Any]]) -> list[Any]:
    """What this person sees of the changes and of what would have been written."""
    found: list[Any] = []
    for changes in _pieces([_change(row) for row in rows]):
        answer = service.calls.request("customer", "POST", f"/v1/records/{name}/seen",
                                       json={"person": principal.user_id, "changes": changes})
        if answer.status != 200:
            raise Problem(503, "unavailable", headers={"Retry-After": "2"})
        found += answer.json["seen"]
    return found


def _change(row: Row[Any]) -> dict[str, Any]:
    written = row.body["written"]
    return {"after": row.body["after"] | {name: pair[1] for name, pair in written.items()},
            "before": {name: pair[0] for name, pair in written.items()}}


def _pieces(changes: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As many at a time as a request can hold."""
    piece: list[dict[str, Any]] = []
    size = 0
    for change in changes:
        more = len(dump_bytes(change))
        if piece and size + more > MAX_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(change)
        size += more
    if piece:
        yield piece


def _hit(service: Service, principal: Principal, model: ObjectModel, row: Row[Any], seen: Any) -> dict[str, Any]:
    body, locale = row.body, principal.locale
    known = seen or _NOTHING
    hidden = seen is None
    return {
        "number": row.number, "at": to_wire(row.at), "hidden": hidden,
        "record": None if hidden else {"object": model.name, "id": row.record_id,
                                       "title": model.title_of(known["after"])},
        "by": None if hidden else _person(service, body["by"]),
        "writes": [{"field": name, "before": known["before"].get(name), "after": known["after"].get(name)}
                   for name in body["written"] if name in known["after"] and _may_read(principal, model.name, name)
                   and _reads_all(principal, model.name, body.get("sources", {}).get(name, ()))],
        "actions": [{"type": one["type"], "result": one["result"],
                     "detail": None if hidden or (one["type"] in _SAYS_VALUES and one["result"] != "failed")
                     else pick(one["detail"], locale) or None} for one in body["actions"]],
        "tasks": [] if hidden else [{"title": pick(one["title"], locale), "due_at": one["due_at"],
                                     "assignee": _person(service, one["assignee_id"])} for one in body["tasks"]],
        "messages": [] if hidden else [{"to": _person(service, one["user_id"]), "template": one["template"],
                                        "message": pick(one["message"], locale) or None} for one in body["messages"]],
        "records": [] if hidden else [_record(service, principal, model, one) for one in body.get("records", ())],
        "mails": [] if hidden else body.get("mails", []),  # notes of earlier versions have none
        "processes": [] if hidden else [{"process": one["process"], "applicant": _person(service, one["applicant_id"])}
                                        for one in body["processes"]],
        "clashes": [{"rule_id": one["rule_id"], "rule_name": pick(one["rule_name"], locale), "field": one["field"],
                     "wins": one["wins"]} for one in body["clashes"]],
        "loop": body["loop"] and {"step": body["loop"]["step"], "endless": body["loop"]["endless"],
                                  "rules": [{"id": one["id"], "name": pick(one["name"], locale)}
                                            for one in body["loop"]["rules"]]}}


def _record(service: Service, principal: Principal, model: ObjectModel, one: Mapping[str, Any]) -> dict[str, Any]:
    """A record that would have been created: its values, as far as he may read them here and where they come from."""
    shown = {name: value for name, value in one["values"].items()
             if _reads_plainly(principal, one["object"], name)
             and _reads_all(principal, model.name, one["sources"].get(name, ()))}
    return {"object": one["object"], "owner": _person(service, one["owner_id"]), "values": shown}


def _reads_all(principal: Principal, name: str, fields: Collection[str]) -> bool:
    return all(_reads_plainly(principal, name, field) for field in fields)


def _reads_plainly(principal: Principal, name: str, field: str) -> bool:
    return principal.objects(name).access(field) in ("read", "write")


def _may_read(principal: Principal, name: str, field: str) -> bool:
    """Masked values were masked by the customer service; a key may be let less than its person."""
    return principal.objects(name).access(field) != "none"


def _person(service: Service, id: str | None) -> dict[str, Any] | None:
    return {"id": id, "name": service.directory.name_of(id)} if id else None
