"""The wrong rows of a sheet as a file: every cell as it came, and why the row was refused.

Corrected, the file can be imported again: it has the same header, and cells that a spreadsheet would compute are
guarded in a way that the import takes off again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select

from chassis.auth.principal import Principal
from chassis.http.problem import Problem
from chassis.i18n import t
from services.customer.model.sheets.cells import shown
from services.customer.queries.export import Sheet
from services.customer.queries.imports.show import show_errors
from services.customer.store.imports.files import files_of
from services.customer.store.imports.runs import errors_after
from services.customer.store.imports.staging import open_staging
from services.customer.store.imports.tables import import_row_error

if TYPE_CHECKING:
    from chassis.service import Service

_AT_ONCE = 500
_MAX_WORKBOOK_ROWS = 100_000


def error_sheet(service: Service, principal: Principal, run: Row[Any], kind: str) -> Sheet:
    """The wrong rows with a reason column; raises 410 when the sheet is removed, 422 for too many in a workbook."""
    if run.files_removed or not files_of(service.settings.home, run.id).staging.is_file():
        raise Problem(410, "import_file_gone")
    count = _count(service, run)
    if kind == "xlsx" and count > _MAX_WORKBOOK_ROWS:
        raise Problem(422, "too_many_to_export", params={"max": _MAX_WORKBOOK_ROWS})
    heads = [*run.headers, t("customer.import.reason", principal.locale)]
    return Sheet(t("customer.import.wrong_rows", principal.locale), heads, _rows(service, run, principal.locale),
                 count)


def _count(service: Service, run: Row[Any]) -> int:
    count = select(func.count()).where(import_row_error.c.import_id == run.id)
    with service.db.read() as connection:
        return connection.execute(count).scalar_one()


def _rows(service: Service, run: Row[Any], locale: str) -> Iterator[Sequence[Any]]:
    number = run.header_row
    with open_staging(files_of(service.settings.home, run.id).staging) as staging:
        while True:
            with service.db.read() as connection:
                wrong = errors_after(connection, run.id, number, _AT_ONCE)
            cells = staging.some([row.number for row in wrong])
            for row in wrong:
                yield [*_padded(cells.get(row.number, []), len(run.headers)), _reasons(run, row.errors, locale)]
            if len(wrong) < _AT_ONCE:
                return
            number = wrong[-1].number


def _padded(cells: Sequence[Any], width: int) -> list[Any]:
    return [as_it_was(cell) for cell in cells] + [None] * (width - len(cells))


def as_it_was(cell: Any) -> Any:
    """A staged cell for a writer: numbers stay numbers, dates become ISO text."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else Decimal(repr(cell))
    return shown(cell) if isinstance(cell, dict) else cell


def _reasons(run: Row[Any], errors: Sequence[dict[str, Any]], locale: str) -> str:
    told = show_errors(run, errors, locale)
    return " ".join(f"{one['column']}: {one['detail']}" if one["column"] else one["detail"] for one in told)
