"""What instances wait for occurs: a timer runs out, a message or a signal comes, an ordered change is done.

A loop of the worker takes what is due, oldest first, each in a unit of work of its own. What leads nowhere (a formula
over a field that is empty, a neighbour that does not answer) is tried again after growing pauses, and the instance says
why it does not go on.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from chassis.clock import utcnow
from chassis.context import Cause, Origin, with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.ids import new_id
from services.workflow.model.processes.stimuli import Occurred, Served, Stimulus, TriedAgain
from services.workflow.model.processes.waiting import CALL, CHANGE, MESSAGE, NEVER
from services.workflow.model.texts import said
from services.workflow.store.tables import intent, process_instance, process_wait
from services.workflow.store.waits import this_wait
from services.workflow.usecases.processes.calling import call_or_return
from services.workflow.usecases.processes.ending import tell_applicant
from services.workflow.usecases.processes.hearing import hear_next
from services.workflow.usecases.processes.history import Deed
from services.workflow.usecases.processes.messages import bring_next
from services.workflow.usecases.processes.ordered import start_next
from services.workflow.usecases.processes.signals import CLOCK, spread_next
from services.workflow.usecases.processes.steps import locked, stepped
from services.workflow.usecases.settling import FAILED, Fate

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_AT_ONCE = 50
_LONGEST_PAUSE = 3600
_WAIT = process_wait.c


class Blocked(Exception):
    """An instance does not go on; `reason` says why, by language."""

    def __init__(self, reason: Mapping[str, str]) -> None:
        super().__init__(reason.get("en"))
        self.reason = reason


def occur_next(service: Service) -> bool:
    """Start what rules have ordered, bring signals and messages, let occur what is due; False when there is nothing."""
    spread = hear_next(service) | spread_next(service) | bring_next(service) | start_next(service)
    with service.db.read() as connection:
        due: Sequence[Row[Any]] = connection.execute(
            select(process_wait).where(_WAIT.due_at <= utcnow()).order_by(_WAIT.due_at).limit(_AT_ONCE)).all()
    for wait in due:
        _occur(service, wait)
    return bool(due) or spread


def _occur(service: Service, wait: Row[Any]) -> None:
    try:
        with service.db.unit_of_work() as uow:
            instance = locked(uow, wait.instance_id)
            if instance is not None and _still_due(uow, wait):
                with with_cause(Cause(new_id(), origin=Origin("process", instance["process_id"]))):
                    _let(service, uow, instance, wait)
    except Blocked as blocked:
        _try_later(service, wait, blocked.reason)
    except Problem as problem:  # a neighbour does not answer
        log.warning("an instance waits: %s", problem)
        _try_later(service, wait, said("blocked.neighbour"))
    except SQLAlchemyError:
        raise
    except Exception:  # what nobody foresaw in one instance must not hold up all others
        log.exception("an instance does not go on")
        _try_later(service, wait, said("blocked.unforeseen"))


def _let(service: Service, uow: UnitOfWork, instance: Mapping[str, Any], wait: Row[Any]) -> None:
    moved = (call_or_return(service, uow, instance, wait, Blocked) if wait.kind == CALL
             else stepped(service, uow, instance, _stimulus(wait), Deed(), Blocked))
    if moved is not None:
        tell_applicant(service, uow, moved)


def _stimulus(wait: Row[Any]) -> Stimulus:
    return Served(wait.token) if wait.kind == CHANGE else Occurred(wait.token, wait.node)


def _still_due(uow: UnitOfWork, wait: Row[Any]) -> bool:
    """Whether nobody has let it occur since it was found."""
    return uow.execute(select(_WAIT.token).where(*this_wait(wait), _WAIT.due_at == wait.due_at)).scalar() is not None


def _try_later(service: Service, wait: Row[Any], reason: Mapping[str, str]) -> None:
    pause = timedelta(seconds=min(2 ** min(wait.attempts + 1, 12), _LONGEST_PAUSE))
    with service.db.unit_of_work() as uow:
        mine = *this_wait(wait), _WAIT.due_at == wait.due_at  # another worker may have let it occur meanwhile
        if uow.execute(update(process_wait).where(*mine).values(
                due_at=utcnow() + pause, attempts=wait.attempts + 1)).rowcount:
            tell_problem(uow, wait.instance_id, reason)


def tell_problem(uow: UnitOfWork, instance_id: str, reason: Mapping[str, str]) -> None:
    """Let an instance say why it does not go on."""
    uow.execute(update(process_instance).where(process_instance.c.id == instance_id).values(problem=dict(reason)))


def settle_orders(service: Service, uow: UnitOfWork, orders: Mapping[str, str], fates: Mapping[str, Fate]) -> None:
    """What became of changes and new records that service tasks ordered (`orders`: intent → what is waited for): the
    last one done lets the token go on, a refused one keeps it until tried again. The waits are locked: of two workers
    that settle parts of one order, the later sees that nothing is left."""
    rows = uow.execute(select(process_wait).where(_WAIT.kind == CHANGE, _WAIT.key.in_(sorted(set(orders.values()))))
                       .order_by(_WAIT.instance_id, _WAIT.token).with_for_update()).all()
    left = _unsettled(uow, [row.key for row in rows])
    for row in rows:
        refused = [fates[id] for id, key in orders.items() if key == row.key and fates[id].result == FAILED]
        if refused:
            _refused(uow, row, refused[0].detail or said("failed.unanswered"))
        elif row.key not in left:
            uow.execute(update(process_wait).where(*this_wait(row)).values(due_at=utcnow()))
    if rows:
        uow.after_commit(lambda: service.wake(CLOCK))


def _unsettled(uow: UnitOfWork, keys: Sequence[str]) -> set[str]:
    """Those of these orders of which something is still to be carried out."""
    if not keys:
        return set()
    rows = uow.execute(select(intent.c.id, intent.c.order_id).where(
        or_(intent.c.id.in_(keys), intent.c.order_id.in_(keys)))).all()
    return {order_id or id for id, order_id in rows}


def _refused(uow: UnitOfWork, wait: Row[Any], reason: Mapping[str, str]) -> None:
    if locked(uow, wait.instance_id) is not None:
        uow.execute(update(process_wait).where(*this_wait(wait)).values(key=NEVER, due_at=None))
        tell_problem(uow, wait.instance_id, reason)


def try_again(service: Service, uow: UnitOfWork, instance: Mapping[str, Any], by: str | None,
              refusal: Any) -> Mapping[str, Any]:
    """Do what was refused once more; raises 409 when nothing was."""
    failed = uow.execute(select(process_wait).where(
        _WAIT.instance_id == instance["id"], _WAIT.kind == CHANGE, _WAIT.key == NEVER).order_by(_WAIT.token)).first()
    if failed is None:
        raise Problem(409, "nothing_to_try")
    deed = Deed(by=by, what="tried_again", node=failed.node)
    moved = stepped(service, uow, instance, TriedAgain(failed.token), deed, refusal)
    tell_applicant(service, uow, moved)
    return moved


def bring_message(service: Service, uow: UnitOfWork, instance: Mapping[str, Any], name: str, deed: Deed,
                  refusal: Any) -> Mapping[str, Any]:
    """Bring a message to an instance; raises 409 when it does not wait for it."""
    wait = uow.execute(select(process_wait).where(
        _WAIT.instance_id == instance["id"], _WAIT.kind == MESSAGE, _WAIT.key == name).order_by(_WAIT.token)).first()
    if wait is None:
        raise Problem(409, "message_not_awaited")
    moved = stepped(service, uow, instance, Occurred(wait.token, wait.node), deed, refusal)
    tell_applicant(service, uow, moved)
    return moved

