"""Imports as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from chassis.http.problem import Problem, not_found, own_sentence
from chassis.i18n import t
from chassis.ids import is_id
from services.customer.model.sheets.cells import column_letter
from services.customer.store.imports.runs import find_run
from services.customer.store.imports.tables import import_kept, import_row_error, import_run
from services.customer.store.search_due import waiting_for_search
from services.customer.usecases.access import Access
from services.customer.usecases.imports.doubles import OUTCOMES
from services.customer.usecases.imports.plan import key_fields, related_objects
from services.customer.usecases.imports.states import UPLOADED, can_undo, may_see, reads_rows

if TYPE_CHECKING:
    from datetime import datetime

    from chassis.service import Service


def get_import(connection: Connection, principal: Principal, id: str) -> Row[Any]:
    """One import that the caller may see; raises 404."""
    run = find_run(connection, id) if is_id(id) else None
    if run is None or not may_see(principal, run):
        raise not_found("import")
    return run


def get_rows_of(service: Service, connection: Connection, principal: Principal, id: str) -> Row[Any]:
    """One import whose rows the caller may read; raises 403 and 404."""
    run = get_import(connection, principal, id)
    if not reads_rows(service, principal, run):
        raise Problem(403, "import_not_yours")
    return run


def list_query(principal: Principal, object_name: str | None, state: str | None) -> Select[Any]:
    """The imports that the caller may see; to be paged newest first."""
    query = select(import_run)
    if not principal.can("objects.manage"):
        query = query.where(import_run.c.caller == principal.key)
    if object_name is not None:
        query = query.where(import_run.c.object == object_name)
    return query if state is None else query.where(import_run.c.state == state)


def errors_query(run: Row[Any]) -> Select[Any]:
    """The wrong rows of an import; to be paged in the order of the sheet."""
    table = import_row_error.c
    return select(table.number, table.errors).where(table.import_id == run.id)


def kept_query(run: Row[Any]) -> Select[Any]:
    """The records that undoing has left alone; to be paged in the order of the sheet."""
    table = import_kept.c
    return select(table.number, table.record_id, table.code, table.object).where(table.import_id == run.id)


def show_kept(run: Row[Any], row: Row[Any], locale: str) -> dict[str, Any]:
    """A record that undoing has left alone, with a sentence."""
    return {"row": row.number, "object": row.object or run.object, "id": row.record_id, "code": row.code,
            "detail": t(f"error.{row.code}", locale)}


def show_brief(run: Row[Any], principal: Principal) -> dict[str, Any]:
    """An import in a list."""
    return {"id": run.id, "object": run.object, "state": run.state, "filename": run.filename,
            "sheet": run.format["sheet"], "row_count": run.row_count, "empty_rows": run.empty_rows,
            "duplicates": run.duplicates, "match_by": run.match_by, "key": run.key, "run_rules": run.run_rules,
            "look_alike": run.look_alike, "pool_id": run.pool_id, "started_by": run.started_by,
            "progress": {"done": run.done, "total": run.row_count}, "summary": _summary(run),
            "undo": run.undo or None, "can_undo": can_undo(run), "problem": _problem(run, principal),
            "files_removed": run.files_removed,
            "created_at": to_wire(run.created_at), "started_at": _moment(run.started_at),
            "finished_at": _moment(run.finished_at)}


def show_import(service: Service, connection: Connection, run: Row[Any], principal: Principal) -> dict[str, Any]:
    """An import with its columns, mapping, preview, what else it may be mapped to and go by."""
    columns, preview = run.columns, run.preview
    if not reads_rows(service, principal, run):
        columns, preview = [column | {"samples": []} for column in columns], []
    preview = [line | ({"errors": show_errors(run, line["errors"], principal.locale)} if "errors" in line else {})
               for line in preview]
    return show_brief(run, principal) | {"columns": columns, "mapping": run.mapping, "preview": preview,
                                         "header_row": run.header_row,
                                         "search_waiting": waiting_for_search(connection, run.id),
                                         **_choices(service, run, principal)}


def _choices(service: Service, run: Row[Any], principal: Principal) -> dict[str, Any]:
    """The objects whose records a row may bring along, and what may say which record a row means."""
    record_type = service.parts["types"].find(run.object)
    if record_type is None:
        return {"related": [], "keys": []}
    access = Access(principal, record_type)
    return {"related": [{"object": one.access.record_type.name, "link": one.link}
                        for one in related_objects(service, access)], "keys": key_fields(access)}


def show_errors(run: Row[Any], errors: Iterable[Mapping[str, Any]], locale: str) -> list[dict[str, Any]]:
    """The errors of a row, each with the header of its column and a sentence."""
    return [{"column": _column(run, error["index"]), "field": error["field"], "code": error["code"],
             "detail": sentence(error, locale)} for error in errors]


def sentence(error: Mapping[str, Any], locale: str) -> str:
    """What is wrong, in the reader's language."""
    said = own_sentence(error["params"], locale)
    if said:
        return said
    for key in (f"error.{error['code']}", f"problem.{error['code']}"):
        text = t(key, locale, **error["params"])
        if text != key:
            return text
    return t("error.invalid", locale)


def _column(run: Row[Any], index: int | None) -> str | None:
    return None if index is None else run.headers[index] or column_letter(index)


def _summary(run: Row[Any]) -> dict[str, int] | None:
    if run.state == UPLOADED and not run.counts:
        return None
    return {"rows": run.done, **{outcome: run.counts.get(outcome, 0) for outcome in OUTCOMES}, "empty": run.empty_rows}


def _problem(run: Row[Any], principal: Principal) -> dict[str, str] | None:
    if run.problem is None:
        return None
    wire = Problem(422, run.problem["code"], params=run.problem["params"]).to_wire(principal.locale, "", "")
    return {name: wire[name] for name in ("code", "title", "detail")}


def _moment(moment: datetime | None) -> str | None:
    return moment and to_wire(moment)
