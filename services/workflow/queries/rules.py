"""Rules and their versions, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, select

from chassis.clock import to_wire
from chassis.criteria import CriteriaError
from chassis.http.problem import not_found
from chassis.i18n import t
from chassis.ids import is_id
from services.workflow.model.rules import EDITABLE, read_criteria
from services.workflow.store.rulebook import Book
from services.workflow.store.tables import rule, rule_version

Row = Mapping[str, Any]


def select_rules(filters: Mapping[str, Any]) -> Select[Any]:
    """Return the statement of all rules that match what `filters` names."""
    statement = select(rule)
    for name in ("object", "key", "active"):
        if filters.get(name) is not None:
            statement = statement.where(rule.c[name] == filters[name])
    return statement


def find_rule(connection: Connection, id: str) -> Row:
    """Return a rule; raises 404."""
    row = connection.execute(select(rule).where(rule.c.id == id)).mappings().one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("rule")
    return row


def select_versions(id: str) -> Select[Any]:
    """Return the statement of a rule's versions."""
    return select(rule_version).where(rule_version.c.rule_id == id)


def show_rule(row: Row, problem: str | None = None) -> dict[str, Any]:
    """Return a rule on the wire; `problem` says why it rests although it may be active."""
    return {"id": row["id"], **{name: row[name] for name in EDITABLE}, "version": row["version"],
            "created_at": to_wire(row["created_at"]), "updated_at": to_wire(row["updated_at"]),
            "problem": problem}


def show_version(row: Row) -> dict[str, Any]:
    """Return one version of a rule on the wire."""
    return {"version": row["version"], "action": row["action"], "rule": row["body"], "at": to_wire(row["at"]),
            "by": {"id": row["by_id"], "name": row["by_name"]}}


def problem_of(row: Row, book: Book, locale: str) -> str | None:
    """Return why a rule no longer fits its object, or None."""
    model = book.objects.get(row["object"])
    if model is None:
        return t("error.object_unknown", locale)
    try:
        read_criteria(row["criteria"], model, book.objects)
    except CriteriaError as error:
        return error.detail(locale)
    return None
