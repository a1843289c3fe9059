"""The way that an instance has taken so far: which flows, who has held which step how long, and where it has failed.

Flows are in the history. A task knows who has it now; who had it before he was handed it is in the history as well.
Both are read up to a limit that no process of people comes near.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, or_, select

from chassis.auth import Principal
from chassis.clock import to_wire
from services.workflow.model.processes.definition import CALL as CALL_ACTIVITY
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.waiting import CALL, CHANGE, NEVER
from services.workflow.model.texts import pick
from services.workflow.queries.instances import visible_to
from services.workflow.store.tables import process, process_history, process_instance, process_wait, task

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
MOST_LINES, MOST_TASKS, MOST_CALLED = 5_000, 1_000, 200
_DEEDS = ("approved", "rejected", "done", "sent_back")
_HISTORY = process_history.c


def called_by(connection: Connection, principal: Principal, row: Row, definition: Definition) -> list[dict[str, Any]]:
    """Return what an instance has called, as far as the caller sees it, with the step that has called it."""
    wait, one = process_wait.c, process_instance.c
    waits = select(wait.key, wait.node).where(wait.instance_id == row["id"], wait.kind == CALL)
    nodes = {each.key: each.node for each in connection.execute(waits)}
    rows = connection.execute(select(one.id, one.process_id, one.process_name, one.state, one.body, process.c.key).join(
        process, process.c.id == one.process_id).where(one.parent_id == row["id"], visible_to(principal))
        .order_by(one.id).limit(MOST_CALLED)).all()
    return [_called(each, nodes.get(each.id) or _caller(definition, each), definition, principal.locale)
            for each in rows]


def _caller(definition: Definition, called: Any) -> str | None:
    """The step that calls a process; which of several of them it was is not known once it has ended."""
    return next((node.id for node in definition.nodes.values()
                 if node.kind == CALL_ACTIVITY and node.called in (called.process_id, called.key)), None)


def _called(one: Any, node: str | None, definition: Definition, locale: str) -> dict[str, Any]:
    return {"id": one.id, "process_name": pick(one.process_name, locale), "state": one.state,
            "outcome": one.body["variables"].get("outcome"), "node": node,
            "name": definition.nodes[node].name if node else None}


def path_of(service: Service, connection: Connection, row: Row, definition: Definition, locale: str) -> dict[str, Any]:
    """Return the taken flows, who held each step from when until when, and the steps that failed with their words; and
    what steps were called that only an earlier version had."""
    lines = _lines(connection, row["id"])
    taken = {flow for line in lines if line["what"] == "left" for flow in line["detail"]["flows"]}
    former = {node: pick(names, locale) for line in lines if line["what"] == "moved"
              for node, names in line["detail"]["names"].items()}
    return {"taken": sorted(taken & definition.flows.keys()),
            "held": [_hold(service, definition, former, one) for one in _holds(connection, row["id"], lines)],
            "failed": _failed(connection, row, definition, locale),
            "former": [{"node": node, "name": name} for node, name in former.items()]}


def _lines(connection: Connection, id: str) -> Sequence[Row]:
    wanted = ("left", "handed_over", "moved", *_DEEDS)
    return connection.execute(select(_HISTORY.node, _HISTORY.what, _HISTORY.at, _HISTORY.by_id, _HISTORY.detail).where(
        _HISTORY.instance_id == id, _HISTORY.what.in_(wanted)).order_by(_HISTORY.id).limit(MOST_LINES)).mappings().all()


def _holds(connection: Connection, id: str, lines: Sequence[Row]) -> Iterator[Row]:
    """Each stretch of time in which somebody had a task, in the order of the tasks."""
    deeds = {(line["node"], line["by_id"], line["at"]): line["what"] for line in lines if line["what"] in _DEEDS}
    rows = connection.execute(select(
        task.c.step, task.c.assignee_id, task.c.for_id, task.c.state, task.c.created_at, task.c.completed_at,
        task.c.completed_by, task.c.updated_at).where(task.c.instance_id == id).order_by(task.c.id).limit(
            MOST_TASKS)).mappings()
    for one in rows:
        until = {"open": None, "done": one["completed_at"]}.get(one["state"], one["updated_at"])
        did = deeds.get((one["step"]["node"], one["completed_by"], one["completed_at"]))
        yield from _stretches(one, until, did, [line for line in lines if line["what"] == "handed_over"])


def _stretches(one: Row, until: datetime | None, did: str | None, moves: Sequence[Row]) -> list[Row]:
    """The stretches of one task: backwards from whoever has it, by way of whoever handed it over to him."""
    node, person, whom = one["step"]["node"], one["assignee_id"], one["for_id"]
    found: list[Row] = []
    for move in reversed(moves):
        given = move["detail"]
        within = one["created_at"] <= move["at"] and (until is None or move["at"] <= until)
        if move["node"] == node and within and given["to"] in (person, whom):
            found.append({"node": node, "person": person, "since": move["at"], "until": until, "did": did})
            person, whom, until, did = given["from"], None, move["at"], "handed_over"
    found.append({"node": node, "person": person, "since": one["created_at"], "until": until, "did": did})
    return found[::-1]


def _hold(service: Service, definition: Definition, former: Mapping[str, str], one: Row) -> dict[str, Any]:
    node = definition.nodes.get(one["node"])
    return {"node": one["node"], "name": node.name if node else former.get(one["node"], ""), "did": one["did"],
            "person": {"id": one["person"], "name": service.directory.name_of(one["person"])},
            "since": to_wire(one["since"]), "until": to_wire(one["until"]) if one["until"] else None}


def _failed(connection: Connection, row: Row, definition: Definition, locale: str) -> list[dict[str, Any]]:
    if not row["problem"] or row["ended_at"]:
        return []
    wait = process_wait.c
    nodes = connection.execute(select(wait.node).where(wait.instance_id == row["id"], or_(
        wait.attempts > 0, and_(wait.kind == CHANGE, wait.key == NEVER))).order_by(wait.token, wait.node)).scalars()
    return [{"node": node, "name": definition.nodes[node].name, "words": pick(row["problem"], locale)}
            for node in dict.fromkeys(nodes)]
