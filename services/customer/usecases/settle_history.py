"""The index over the history by time, where it was too long for a migration: built while everybody writes on.

One process builds it; one that died at it leaves an invalid index, which the next one removes and makes anew.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from services.customer.usecases.settle_schema import alone

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_NAME = "record_change_at"
_STATE = text("SELECT i.indisvalid FROM pg_index i WHERE i.indexrelid = to_regclass(:name)")


def settle_history(service: Service) -> None:
    """Build the index unless it is there."""
    if service.db.is_sqlite or _is_there(service):
        return
    with alone(service) as connection:
        if connection is not None:
            _build(connection)


def _is_there(service: Service) -> bool:
    with service.db.read() as connection:
        return bool(connection.execute(_STATE, {"name": _NAME}).scalar())


def _build(connection: Connection) -> None:
    log.info("building the index %s", _NAME)
    connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}")
    connection.exec_driver_sql(f"CREATE INDEX CONCURRENTLY {_NAME} ON record_change (at)")
