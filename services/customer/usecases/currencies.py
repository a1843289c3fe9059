"""The company's currencies and exchange rates; a changed rate has the sums counted anew that rest on it.

Only records in another currency than their sum, made while the rate held, are looked for; that is done by a job, and
what it finds is calculated like the effects of any other write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, cast, literal, null, or_, select
from sqlalchemy.sql.elements import ColumnElement

from chassis.auth.principal import Principal
from chassis.clock import from_wire, to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.jobs import Job, enqueue
from services.customer.events import publish_currencies
from services.customer.model.calculated.rollups import Rollup
from services.customer.model.currencies import read_currencies, read_rate
from services.customer.model.faults import InvalidError
from services.customer.store import currencies as store
from services.customer.store.record_type import RecordType
from services.customer.store.tables import calculation_due
from services.customer.usecases.calculations.recalculate import ask_for_all
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

RATES = "customer.rates"


def set_currencies(uow: UnitOfWork, given: Mapping[str, Any]) -> list[str]:
    """Say which currencies the company uses; raises 422, and 409 for another base while rates speak of this one."""
    codes = _valid(lambda: read_currencies(given))
    store.alone(uow)
    if codes[0] != store.read_codes(uow.connection)[0] and store.has_rates(uow.connection):
        raise Problem(409, "rates_standing")
    store.keep_codes(uow, codes)
    publish_currencies(uow, codes[0])
    return codes


def offered(service: Service, connection: Connection) -> list[str]:
    """The company's currencies; as long as nobody has said which, those of its fields, so that each keeps its own."""
    known = store.kept_codes(connection)
    fields = (field for one in service.parts["types"].all().values() for field in one.fields.values())
    used = () if known else {field.options["currency"] for field in fields if field.value_type == "money"}
    return list(dict.fromkeys([*(known or store.read_codes(connection)), *sorted(used)]))


def in_base(uow: UnitOfWork, field: Any) -> Any:
    """The definition of a field of money with the base currency where it names none."""
    options = field.get("options") if isinstance(field, dict) else None
    if not isinstance(field, dict) or not isinstance(options or {}, dict) or (options or {}).get("currency"):
        return field
    if "money" not in (field.get("type"), (options or {}).get("result")):
        return field
    return {**field, "options": {**(options or {}), "currency": store.read_codes(uow.connection)[0]}}


def set_rate(service: Service, uow: UnitOfWork, principal: Principal, currency: str, day: str,
             given: Any) -> None:
    """Keep what a currency is worth from a day on; raises 422."""
    store.alone(uow)
    base = store.read_codes(uow.connection)[0]
    valid_from, rate = _valid(lambda: read_rate(currency, day, given, base))
    now = utcnow()
    store.keep_rate(uow, currency, valid_from, rate, {"updated_at": now, "updated_by": principal.user_id})
    publish_currencies(uow, base, [_told(currency, day, now, rate)])
    _ask(uow, currency, day, _settle(service, uow, currency))


def delete_rate(service: Service, uow: UnitOfWork, currency: str, day: str) -> None:
    """Forget a rate; the one before it holds in its place. Raises 404."""
    store.alone(uow)
    starts = {one.valid_from: one.starts_at for one in store.rates_of(uow.connection, currency)}
    if day not in starts:
        raise not_found("exchange_rate")
    _ask(uow, currency, day, starts)
    store.drop_rate(uow, currency, day)
    publish_currencies(uow, store.read_codes(uow.connection)[0], [_told(currency, day, utcnow())])
    _settle(service, uow, currency)


def _told(currency: str, day: str, at: datetime, rate: Decimal | None = None) -> dict[str, Any]:
    """A rate as others are told of it; without a number it was forgotten."""
    return {"currency": currency, "valid_from": day, "rate": None if rate is None else f"{rate:f}",
            "updated_at": to_wire(at)}


def _settle(service: Service, uow: UnitOfWork, currency: str) -> dict[str, datetime]:
    """The moments from which rates hold: midnights of the company, and the earliest always."""
    zone = ZoneInfo(service.settings.default_timezone)
    rates = store.rates_of(uow.connection, currency)
    starts = {one.valid_from: datetime.combine(date.fromisoformat(one.valid_from), time(), zone) if place
              else store.ALWAYS for place, one in enumerate(rates)}
    store.begin_at(uow, currency, {one.valid_from: starts[one.valid_from] for one in rates
                                   if one.starts_at != starts[one.valid_from]})
    return starts


def _ask(uow: UnitOfWork, currency: str, day: str, starts: Mapping[str, datetime]) -> None:
    """Have the sums over records of the days of this rate counted anew."""
    later = [moment for other, moment in starts.items() if other > day]
    enqueue(uow, RATES, {"currency": currency, "since": to_wire(starts[day]),
                         "until": to_wire(min(later)) if later else None})


def rates_job(service: Service, job: Job) -> None:
    """Leave every record to be calculated anew whose sum rests on the rate of the payload, or on any at all."""
    types = service.parts["types"].renewed()
    with service.db.unit_of_work() as uow:
        for record_type in types.values():
            for rollup in record_type.plan.rollups:
                child = types.get(rollup.child)
                if child is not None and _is_money(rollup, child):
                    _leave(uow, record_type, child, rollup, job.payload)
        job.save(uow, done=True)


def _is_money(rollup: Rollup, child: RecordType) -> bool:
    return (rollup.is_money and rollup.field in child.fields
            and (rollup.match is not None or rollup.reference in child.columns))


def _leave(uow: UnitOfWork, parent: RecordType, child: RecordType, rollup: Rollup, about: Mapping[str, Any]) -> None:
    touched = and_(*_touched(child, rollup, about))
    if rollup.match is not None:
        if uow.execute(select(child.table.c.id).where(touched).limit(1)).first() is not None:
            ask_for_all(uow, parent.name)
        return
    key = child.columns[str(rollup.reference)]
    nothing = [cast(null(), calculation_due.c[name].type) for name in ("matching", "after")]
    found = select(literal(parent.name), literal(""), key, literal(child.name), *nothing, literal(0),
                   literal(False)).where(touched, key.is_not(None)).distinct()
    uow.execute(calculation_due.insert().from_select(
        ["object", "path", "key", "child", "matching", "after", "depth", "rules"], found))


def _touched(child: RecordType, rollup: Rollup, about: Mapping[str, Any]) -> Iterable[ColumnElement[Any]]:
    currency, wanted = child.criteria_columns[f"{rollup.field}.currency"], rollup.result.options["currency"]
    yield currency != wanted
    if about["currency"] is not None:
        yield or_(currency == about["currency"], literal(wanted) == about["currency"])
    made = child.table.c.created_at
    yield made >= from_wire(about["since"])
    if about["until"] is not None:
        yield made < from_wire(about["until"])


def _valid(read: Any) -> Any:
    try:
        return read()
    except InvalidError as error:
        raise invalid_problem(error) from error
