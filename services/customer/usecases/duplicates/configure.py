"""Choose which fields say that two records are one; decide about single pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, select

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.customer.model.faults import Fault, InvalidError
from services.customer.model.likeness.setup import Setup, read_setup
from services.customer.store.duplicates.pairs import DECISIONS, OPEN, decide
from services.customer.store.duplicates.tables import duplicate_pair, duplicate_setup
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.links import visible_ids
from services.customer.usecases.refusals import invalid_problem, refusal


def choose_setup(uow: UnitOfWork, record_type: RecordType, given: Mapping[str, Any]) -> Setup:
    """Keep what counts for an object; raises 422. The next scan goes by it."""
    try:
        setup = read_setup(record_type.definition, given)
    except InvalidError as error:
        raise invalid_problem(error) from error
    row = {"object": record_type.name, "body": setup.to_wire(), "updated_at": utcnow()}
    uow.execute(insert_or(uow, duplicate_setup).values(row).on_conflict_do_update(
        index_elements=["object"], set_={"body": row["body"], "updated_at": row["updated_at"]}))
    return setup


def forget_setup(uow: UnitOfWork, record_type: RecordType) -> None:
    """Go by what the fields suggest again."""
    uow.execute(delete(duplicate_setup).where(duplicate_setup.c.object == record_type.name))


def decide_pair(uow: UnitOfWork, principal: Principal, record_type: RecordType, id: str, decision: Any) -> None:
    """Keep a decision about a pair of visible records; raises 403, 404, 422."""
    Access(principal, record_type).need("update")
    if decision not in (*DECISIONS, OPEN):
        raise refusal([Fault("/decision", "not_a_choice", {"value": str(decision)[:60]})])
    visible_pair(uow, principal, record_type, id)
    decide(uow, id, decision, principal.user_id, utcnow())


def visible_pair(uow: UnitOfWork, principal: Principal, record_type: RecordType, id: str) -> Row[Any]:
    """The pair, when the caller sees both of its records; raises 404."""
    pair = None
    if is_id(id):
        pair = uow.execute(select(duplicate_pair).where(
            duplicate_pair.c.id == id, duplicate_pair.c.object == record_type.name)).first()
    if pair is None or len(visible_ids(uow.connection, principal, record_type, {pair.one, pair.other})) < 2:
        raise not_found("pair")
    return pair
