"""Uploads in pieces: a sheet of any size comes in over a connection that may be lost.

Each piece says where it begins. It is on the disk before it is confirmed, so after a loss the client asks how far the
upload has come and goes on there. Who begins an upload and never ends it loses it after some hours.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, func, select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from services.customer.store.imports.pieces_on_disk import part_of, put_piece
from services.customer.store.imports.tables import import_upload
from services.customer.usecases.imports.plan import importing_access
from services.customer.usecases.imports.upload import drop_upload, keep_upload, receive_sheet

if TYPE_CHECKING:
    from chassis.service import Service

PIECE = 4 << 20
_AT_ONCE, _PURGED_AT_ONCE = 5, 100


def begin_upload(service: Service, uow: UnitOfWork, principal: Principal, object_name: str, filename: str,
                 size: int) -> str:
    """Make room for an upload; returns its id. Raises 403, 404, 422 for what is too large, 429 for too many."""
    importing_access(service, principal, object_name)
    limit = service.settings.import_upload_max_bytes
    if size > limit:
        raise Problem(422, "sheet_too_large", params={"limit": limit >> 20})
    now = utcnow()
    mine = select(func.count()).where(import_upload.c.caller == principal.key, import_upload.c.expires_at > now,
                                      import_upload.c.import_id.is_(None))
    if uow.execute(mine).scalar_one() >= _AT_ONCE:
        raise Problem(429, "too_many_uploads", params={"most": _AT_ONCE})
    id = new_id()
    uow.execute(import_upload.insert().values(
        id=id, object=object_name, caller=principal.key, filename=filename, size=size, received=0, created_at=now,
        expires_at=_expiry(service)))
    return id


def add_piece(service: Service, uow: UnitOfWork, principal: Principal, id: str, offset: int, piece: bytes) -> None:
    """Take the next piece in; raises 404, 409 when it begins elsewhere, 422 when it is longer than what is missing."""
    upload = own_upload(uow, principal, id)
    if offset != upload.received or upload.import_id is not None:
        raise Problem(409, "upload_offset", params={"offset": upload.received})
    if offset + len(piece) > upload.size:
        raise Problem(422, "upload_too_long", params={"size": upload.size})
    put_piece(part_of(service.settings.home, id), offset, piece)
    uow.execute(update(import_upload).where(import_upload.c.id == id).values(
        received=offset + len(piece), expires_at=_expiry(service)))


def finish_upload(service: Service, principal: Principal, id: str) -> str:
    """Read the sheet of a whole upload; returns the id of its import, the same as often as it is asked for."""
    with service.db.unit_of_work() as uow:
        upload = own_upload(uow, principal, id)
        if upload.import_id is not None:
            return str(upload.import_id)
    if upload.received != upload.size:
        raise Problem(409, "upload_offset", params={"offset": upload.received})
    received = _read(service, principal, upload)
    try:
        kept = _keep(service, principal, id, received)
    except BaseException:
        drop_upload(service, received)
        raise
    if kept != received["id"]:
        drop_upload(service, received)
    part_of(service.settings.home, id).unlink(missing_ok=True)
    return kept


def drop_large_upload(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Forget an upload; what it became already stays."""
    own_upload(uow, principal, id)
    uow.execute(delete(import_upload).where(import_upload.c.id == id))
    uow.after_commit(lambda: part_of(service.settings.home, id).unlink(missing_ok=True))


def own_upload(uow: UnitOfWork, principal: Principal, id: str) -> Row[Any]:
    """An upload of the caller, locked; raises 404, also when its time is over."""
    query = select(import_upload).where(import_upload.c.id == id, import_upload.c.caller == principal.key,
                                        import_upload.c.expires_at > utcnow())
    upload = uow.execute(query.with_for_update()).one_or_none() if is_id(id) else None
    if upload is None:
        raise not_found("upload")
    return upload


def purge_uploads(service: Service) -> None:
    """Forget uploads whose time is over, with what came of them."""
    with service.db.unit_of_work() as uow:
        old = uow.execute(select(import_upload.c.id).where(import_upload.c.expires_at < utcnow())
                          .limit(_PURGED_AT_ONCE)).scalars().all()
        if old:
            uow.execute(delete(import_upload).where(import_upload.c.id.in_(old)))
    for id in old:
        part_of(service.settings.home, id).unlink(missing_ok=True)


def _read(service: Service, principal: Principal, upload: Row[Any]) -> dict[str, Any]:
    try:
        with part_of(service.settings.home, upload.id).open("rb") as source:
            return receive_sheet(service, principal, upload.object, source, upload.filename,
                                 service.settings.import_upload_max_bytes)
    except FileNotFoundError:
        raise not_found("upload") from None


def _keep(service: Service, principal: Principal, id: str, received: dict[str, Any]) -> str:
    with service.db.unit_of_work() as uow:
        upload = own_upload(uow, principal, id)
        if upload.import_id is not None:  # somebody was quicker
            return str(upload.import_id)
        keep_upload(uow, received)
        uow.execute(update(import_upload).where(import_upload.c.id == id).values(import_id=received["id"]))
    return str(received["id"])


def _expiry(service: Service) -> Any:
    return utcnow() + timedelta(hours=service.settings.import_upload_hours)
