"""One attached file, as far as the caller may see the record and the field that it stands in.

An upload that no record has taken yet is shown to nobody but who sent it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.auth.principal import Principal
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.customer.queries.get_record import get_record
from services.customer.store.files import FileStore, FileStoreError
from services.customer.store.files.attachments import ATTACHED, WAITING, find_attachment
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)


def find_file(service: Service, principal: Principal, id: str) -> Row[Any]:
    """What is known of a file; raises 403, and 404 also for what must not be seen."""
    row = None
    if is_id(id):
        with service.db.read() as connection:
            row = find_attachment(connection, id)
    if row is None:
        raise not_found("file")
    if row.state == WAITING and row.caller == principal.key:
        return row
    if row.state != ATTACHED or not _stands_in_view(service, principal, row):
        raise not_found("file")
    return row


def open_file(service: Service, id: str) -> Iterator[bytes]:
    """The bytes of a file; raises 503 when the store has them not."""
    store: FileStore = service.parts["files"]
    try:
        return store.read(id)
    except FileStoreError as error:
        log.warning("a file could not be read: %s", error)
        raise Problem(503, "file_store_unavailable", headers={"Retry-After": "10"}) from error


def _stands_in_view(service: Service, principal: Principal, row: Row[Any]) -> bool:
    record_type = service.parts["types"].get(row.object)
    record = get_record(service, principal, record_type, row.record_id)
    known = Access(principal, record_type).known(record)
    return any(field.column == row.column and any(one["id"] == row.id for one in known.get(field.name) or ())
               for field in record_type.file_fields)
