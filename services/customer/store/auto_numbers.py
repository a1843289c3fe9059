"""Automatic numbers. PostgreSQL gives them from a sequence, so two writers never wait for each other and a rolled
back write leaves a gap; SQLite has one writer anyhow and counts in a table.

Where the count begins anew there is a sequence for each year or month. Who needs it first makes it beside his own
transaction, so that nobody waits for that one either.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date

from sqlalchemy import BigInteger, Integer, Text, bindparam, cast, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.exc import IntegrityError, ProgrammingError

from chassis.db import UnitOfWork
from chassis.db.prepared import Prepared
from services.customer.model.fields import FieldDef
from services.customer.model.numbering import numbering_of
from services.customer.store.schema import sequence_name
from services.customer.store.tables import number_counter

_DRAW = Prepared(
    select(func.nextval(cast(bindparam("name", type_=Text), REGCLASS), type_=BigInteger))
    .select_from(func.generate_series(1, bindparam("count", type_=Integer)).alias("draw")))
_THERE = Prepared(select(func.to_regclass(bindparam("name", type_=Text)).is_not(None)))


def take_numbers(uow: UnitOfWork, object_name: str, field: FieldDef, count: int, day: date) -> list[str]:
    """The next `count` numbers of a field on a day, in their written form."""
    numbering = numbering_of(field.options)
    period = numbering.period(day)
    if uow.database.is_sqlite:
        last = _counted(uow, object_name, counter_name(field, period), count)
        numbers: list[int] = list(range(last - count + 1, last + 1))
    else:
        name = sequence_name(object_name, field, period)
        numbers = sorted(_drawn(uow, name, count, made=not period))
    return [numbering.write(number, day) for number in numbers]


def counter_name(field: FieldDef, period: str) -> str:
    """Under which name SQLite counts: that of the column, with the period behind it."""
    return f"{field.column}@{period}" if period else field.column


def _drawn(uow: UnitOfWork, name: str, count: int, made: bool) -> Iterator[int]:
    """The next numbers of a sequence; that of a new period is made first, and two who do so at once both have it then.

    Who makes it also draws from it there: a transaction that has looked for it in vain goes on missing it.
    """
    given = {"name": f'"{name}"', "count": count}
    if made or uow.aside(_THERE, {"name": given["name"]})[0][0]:
        yield from (number for number, in uow.aside(_DRAW, given))
        return
    with uow.database.engine.connect() as connection:
        with suppress(IntegrityError, ProgrammingError):
            connection.exec_driver_sql(f'CREATE SEQUENCE IF NOT EXISTS "{name}"')
        yield from (number for number, in _DRAW.rows(connection, given))


def _counted(uow: UnitOfWork, object_name: str, counter: str, count: int) -> int:
    step = sqlite.insert(number_counter).values(object=object_name, column=counter, last=count)
    step = step.on_conflict_do_update(index_elements=["object", "column"],
                                      set_={"last": number_counter.c.last + step.excluded.last})
    return uow.execute(step.returning(number_counter.c.last)).scalar_one()
