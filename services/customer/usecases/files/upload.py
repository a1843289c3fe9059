"""Take in a file: copy it, look at its content, check what may come in, bring it to the store.

The row is kept before the bytes go to the store. So whatever dies in between leaves a row, and the clean-up needs to
look at rows only, never through a store of millions of files.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.ids import new_id
from services.customer.metrics import FILES_RECEIVED
from services.customer.model.faults import Fault
from services.customer.model.fields import FieldDef
from services.customer.model.files.kinds import IMAGES, clean_name
from services.customer.model.files.sniffing import sniff
from services.customer.model.types import FILE_TYPES
from services.customer.store.files import FileStore, FileStoreError
from services.customer.store.files.attachments import (
    RECEIVING,
    WAITING,
    add_attachment,
    forget_attachment,
    set_state,
    used_bytes,
)
from services.customer.store.files.receiving import Received, TooLargeError, receive
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """A file that has been taken in, and its digest."""

    id: str
    shown: Record
    sha256: str


def take_in(service: Service, principal: Principal, record_type: RecordType, field_name: str, name: str,
            source: BinaryIO) -> Upload:
    """Bring an upload to the store; it still has to be kept. Raises 403, 413, 422, 507 and 503."""
    field = _field(Access(principal, record_type), field_name)
    id, home = new_id(), service.settings.home
    try:
        received = receive(home, id, source, service.settings.file_max_bytes)
    except TooLargeError as error:
        raise too_large(service) from error
    try:
        kind = _judged(service, field, received)
        shown = {"id": id, "name": clean_name(name), "size": received.size, "type": kind}
        _store(service, principal, record_type, field, shown, received)
    finally:
        received.path.unlink(missing_ok=True)
    FILES_RECEIVED.labels(record_type.name).inc()
    return Upload(id, shown, received.sha256)


def keep_file(uow: UnitOfWork, upload: Upload) -> None:
    """Let an upload wait for the record that will name it."""
    set_state(uow, WAITING, [(upload.id, None)])


def drop_file(service: Service, upload: Upload) -> None:
    """Remove an upload that is not kept after all."""
    _store_of(service).remove(upload.id)
    with service.db.unit_of_work() as uow:
        forget_attachment(uow, upload.id, (RECEIVING,))


def too_large(service: Service) -> Problem:
    """The problem of a file beyond the limit."""
    return Problem(413, "file_too_large", params={"limit": service.settings.file_max_bytes >> 20})


def _field(access: Access, name: str) -> FieldDef:
    """The field that the file is for; whoever may write it in some record may send one."""
    access.need("update" if access.policy.allows("update") else "create")
    field = access.record_type.fields.get(name)
    if field is None or name not in access.shape.readable:
        raise refusal([Fault("?field", "unknown_field", {"field": name[:100]})])
    if field.type not in FILE_TYPES:
        raise refusal([Fault("?field", "not_a_file_field")])
    if name not in access.shape.writers:
        raise refusal([Fault("?field", "read_only")])
    return field


def _judged(service: Service, field: FieldDef, received: Received) -> str:
    """The media type, when such a file may come in and there is room for it."""
    if received.size == 0:
        raise refusal([Fault("", "file_empty")])
    kind = sniff(received.path)
    allowed = IMAGES if field.type == "image" else frozenset(service.settings.file_types.split())
    if kind not in allowed:
        raise refusal([Fault("", "not_an_image" if field.type == "image" else "file_type_not_allowed", {"type": kind})])
    quota = service.settings.file_quota_mb << 20
    if quota:
        with service.db.read() as connection:
            if used_bytes(connection) + received.size > quota:
                raise Problem(507, "file_quota_reached", params={"limit": service.settings.file_quota_mb})
    return kind


def _store(service: Service, principal: Principal, record_type: RecordType, field: FieldDef, shown: Record,
           received: Received) -> None:
    row = {"id": shown["id"], "object": record_type.name, "column": field.column, "caller": principal.key,
           "name": shown["name"], "media_type": shown["type"], "size": received.size, "sha256": received.sha256}
    with service.db.unit_of_work() as uow:
        add_attachment(uow, row)
    try:
        _store_of(service).put(shown["id"], received.path, received.sha256)
    except FileStoreError as error:
        log.warning("a file could not be stored: %s", error)
        raise Problem(503, "file_store_unavailable", headers={"Retry-After": "10"}) from error


def _store_of(service: Service) -> FileStore:
    return service.parts["files"]
