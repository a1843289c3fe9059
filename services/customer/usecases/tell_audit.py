"""What the audit log is told: data that leaves as a file, and sheets that come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from chassis.auditing import Target, tell
from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.service import Service
from services.customer.model.labels import label_in
from services.customer.store.record_type import RecordType


def tell_export(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, rows: int,
                asked: Mapping[str, Any]) -> None:
    """Somebody takes a list out; `asked` is what he asked for: format, fields, criteria, sort, q."""
    label = label_in(record_type.definition.plural, service.settings.default_locale, record_type.name)
    tell(uow, principal, "records.exported", Target("object", None, label),
         {"object": record_type.name, "rows": rows} | _said(asked))


def tell_download(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                  run: Row[Any]) -> None:
    """Somebody takes the file of an export that was written in the background."""
    tell_export(service, uow, principal, record_type, run.done, run.asked | {"format": run.format})


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


def _said(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}
