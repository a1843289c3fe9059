"""Automatic numbers. PostgreSQL gives them from a sequence, so two writers never wait for each other and a rolled
back write leaves a gap; SQLite has one writer anyhow and counts in a table.

Where the count begins anew there is a sequence for each year or month. Who needs it first makes it beside his own
transaction, so that nobody waits for that one either.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Integer, Text, bindparam, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError, ProgrammingError

from chassis.db import UnitOfWork
from chassis.db.prepared import Prepared
from services.customer.model.fields import FieldDef
from services.customer.model.numbering import numbering_of
from services.customer.store.sequences import own_name, plain_name
from services.customer.store.tables import number_counter


def _named(parameter: str) -> Any:
    return func.to_regclass(bindparam(parameter, type_=Text))


_DRAW = Prepared(
    select(func.nextval(func.coalesce(_named("own"), _named("plain")), type_=BigInteger))
    .select_from(func.generate_series(1, bindparam("count", type_=Integer)).alias("draw")))
_STANDING = Prepared(select(*(_named(name).is_not(None) for name in ("mark", "own", "plain"))))


def take_numbers(uow: UnitOfWork, object_name: str, field: FieldDef, count: int, day: date) -> list[str]:
    """The next `count` numbers of a field on a day, in their written form."""
    numbering = numbering_of(field.options)
    period = numbering.period(day)
    if uow.database.is_sqlite:
        last = _counted(uow, object_name, counter_name(field, period), count)
        numbers: list[int] = list(range(last - count + 1, last + 1))
    else:
        numbers = sorted(_drawn(uow, object_name, field.column, count, period))
    return [numbering.write(number, day) for number in numbers]


def counter_name(field: FieldDef, period: str) -> str:
    """Under which name SQLite counts: that of the column, with the period behind it."""
    return f"{field.column}@{period}" if period else field.column


def _drawn(uow: UnitOfWork, object_name: str, column: str, count: int, period: str) -> Iterator[int]:
    """The next numbers of a field; the sequence of a new period is made first, and two who do so at once both have it.

    Who makes it also draws from it there: a transaction that has looked for it in vain goes on missing it.
    """
    names = {"own": own_name(object_name, column, period), "plain": plain_name(object_name, column, period)}
    given = {**{which: f'"{name}"' for which, name in names.items()}, "count": count}
    if not period:
        yield from (number for number, in uow.aside(_DRAW, given))
        return
    mark = {**given, "mark": f'"{own_name(object_name, column)}"'}
    is_own, has_own, has_plain = uow.aside(_STANDING, {name: mark[name] for name in ("mark", "own", "plain")})[0]
    given = {**given, "own" if not is_own else "plain": None}
    if has_own if is_own else has_plain:
        yield from (number for number, in uow.aside(_DRAW, given))
        return
    with uow.database.engine.connect() as connection:
        with suppress(IntegrityError, ProgrammingError):
            connection.exec_driver_sql(f'CREATE SEQUENCE IF NOT EXISTS "{names["own" if is_own else "plain"]}"')
        yield from (number for number, in _DRAW.rows(connection, given))


def _counted(uow: UnitOfWork, object_name: str, counter: str, count: int) -> int:
    step = sqlite.insert(number_counter).values(object=object_name, column=counter, last=count)
    step = step.on_conflict_do_update(index_elements=["object", "column"],
                                      set_={"last": number_counter.c.last + step.excluded.last})
    return uow.execute(step.returning(number_counter.c.last)).scalar_one()
