"""Automatic numbers. PostgreSQL gives them from a sequence, so two writers never wait for each other and a rolled
back write leaves a gap; SQLite has one writer anyhow and counts in a table.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, Text, bindparam, cast, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import REGCLASS

from chassis.db import UnitOfWork
from chassis.db.prepared import Prepared
from services.customer.model.fields import FieldDef
from services.customer.store.schema import sequence_name
from services.customer.store.tables import number_counter

_DRAW = Prepared(
    select(func.nextval(cast(bindparam("name", type_=Text), REGCLASS), type_=BigInteger))
    .select_from(func.generate_series(1, bindparam("count", type_=Integer)).alias("draw")))


def take_numbers(uow: UnitOfWork, object_name: str, field: FieldDef, count: int) -> list[str]:
    """The next `count` numbers of a field, in their written form."""
    if uow.database.is_sqlite:
        last = _counted(uow, object_name, field, count)
        numbers = range(last - count + 1, last + 1)
    else:
        drawn = uow.aside(_DRAW, {"name": f'"{sequence_name(object_name, field)}"', "count": count})
        numbers = sorted(number for number, in drawn)
    digits, prefix = field.options["digits"], field.options["prefix"]
    return [f"{prefix}{number:0{digits}d}" for number in numbers]


def _counted(uow: UnitOfWork, object_name: str, field: FieldDef, count: int) -> int:
    step = sqlite.insert(number_counter).values(object=object_name, column=field.column, last=count)
    step = step.on_conflict_do_update(index_elements=["object", "column"],
                                      set_={"last": number_counter.c.last + step.excluded.last})
    return uow.execute(step.returning(number_counter.c.last)).scalar_one()
