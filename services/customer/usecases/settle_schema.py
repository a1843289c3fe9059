"""Make the database what definitions say, outside of transactions: the part of a change that takes time.

It may be run at any moment, any number of times, by any process; only one works at a time. It finishes
what a crash has left half done.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex

from chassis.clock import utcnow
from chassis.jobs import Job
from services.customer.model.fields import ADDING, BINNED, READY, REMOVING
from services.customer.model.objects import ObjectDef
from services.customer.model.types import FILE_TYPES
from services.customer.store import definitions, schema
from services.customer.store.files.attachments import drop_of_field
from services.customer.store.tables import field_def
from services.customer.usecases.define_objects import keep_object, locked_object
from services.customer.usecases.field_bin import purge_bin
from services.customer.usecases.follow_lists import follow_lists
from services.customer.usecases.purge_objects import drop_object, purge_object_bin

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

NOTICED = timedelta(seconds=10)
_LOCK = 7_301_552_100


def settle_job(service: Service, job: Job) -> None:
    """The job that follows a change of an object; jobs queued before `object` was told settle all."""
    settle(service, job.payload.get("object"))


def settle(service: Service, only: str | None = None) -> None:
    """Settle every object, or one; does nothing while another process is at it."""
    with alone(service) as connection:
        if connection is not None:
            for definition in _definitions(service):
                if only in (None, definition.name):
                    _SETTLED.get(definition.state, _settle_one)(service, connection, definition)


def _settle_binned(service: Service, _: Connection, definition: ObjectDef) -> None:
    _drop_old_columns(service, definition)
    purge_object_bin(service, definition)


def _settle_removed(service: Service, connection: Connection, definition: ObjectDef) -> None:
    _drop_old_columns(service, definition)
    drop_object(service, definition, NOTICED)


def _settle_one(service: Service, connection: Connection, definition: ObjectDef) -> None:
    follow_lists(service, definition)
    if service.db.is_sqlite:
        _build_at_once(service, definition)
    else:
        _build_indexes(service, connection, definition)
    waiting = [field for field in definition.fields if field.state == ADDING]
    if waiting:
        _make_ready(service, definition.name, {field.column for field in waiting})
    purge_bin(service, definition)
    _drop_old_columns(service, definition)


_SETTLED = {BINNED: _settle_binned, REMOVING: _settle_removed}


def _build_indexes(service: Service, connection: Connection, definition: ObjectDef) -> None:
    plan = _plan(service, definition.name)
    for name in plan.unwanted:
        connection.exec_driver_sql(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
    for index in plan.missing:
        index.dialect_options["postgresql"]["concurrently"] = True
        try:
            connection.execute(CreateIndex(index, if_not_exists=True))
        except IntegrityError:
            log.warning("index %s: the values are not unique", index.name)
            connection.exec_driver_sql(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"')
            _give_up_uniqueness(service, definition.name, str(index.columns[0].name))


def _plan(service: Service, object_name: str) -> schema.IndexPlan:
    """What to do, as nobody changes the object: an index whose field is being added is not one that nobody wants."""
    with service.db.unit_of_work() as uow:
        current = definitions.read_locked(uow, object_name)
        return schema.index_plan(uow.connection, current) if current else schema.NOTHING_TO_DO


def _build_at_once(service: Service, definition: ObjectDef) -> None:
    """What the embedded database lacks or has too much; it has one writer anyhow, and needs samples to choose well."""
    with service.db.read() as connection:
        plan = schema.index_plan(connection, definition)
    if not plan.missing and not plan.unwanted:
        return
    with service.db.unit_of_work() as uow:
        schema.drop_unwanted_indexes(uow.connection, definition)
        for index in plan.missing:
            uow.execute(CreateIndex(index, if_not_exists=True))
        uow.connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
        uow.connection.exec_driver_sql(f'ANALYZE "{schema.table_name(definition.name)}"')


def _make_ready(service: Service, object_name: str, columns: set[str]) -> None:
    with service.db.unit_of_work() as uow:
        current = locked_object(uow, object_name, None)
        fields = tuple(replace(one, state=READY) if one.column in columns and one.state == ADDING else one
                       for one in current.fields)
        for field in fields:
            if field.column in columns:
                definitions.update_field(uow, object_name, field)
        keep_object(service, uow, replace(current, fields=fields))


def _give_up_uniqueness(service: Service, object_name: str, column: str) -> None:
    """Values that stand already are not unique, so the field cannot be."""
    with service.db.unit_of_work() as uow:
        current = locked_object(uow, object_name, None)
        fields = tuple(replace(one, unique=False) if one.column == column else one for one in current.fields)
        for field in fields:
            if field.column == column:
                definitions.update_field(uow, object_name, field)
        keep_object(service, uow, replace(current, fields=fields))


def _drop_old_columns(service: Service, definition: ObjectDef) -> None:
    """Drop columns of fields that every process has forgotten by now."""
    limit = utcnow() - NOTICED
    with service.db.unit_of_work() as uow:
        old = set(uow.execute(select(field_def.c.column).where(
            field_def.c.object == definition.name, field_def.c.state == REMOVING,
            field_def.c.updated_at < limit)).scalars())
        gone = [field for field in definition.fields if field.column in old]
        if not gone:
            return
        if service.db.is_sqlite:  # PostgreSQL drops the indexes of a column with it
            schema.drop_unwanted_indexes(uow.connection, definition)
        schema.drop_fields(uow.connection, definition.name, gone)
        for field in gone:
            if field.type in FILE_TYPES:
                drop_of_field(uow, definition.name, field.column)
            definitions.forget_field(uow, definition.name, field.column)
        definitions.touch(uow)


def _definitions(service: Service) -> list[ObjectDef]:
    with service.db.read() as connection:
        return list(definitions.read_all(connection).values())


@contextmanager
def alone(service: Service) -> Iterator[Connection | None]:
    """A connection without a transaction, for the one process that may settle; None for the others.

    The lock is only tried: whoever waited for it would hold a snapshot that a concurrent index waits for.
    """
    if service.db.is_sqlite:
        with service.db.read() as reading:
            yield reading
        return
    with service.db.read() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar():
            yield None
            return
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("SET lock_timeout = 0")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("RESET statement_timeout")
            connection.exec_driver_sql("RESET lock_timeout")
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
