"""What a currency was worth in the base currency on each day.

A rate holds from its day until the next one; the earliest also for all days before, and the base is always worth one.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    MetaData,
    Numeric,
    Subquery,
    Table,
    case,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy import Text as SqlText
from sqlalchemy import literal as bound

from chassis.db.types import PlainText

_RATES = Table("exchange_rate", MetaData(), Column("generation", BigInteger), Column("currency", PlainText()),
               Column("valid_from", Date), Column("rate", Numeric(18, 10)))
_FIRST, _LAST = (literal_column(f"DATE '{day}'", Date()) for day in ("0001-01-01", "9999-12-31"))


def rates(generation: int, base: str) -> Subquery:
    """Rows of currency, `starts_on`, `ends_on` (the first day after) and rate."""
    inside = {"partition_by": _RATES.c.currency, "order_by": _RATES.c.valid_from}
    starts = case((func.row_number().over(**inside) == 1, _FIRST), else_=_RATES.c.valid_from)
    known = select(_RATES.c.currency, starts.label("starts_on"),
                   func.coalesce(func.lead(_RATES.c.valid_from).over(**inside), _LAST).label("ends_on"),
                   _RATES.c.rate).where(_RATES.c.generation == generation, _RATES.c.rate.is_not(None),
                                        _RATES.c.currency != base)
    one = cast(literal_column("1"), Numeric(18, 10))
    return union_all(known, select(bound(base, SqlText()).label("currency"), _FIRST.label("starts_on"),
                                   _LAST.label("ends_on"), one.label("rate"))).subquery()
