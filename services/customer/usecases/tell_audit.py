"""What the audit log is told: data that leaves as a file, sheets that come in, and who reads sensitive fields.

A read of one record is an entry that names it; a list is one entry with the number of its rows. Services that read for
their own work are not told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from chassis.auditing import Target, tell
from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.service import Service
from services.customer.model.labels import label_in
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.lines.family import as_parent, kinds_of, lines_of


def tell_export(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, rows: int,
                asked: Mapping[str, Any]) -> None:
    """Somebody takes a list out; `asked` is what he asked for: format, fields, criteria, sort, q."""
    label = label_in(record_type.definition.plural, service.settings.default_locale, record_type.name)
    sensitive = _sensitive(Access(principal, record_type), asked.get("fields"))
    tell(uow, principal, "records.exported", Target("object", None, label),
         {"object": record_type.name, "rows": rows} | _said(asked) | ({"sensitive": sensitive} if sensitive else {}))


def tell_sensitive_read(service: Service, principal: Principal, record_type: RecordType,
                        records: Sequence[Record]) -> None:
    """Somebody reads single records; of their sensitive fields those count that have a value."""
    if not record_type.sensitive or principal.kind == "service":
        return
    told = [(record, names) for record in records
            if (names := [name for name in _sensitive(Access(principal, record_type)) if record[name] is not None])]
    if told:
        with service.db.unit_of_work() as uow:
            for record, names in told:
                label = label_in(record_type.definition.label, service.settings.default_locale, record_type.name)
                tell(uow, principal, "records.sensitive_read", Target(record_type.name, record["id"], label),
                     {"object": record_type.name, "fields": names})


def tell_sensitive_list(service: Service, principal: Principal, record_type: RecordType,
                        members: Collection[str] | None, rows: int) -> None:
    """Somebody reads a page of a list; `members` are those that it shows, None for all."""
    if not record_type.sensitive or principal.kind == "service" or not rows:
        return
    names = _sensitive(Access(principal, record_type), members)
    if names:
        label = label_in(record_type.definition.plural, service.settings.default_locale, record_type.name)
        with service.db.unit_of_work() as uow:
            tell(uow, principal, "records.sensitive_listed", Target("object", None, label),
                 {"object": record_type.name, "fields": names, "rows": rows})


def tell_sensitive_lines(service: Service, principal: Principal, record_type: RecordType, record: Record) -> None:
    """Somebody reads a record with all its lines."""
    tell_sensitive_read(service, principal, record_type, [record])
    for kind in kinds_of(service, record_type).values():
        if kind.type.sensitive and principal.kind != "service":
            with service.db.read() as connection:
                lines = lines_of(connection, kind, record["id"])
            tell_sensitive_list(service, as_parent(principal, record_type, kind), kind.type, None, len(lines))


def tell_sensitive_file(service: Service, principal: Principal, row: Row[Any]) -> None:
    """Somebody reads a file that stands in a field of a record."""
    record_type = service.parts["types"].find(row.object)
    if record_type is None or row.record_id is None or principal.kind == "service":
        return
    names = [name for name in record_type.sensitive if record_type.fields[name].column == row.column]
    if names:
        label = label_in(record_type.definition.label, service.settings.default_locale, record_type.name)
        with service.db.unit_of_work() as uow:
            tell(uow, principal, "records.sensitive_read", Target(record_type.name, row.record_id, label),
                 {"object": record_type.name, "fields": names})


def tell_download(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                  run: Row[Any]) -> None:
    """Somebody takes the file of an export that was written in the background."""
    tell_export(service, uow, principal, record_type, run.done, run.asked | {"format": run.format})


def tell_bulk(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, what: str, id: str,
              rows: int, action: str) -> None:
    """Somebody begins to change or delete many records at once, or to undo that."""
    label = label_in(record_type.definition.plural, service.settings.default_locale, record_type.name)
    tell(uow, principal, what, Target("bulk_job", id, label),
         {"object": record_type.name, "rows": rows, "action": action})


def tell_report(uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str) -> None:
    """Somebody takes out everything that is kept about a person."""
    tell(uow, principal, "person.reported", Target(record_type.name, record_id, ""), {"object": record_type.name})


def tell_errors_downloaded(uow: UnitOfWork, principal: Principal, run: Row[Any], rows: int, kind: str) -> None:
    """Somebody takes out the rows of a sheet that were refused."""
    tell(uow, principal, "import.errors_downloaded", Target("import", run.id, run.filename),
         {"object": run.object, "rows": rows, "format": kind})


def tell_import(uow: UnitOfWork, principal: Principal, run: Row[Any]) -> None:
    """Somebody begins to bring a sheet in."""
    tell(uow, principal, "import.started", Target("import", run.id, run.filename),
         {"object": run.object, "rows": run.row_count, "duplicates": run.duplicates, "run_rules": run.run_rules})


def tell_undo(uow: UnitOfWork, principal: Principal, run: Row[Any]) -> None:
    """Somebody begins to undo an import."""
    tell(uow, principal, "import.undone", Target("import", run.id, run.filename),
         {"object": run.object, "created": run.counts.get("create", 0), "updated": run.counts.get("update", 0)})


def _sensitive(access: Access, members: Collection[str] | None = None) -> list[str]:
    """The sensitive fields that the caller reads."""
    return [name for name in access.record_type.sensitive
            if name in access.shape.readable and (members is None or name in members)]


def _said(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}
