"""Bulk jobs as the API shows them, and what was refused as a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, func, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from chassis.http.problem import Problem
from chassis.i18n import t
from services.customer.model.labels import label_in
from services.customer.queries.export import Sheet
from services.customer.queries.imports.show import sentence
from services.customer.queries.labels import titles_of
from services.customer.store.bulk import bulk_kept, bulk_refused, bulk_run
from services.customer.store.record_type import RecordType
from services.customer.usecases.bulk.states import can_undo

if TYPE_CHECKING:
    from chassis.service import Service

_AT_ONCE = 500


def list_query(principal: Principal, object_name: str | None) -> Select[Any]:
    """The jobs that the caller may see; to be paged newest first."""
    query = select(bulk_run)
    if not principal.can("objects.manage"):
        query = query.where(bulk_run.c.caller == principal.key)
    return query if object_name is None else query.where(bulk_run.c.object == object_name)


def show_bulk(run: Row[Any], principal: Principal) -> dict[str, Any]:
    """A job on the wire; what it sets and by which criteria is for who started it."""
    own = run.caller == principal.key
    return {"id": run.id, "object": run.object, "action": run.action, "state": run.state,
            "values": run.values if own else None, "criteria": run.criteria if own else None,
            "q": run.q if own else None, "started_by": run.started_by,
            "progress": {"done": run.done, "total": run.total}, "counts": run.counts, "undo": run.undo,
            "can_undo": own and can_undo(run), "can_cancel": own and run.state == "running",
            "problem": _problem(run, principal), "created_at": to_wire(run.created_at),
            "finished_at": run.finished_at and to_wire(run.finished_at)}


def refused_query(run: Row[Any]) -> Select[Any]:
    """What a job was refused; to be paged in its order."""
    table = bulk_refused.c
    return select(table.number, table.record_id, table.problem).where(table.bulk_id == run.id)


def kept_query(run: Row[Any]) -> Select[Any]:
    """What an undoing left alone; to be paged in the order of the job."""
    table = bulk_kept.c
    return select(table.number, table.record_id, table.code).where(table.bulk_id == run.id)


def show_refused(connection: Connection, principal: Principal, record_type: RecordType,
                 rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Refused records with their titles and the reasons in the reader's language."""
    titles = titles_of(connection, principal, record_type, {row.record_id for row in rows})
    return [{"id": row.record_id, "title": titles.get(row.record_id), "code": row.problem["code"],
             "detail": _reason(record_type, row.problem, principal.locale)} for row in rows]


def show_kept(connection: Connection, principal: Principal, record_type: RecordType,
              rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Records that an undoing left alone, with the reasons."""
    titles = titles_of(connection, principal, record_type, {row.record_id for row in rows})
    return [{"id": row.record_id, "title": titles.get(row.record_id), "code": row.code,
             "detail": t(f"error.{row.code}", principal.locale)} for row in rows]


def refused_sheet(service: Service, principal: Principal, record_type: RecordType, run: Row[Any]) -> Sheet:
    """What was refused as a sheet: name, id, reason."""
    count = select(func.count()).select_from(bulk_refused).where(bulk_refused.c.bulk_id == run.id)
    with service.db.read() as connection:
        number: int = connection.execute(count).scalar_one()
    label = label_in(record_type.definition.label, principal.locale, record_type.name)
    heads = [label, "id", t("customer.import.reason", principal.locale)]
    return Sheet(t("customer.bulk.refused", principal.locale), heads, _rows(service, principal, record_type, run),
                 number)


def _rows(service: Service, principal: Principal, record_type: RecordType, run: Row[Any]) -> Iterator[Sequence[Any]]:
    after = 0
    while True:
        query = refused_query(run).where(bulk_refused.c.number > after).order_by(bulk_refused.c.number)
        with service.db.read() as connection:
            rows = connection.execute(query.limit(_AT_ONCE)).all()
            shown = show_refused(connection, principal, record_type, rows)
        yield from ((one["title"], one["id"], one["detail"]) for one in shown)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].number


def _reason(record_type: RecordType, problem: dict[str, Any], locale: str) -> str:
    """The sentences of what is wrong, each after the name of its field."""
    if not problem["errors"]:
        wire = Problem(422, problem["code"], params=problem["params"]).to_wire(locale, "", "")
        return str(wire["detail"])
    return " ".join(_named(record_type, error, locale) for error in problem["errors"])


def _named(record_type: RecordType, error: dict[str, Any], locale: str) -> str:
    field = record_type.fields.get(error["pointer"].split("/")[1] if "/" in error["pointer"] else "")
    said = sentence(error, locale)
    return f"{label_in(field.label, locale, field.name)}: {said}" if field else said


def _problem(run: Row[Any], principal: Principal) -> dict[str, str] | None:
    if run.problem is None:
        return None
    wire = Problem(422, run.problem["code"], params=run.problem["params"]).to_wire(principal.locale, "", "")
    return {name: wire[name] for name in ("code", "title", "detail")}
