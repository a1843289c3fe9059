"""Say what columns mean, what happens to doubles, whether rules act on the records; start the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.jobs import cancel, enqueue
from services.customer.model.faults import Fault
from services.customer.model.mapping.rules import DUPLICATES
from services.customer.store.imports.runs import change_run, forget_errors, remember_mapping
from services.customer.usecases.access import Access
from services.customer.usecases.imports.plan import check_plan, importing_access, plan_of
from services.customer.usecases.imports.pools import check_pool
from services.customer.usecases.imports.states import (
    CANCELLED,
    CHECKING,
    IMPORTING,
    READY,
    RUNNING,
    UPLOADED,
    need_state,
    own_run,
    seen_run,
)
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tell_audit import tell_import

if TYPE_CHECKING:
    from chassis.service import Service

CHECK, IMPORT = "customer.import.check", "customer.import.run"


def configure_import(service: Service, uow: UnitOfWork, principal: Principal, id: str,
                     changes: Mapping[str, Any]) -> None:
    """Change what was chosen, as far as given; an earlier dry run counts no more. Raises 422."""
    run = own_run(uow, principal, id)
    need_state(run, *READY)
    access = importing_access(service, principal, run.object)
    duplicates = changes.get("duplicates", run.duplicates)
    if duplicates not in DUPLICATES:
        raise refusal([Fault("/duplicates", "not_a_choice", {"value": str(duplicates)[:60]})])
    match_by = changes.get("match_by", run.match_by)
    _check_rules(access, match_by)
    pool_id = changes.get("pool_id", run.pool_id)
    check_pool(principal, access.record_type, pool_id)
    mapping = check_plan(service, access, run, changes)
    forget_errors(uow, id)
    change_run(uow, id, mapping=mapping, duplicates=duplicates, match_by=match_by,
               key=changes.get("key", run.key), run_rules=changes.get("run_rules", run.run_rules),
               look_alike=changes.get("look_alike", run.look_alike), pool_id=pool_id, state=UPLOADED, counts={},
               preview=[], done=0)


def _check_rules(access: Access, match_by: Any) -> None:
    """Raise 422 unless these are names of duplicate rules of the object, or null for all of them."""
    if match_by is None:
        return
    if not isinstance(match_by, list) or not match_by:
        raise refusal([Fault("/match_by", "not_list")])
    known = {matcher.rule for matcher in access.record_type.definition.matchers}
    faults = [Fault(f"/match_by/{place}", "not_a_choice", {"value": str(rule)[:60]})
              for place, rule in enumerate(match_by) if not isinstance(rule, str) or rule not in known]
    if faults:
        raise refusal(faults)


def start_check(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Begin a dry run."""
    run = own_run(uow, principal, id)
    _begin(service, uow, principal, run, CHECKING, CHECK)


def start_import(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Begin the import; its mapping is remembered for the next sheet with this header."""
    run = own_run(uow, principal, id)
    _begin(service, uow, principal, run, IMPORTING, IMPORT)
    change_run(uow, id, undo={})
    remember_mapping(uow, run)
    tell_import(uow, principal, run)


def _begin(service: Service, uow: UnitOfWork, principal: Principal, run: Row[Any], state: str, kind: str) -> None:
    need_state(run, *READY)
    plan = plan_of(service, run, replace(principal, locale=run.locale))
    check_pool(principal, plan.record_type, run.pool_id)
    forget_errors(uow, run.id)
    job_id = enqueue(uow, kind, {"import_id": run.id})
    change_run(uow, run.id, state=state, job_id=job_id, counts={}, preview=[], done=0, started_at=utcnow(),
               finished_at=None, problem=None)


def cancel_import(uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Stop an import; what is imported already stays. Nothing happens to one that was cancelled before."""
    run = seen_run(uow, principal, id)
    if run.state == CANCELLED:
        return
    need_state(run, *READY, *RUNNING)
    if run.job_id is not None:
        cancel(uow, run.job_id)
    change_run(uow, id, state=CANCELLED, finished_at=utcnow())
