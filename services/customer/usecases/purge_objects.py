"""Drop what is left of deleted objects: tables, links, search entries, history, files. Part of the settling.

A table can go only when nothing points at it any more. Fields that do lie in bins, of other objects or with them;
they go first and their columns with them, so an object may need a second round.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, text

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.fields import BINNED, REMOVING
from services.customer.model.objects import ObjectDef
from services.customer.store import definitions, schema
from services.customer.store.files.attachments import drop_of_field
from services.customer.store.segments import forget_segments_of
from services.customer.store.tables import metadata, object_def

if TYPE_CHECKING:
    from chassis.service import Service

# the definitions go last, files go with their bytes, and what was imported stays known
_NOT_HERE = frozenset({"object_def", "field_def", "attachment", "import_run"})


def purge_object_bin(service: Service, definition: ObjectDef) -> None:
    """Let go of a binned object that has been in the bin long enough."""
    limit = utcnow() - timedelta(days=service.settings.bin_days)
    with service.db.unit_of_work() as uow:
        if _is_older(uow, definition.name, BINNED, limit):
            definitions.update_object(uow, replace(definition, state=REMOVING))


def drop_object(service: Service, definition: ObjectDef, noticed: timedelta) -> None:
    """Drop an object that every process has forgotten by now."""
    with service.db.unit_of_work() as uow:
        if not _is_older(uow, definition.name, REMOVING, utcnow() - noticed) or _is_pointed_at(uow, definition.name):
            return
        if not service.db.is_sqlite:
            uow.execute(text("SET LOCAL statement_timeout = 0"))
        drop_of_field(uow, definition.name)
        forget_segments_of(uow, definition.name)
        for table in reversed(metadata.sorted_tables):
            if "object" in table.c and table.name not in _NOT_HERE:
                uow.execute(delete(table).where(table.c.object == definition.name))
        schema.drop_table(uow.connection, definition)
        definitions.forget_object(uow, definition.name)


def _is_older(uow: UnitOfWork, name: str, state: str, limit: object) -> bool:
    """Whether the object is in the state since before the limit; its row is locked then."""
    query = select(object_def.c.name).where(object_def.c.name == name, object_def.c.state == state,
                                            object_def.c.updated_at < limit)
    return uow.execute(query.with_for_update()).first() is not None


def _is_pointed_at(uow: UnitOfWork, name: str) -> bool:
    """Whether fields of others still stand that point at the object; those are on their way out now."""
    found = False
    for other in definitions.read_all(uow.connection).values():
        for field in other.fields if other.name != name else ():
            if field.target == name:
                found = True
                if field.state != REMOVING:
                    gone = replace(field, state=REMOVING, unique=False, indexed=False)
                    definitions.update_field(uow, other.name, gone)
    if found:
        definitions.touch(uow)
    return found
