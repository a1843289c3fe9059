"""Runs of rules, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select

from chassis.clock import to_wire
from services.workflow.model.texts import pick
from services.workflow.store.tables import rule_run

Row = Mapping[str, Any]
_FILTERS = {"bulk": rule_run.c.bulk_id} | {
    name: rule_run.c[name] for name in ("rule_id", "object", "record_id", "outcome", "request_id")}


def select_runs(filters: Mapping[str, Any]) -> Select[Any]:
    """Return the statement of all runs that match what `filters` names."""
    statement = select(rule_run)
    for name, column in _FILTERS.items():
        if filters.get(name) is not None:
            statement = statement.where(column == filters[name])
    return statement


def show_run(row: Row, locale: str) -> dict[str, Any]:
    """Return a run on the wire, its texts in one language."""
    reason = row["reason"]
    return {
        "id": row["id"], "rule_id": row["rule_id"], "rule_version": row["rule_version"],
        "rule_name": pick(row["rule_name"], locale), "object": row["object"], "record_id": row["record_id"],
        "record_version": row["record_version"], "record_title": row["record_title"], "outcome": row["outcome"],
        "reason": pick(reason.get("text"), locale), "clauses": reason.get("clauses", []),
        "actions": [{"type": action["type"], "result": action["result"],
                     "detail": pick(action["detail"], locale) or None, "object": action.get("object"),
                     "record_id": action.get("record_id")} for action in row["actions"]],
        "error": pick(row["error"], locale) or None, "depth": row["depth"], "request_id": row["request_id"],
        "bulk": row["bulk_id"], "at": to_wire(row["at"]),
        "settled_at": to_wire(row["settled_at"]) if row["settled_at"] else None}
