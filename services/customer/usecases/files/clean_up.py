"""Remove files that nobody names: uploads that no record took, and those that records let go some time ago."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from chassis.clock import utcnow
from services.customer.store.files import FileStore, FileStoreError
from services.customer.store.files.attachments import DROPPED, RECEIVING, WAITING, forget_attachment, left_over
from services.customer.store.files.receiving import remove_abandoned

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

UNTAKEN = timedelta(hours=24)
_AT_ONCE = 200


def clean_up_files(service: Service) -> None:
    """One round of the clean-up; whatever fails is tried again in the next one."""
    kept = timedelta(days=service.settings.file_keep_days)
    for states, age in (((RECEIVING, WAITING), UNTAKEN), ((DROPPED,), kept)):
        with service.db.read() as connection:
            ids = left_over(connection, states, utcnow() - age, _AT_ONCE)
        for id in ids:
            _remove(service, id, states)
    remove_abandoned(service.settings.home)


def _remove(service: Service, id: str, states: tuple[str, ...]) -> None:
    """The row goes only together with the bytes, so a store that does not answer loses nothing."""
    store: FileStore = service.parts["files"]
    try:
        with service.db.unit_of_work() as uow:
            if forget_attachment(uow, id, states):
                store.remove(id)
    except FileStoreError as error:
        log.warning("a file could not be removed: %s", error)
