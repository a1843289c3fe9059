"""Take in a file: copy it, read it in a process of its own, find its header, suggest what its columns mean."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.ids import new_id
from services.customer.model.mapping.rules import SKIP, UPDATE_ONLY
from services.customer.model.mapping.suggestions import Suggester, id_column, remembered
from services.customer.model.mapping.targets import ID, Target
from services.customer.model.sheets.cells import shown
from services.customer.model.sheets.header import find_header, headers
from services.customer.model.sheets.limits import Limits
from services.customer.model.sheets.problems import SheetError
from services.customer.store.imports.files import ImportFiles, files_of, receive, settle
from services.customer.store.imports.reading import SheetFound, read_sheet
from services.customer.store.imports.runs import add_run, remembered_mapping
from services.customer.store.imports.staging import open_staging
from services.customer.usecases.access import Access
from services.customer.usecases.imports.plan import all_targets, importing_access
from services.customer.usecases.imports.states import UPLOADED

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_SAMPLES, _SAMPLE_LENGTH = 3, 80


def receive_sheet(service: Service, principal: Principal, object_name: str, source: BinaryIO,
                  filename: str, limit: int | None = None) -> dict[str, Any]:
    """Copy and read an upload; returns the import to be kept. Raises 403, 404, and 422 for what is no sheet."""
    access = importing_access(service, principal, object_name)
    id = new_id()
    files = files_of(service.settings.home, id)
    try:
        size, sha256 = receive(source, files, limit or service.settings.import_max_bytes)
        found = read_sheet(files.upload, files.staging, limits_of(service))
        described = _described(service, access, found, files)
        settle(files)
    except SheetError as error:
        files.remove()
        raise Problem(422, error.code, params=error.params) from error
    except BaseException:
        files.remove()
        raise
    log.info("sheet received", extra={"import_id": id, "object": object_name, "rows": described["row_count"]})
    return {"id": id, "object": object_name, "caller": principal.key, "started_by": principal.user_id,
            "locale": principal.locale, "state": UPLOADED, "filename": filename, "size": size, "sha256": sha256,
            "match_by": None, "run_rules": True, "look_alike": False,
            "done": 0, "counts": {}, "preview": [], "files_removed": False,
            **described}


def keep_upload(uow: UnitOfWork, received: dict[str, Any]) -> None:
    """Keep a received sheet as an import."""
    add_run(uow, received)


def drop_upload(service: Service, received: dict[str, Any]) -> None:
    """Remove the files of a received sheet that is not kept."""
    files_of(service.settings.home, received["id"]).remove()


def limits_of(service: Service) -> Limits:
    """The limits of this installation."""
    settings = service.settings
    return Limits(rows=settings.import_max_rows, seconds=settings.import_read_seconds,
                  memory=settings.import_read_memory_mb << 20)


def _described(service: Service, access: Access, found: SheetFound, files: ImportFiles) -> dict[str, Any]:
    targets = all_targets(service, access)
    suggester = Suggester(targets.values(), _never_written(access, targets))
    header_row = find_header(found.head, suggester.known)
    names = headers(next(cells for number, cells in found.head if number == header_row))
    names += [""] * (found.width - len(names))
    with open_staging(files.staging) as staging:
        count, last = staging.extent(header_row)
    if not count:
        raise SheetError("sheet_empty")
    suggested = _remembered(service, access, names, targets) or suggester.suggest(names)
    rows = [cells for number, cells in found.head if number > header_row]
    columns = [{"index": index, "header": name, "samples": _samples(rows, index)} for index, name in enumerate(names)]
    key = _key(access, columns, suggested)
    return {
        "key": key, "duplicates": SKIP if key is None else UPDATE_ONLY,
        "format": {"kind": found.kind, "sheet": found.sheet, "encoding": found.encoding, "delimiter": found.delimiter},
        "header_row": header_row, "headers": names, "row_count": count, "empty_rows": last - header_row - count,
        "mapping": {str(index): name for index, name in sorted(suggested.items())},
        "columns": [column | {"suggestion": suggested.get(column["index"])} for column in columns]}


def _never_written(access: Access, targets: dict[str, Target]) -> Iterator[str]:
    """What the fields are called that an export shows and nobody writes."""
    for name, field in access.record_type.fields.items():
        if name in access.shape.readable and (name not in targets or targets[name].key_only):
            yield from field.label.values()


def _key(access: Access, columns: Sequence[dict[str, Any]], suggested: dict[int, str]) -> str | None:
    """The id when a sheet is an export that has come back, and what it says may be updated."""
    index = id_column(columns) if access.policy.allows("update") else None
    for other in [column for column, name in suggested.items() if name == ID or column == index]:
        del suggested[other]
    if index is None:
        return None
    suggested[index] = ID
    return ID


def _remembered(service: Service, access: Access, names: Sequence[str], targets: dict[str, Target]) -> dict[int, str]:
    with service.db.read() as connection:
        known = remembered_mapping(connection, access.principal.key, access.record_type.name, names)
    known = {column: name for column, name in (known or {}).items() if name in targets and not targets[name].key_only}
    return remembered(names, known, targets) if known else {}


def _samples(rows: Sequence[list[Any]], index: int) -> list[str]:
    cells = (row[index] for row in rows if index < len(row) and row[index] is not None)
    return list(dict.fromkeys(shown(cell)[:_SAMPLE_LENGTH] for cell in cells))[:_SAMPLES]
