"""The database of a service: column types, engine, unit of work, migrations."""

from chassis.db.engine import Database
from chassis.db.types import BigId, Exact, Id, Json, PlainText, SortedText, UtcDateTime
from chassis.db.unit_of_work import UnitOfWork
from chassis.db.upsert import insert_or

__all__ = ["BigId", "Database", "Exact", "Id", "Json", "PlainText", "SortedText", "UnitOfWork", "UtcDateTime",
           "insert_or"]
