"""Instances of processes, as the API shows them.

An instance is seen by its applicant, by whoever has or had a task in it (or has a deputy who does it for him), and by
who manages processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, select, true, union

from chassis.auth import Principal
from chassis.clock import to_wire
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.joins import returns
from services.workflow.model.processes.state import READY, state_from_json
from services.workflow.model.processes.waiting import MESSAGE, SIGNAL
from services.workflow.model.texts import pick
from services.workflow.store.tables import process_history, process_instance, process_wait, task

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_INSTANCE = process_instance.c


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for instances that the caller sees."""
    if principal.can("rules.manage"):
        return true()
    me = principal.user_id
    return _INSTANCE.id.in_(union(
        select(_INSTANCE.id).where(_INSTANCE.applicant_id == me),
        select(task.c.instance_id).where(task.c.assignee_id == me, task.c.instance_id.is_not(None)),
        select(task.c.instance_id).where(task.c.for_id == me, task.c.instance_id.is_not(None)),
        select(process_history.c.instance_id).where(process_history.c.by_id == me)))


def select_instances(principal: Principal, filters: Row) -> Select[Any]:
    """Return the statement of the instances that the caller sees and asks for."""
    statement = select(process_instance).where(visible_to(principal))
    for name in ("process_id", "record_id", "state", "applicant_id"):
        if filters.get(name) is not None:
            statement = statement.where(_INSTANCE[name] == filters[name])
    return statement


def find_instance(connection: Connection, principal: Principal, id: str) -> Row:
    """Return an instance that the caller sees; raises 404."""
    found = select(process_instance).where(_INSTANCE.id == id, visible_to(principal))
    row = connection.execute(found).mappings().one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("instance")
    return row


def show_instance(service: Service, row: Row, locale: str) -> dict[str, Any]:
    """Return an instance on the wire, its texts in one language."""
    return {"id": row["id"], "process_id": row["process_id"], "process_version": row["process_version"],
            "process_name": pick(row["process_name"], locale), "state": row["state"],
            "link": {"object": row["object"], "id": row["record_id"], "title": row["record_title"]},
            "applicant": {"id": row["applicant_id"], "name": service.directory.name_of(row["applicant_id"])},
            "outcome": row["body"]["variables"].get("outcome"), "problem": pick(row["problem"], locale) or None,
            "started_at": to_wire(row["started_at"]), "ended_at": to_wire(row["ended_at"]) if row["ended_at"] else None,
            "version": row["version"], "called": row["parent_id"] is not None}


def where_it_stands(service: Service, connection: Connection, row: Row, definition: Definition) -> dict[str, Any]:
    """What an instance's diagram shows: its tokens, whom they wait for, and to which steps each can be sent back."""
    state = state_from_json(row["body"])
    holders = _holders(service, connection, row["id"])
    return {"tokens": [{"node": token.node, "name": definition.nodes[token.node].name, "waiting": token.state != READY,
                        "people": holders.get(token.id, []), "back_to": [
                            {"node": id, "name": definition.nodes[id].name}
                            for id in returns(definition, token.node) if id in state.variables]}
                       for token in state.tokens.values()],
            "waits": [_wait(wait, definition) for wait in _waits(connection, row["id"])]}


def _holders(service: Service, connection: Connection, id: str) -> dict[int, list[dict[str, Any]]]:
    rows = connection.execute(select(task.c.step, task.c.assignee_id, task.c.created_at).where(
        task.c.instance_id == id, task.c.state == "open").order_by(task.c.id)).all()
    found: dict[int, list[dict[str, Any]]] = {}
    for one in rows:
        found.setdefault(one.step["token"], []).append({
            "id": one.assignee_id, "name": service.directory.name_of(one.assignee_id),
            "since": to_wire(one.created_at)})
    return found


def _waits(connection: Connection, id: str) -> Iterable[Row]:
    return connection.execute(select(process_wait).where(process_wait.c.instance_id == id).order_by(
        process_wait.c.token, process_wait.c.node)).mappings()


def _wait(row: Row, definition: Definition) -> dict[str, Any]:
    return {"node": row["node"], "name": definition.nodes[row["node"]].name, "kind": row["kind"],
            "message": row["key"] if row["kind"] in (MESSAGE, SIGNAL) else None,
            "since": to_wire(row["since"]), "due_at": to_wire(row["due_at"]) if row["due_at"] else None}


def select_history(id: str) -> Select[Any]:
    """Return the statement of an instance's history."""
    return select(process_history).where(process_history.c.instance_id == id)


def show_line(service: Service, row: Row) -> dict[str, Any]:
    """Return a line of a history on the wire."""
    by = {"id": row["by_id"], "name": service.directory.name_of(row["by_id"])} if row["by_id"] else None
    return {"id": row["id"], "at": to_wire(row["at"]), "node": row["node"], "what": row["what"], "by": by,
            "comment": row["comment"], "detail": row["detail"] or {}}
