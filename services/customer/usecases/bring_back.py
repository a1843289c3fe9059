"""Bring a record back that was deleted or merged away, with all that follows from its being there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.values.times import moment_text
from services.customer.store.link_tables import change_links
from services.customer.store.match_keys import add_keys
from services.customer.store.record_type import Record, RecordType
from services.customer.store.search_entries import add_entries
from services.customer.usecases.files.attach import change_files
from services.customer.usecases.history import CREATED, Change, remember, told


def bring_back(uow: UnitOfWork, record_type: RecordType, principal: Principal, old: Record,
               note: Mapping[str, Any] | None = None) -> Record:
    """The record as it was, under a version that is newer than that of its removal.

    `note` goes into its line of the history. Raises IntegrityError when a value or a link stands against it.
    """
    record = {name: old.get(name) for name in record_type.members}
    record |= {"version": old["version"] + 2, "updated_at": moment_text(utcnow()), "updated_by": principal.user_id}
    with uow.savepoint():
        uow.execute(record_type.insert, record_type.params(record))
        change_links(uow, record_type.link_tables, [({}, record)])
        change_files(uow, record_type, [({}, record)])
    add_keys(uow, record_type.definition, [record])
    add_entries(uow, record_type, [record])
    remember(uow, record_type, principal, [Change(CREATED, record, told(record), note=note)])
    return record
