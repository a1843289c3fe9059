"""Who imports: a job has no request, so the person is looked up again, with what his roles allow now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.auth.people import principal_of
from chassis.auth.principal import Principal
from chassis.context import Cause, Origin, current_cause
from chassis.http.problem import Problem

if TYPE_CHECKING:
    from chassis.service import Service


def importer(service: Service, run: Row[Any]) -> Principal:
    """The person (or service) that started an import; raises 403 when there is no such person any more."""
    directory = service.directory.snapshot()
    if run.started_by is None:
        return Principal(kind="service", name=run.caller.removeprefix("service:"), locale=run.locale,
                         timezone=service.settings.default_timezone, departments_below=directory.departments_below)
    user = directory.users.get(run.started_by)
    if user is None or not user["active"]:
        raise Problem(403, "import_person_gone")
    return principal_of(directory, service.settings, user, locale=run.locale)


def cause_of(run: Row[Any]) -> Cause:
    """The cause of every change that an import makes: its events say which import, and whether rules shall act."""
    return Cause(request_id=current_cause().request_id, origin=Origin("import", run.id, run.filename), bulk_id=run.id,
                 rules=run.run_rules)
