"""The work of a dry run, page after page of a day's changes, oldest first.

What a page showed and how far the job is commit together, so a worker that is killed loses one page at most and counts
none twice. Whoever needs too long, or looks at too many changes, stops and says how far he came.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chassis.clock import from_wire, to_wire
from chassis.db import UnitOfWork
from chassis.jobs import Job, JobCancelled
from services.workflow.metrics import DRY_RUN_CHANGES, DRY_RUNS
from services.workflow.model.compiled import CompiledRule
from services.workflow.model.processes.reading import read_definition
from services.workflow.model.rules import CHANGED, CREATED, Rule
from services.workflow.store.dry_runs import FAILED, FINISHED, RUNNING, add_hits, change_run, find_run, lock_run
from services.workflow.usecases.judging import Firing, Judge
from services.workflow.usecases.links import CustomerSilent
from services.workflow.usecases.trying.effects import Supposed, Supposing
from services.workflow.usecases.trying.loops import follow, message_of
from services.workflow.usecases.trying.paths import Walk

if TYPE_CHECKING:
    from chassis.service import Service

PAGE = 500
MOST_HITS = 5_000  # that are kept to be looked at; the others are counted
_WINDOW = timedelta(days=1)


class JudgeOfThePast(Judge):
    """Judges each change as of its own moment."""

    def _moment(self, change: Mapping[str, Any]) -> datetime:
        return from_wire(change["at"])


def dry_run_job(service: Service, job: Job) -> None:
    """Try the rule on all changes of its days."""
    while _do_page(service, job):
        pass


def given_up(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """The job was tried several times without success."""
    run = lock_run(uow, job.payload["dry_run_id"])
    if run is not None and run.state == RUNNING:
        change_run(uow, run.id, state=FAILED, problem="dry_run_given_up")
        uow.after_commit(DRY_RUNS.labels(FAILED).inc)


def _do_page(service: Service, job: Job) -> bool:
    """Do the next page; False when there is none."""
    began = time.monotonic()
    with service.db.read() as connection:
        run = find_run(connection, job.payload["dry_run_id"])
    if run is None or run.state != RUNNING:
        return False
    since = from_wire(job.progress["from"]) if job.progress else run.since
    until = min(since + _WINDOW, run.until)
    tried = Rule(**run.rule)
    with service.db.read() as connection:
        book = service.parts["rulebook"].trying(connection, tried)
        page = _ask(service, book.tried, since, until, job.progress.get("cursor"))
        found = judged(service, connection, book, page["items"], run.process)
    spent = time.monotonic() - began
    with service.db.unit_of_work() as uow:
        return _keep(service, uow, job, _Came(page, since, until, found, spent))


class _Came:
    """What a page has brought."""

    def __init__(self, page: Mapping[str, Any], since: datetime, until: datetime, found: Sequence[Supposed],
                 seconds: float) -> None:
        self.page, self.since, self.until, self.found, self.seconds = page, since, until, found, seconds

    @property
    def reached(self) -> datetime:
        """Up to when everything was looked at."""
        if self.page["next_cursor"] is None:
            return self.until
        return from_wire(self.page["items"][-1]["at"]) if self.page["items"] else self.since

    def counts(self) -> dict[str, float]:
        """What it adds to the counts."""
        results = [one for each in self.found for one in each.results]
        messages = sum(one["template"] != "task_assigned" for each in self.found for one in each.effects.notifications)
        messages += sum(len(each.effects.mails) for each in self.found)
        return {
            "looked_at": self.page["looked_at"], "left_out": self.page["left_out"], "firings": len(self.found),
            "written": sum(bool(each.written) for each in self.found), "messages": messages,
            "tasks": sum(len(each.effects.tasks) for each in self.found),
            "creations": sum(len(each.effects.creations) for each in self.found),
            "processes": sum(len(each.effects.starts) for each in self.found),
            "failed": sum(one["result"] == "failed" for one in results),
            "clashes": sum(bool(each.clashes) for each in self.found),
            "loops": sum(each.loop is not None for each in self.found), "seconds": self.seconds,
            "blocked": sum(each.path["problem"] is not None for each in self.found if each.path)}

    def stops(self) -> Counter[str]:
        """How many instances of a process came to which of its elements."""
        return Counter(node for each in self.found if each.path
                       for node in {stop["node"] for stop in each.path["stops"]})


def _keep(service: Service, uow: UnitOfWork, job: Job, came: _Came) -> bool:
    run = lock_run(uow, job.payload["dry_run_id"])
    if run is None or run.state != RUNNING:
        raise JobCancelled(job.id)
    first = run.counts["firings"]
    counts: dict[str, Any] = {name: run.counts.get(name, 0) + more for name, more in came.counts().items()}
    counts["stops"] = dict(came.stops() + Counter(run.counts.get("stops", {})))
    add_hits(uow, [{"run_id": run.id, "number": number, "record_id": one.firing.record_id,
                    "at": from_wire(one.firing.change["at"]), "body": one.note()}
                   for number, one in enumerate(came.found, first + 1) if number <= MOST_HITS])
    more = came.page["next_cursor"] is not None or came.until < run.until
    stopped = _bound(service, counts) if more else None
    state = RUNNING if more and stopped is None else FINISHED
    change_run(uow, run.id, counts=counts, reached=came.reached, state=state, stopped=stopped)
    cursor = came.page["next_cursor"]
    job.save(uow, **{"from": to_wire(came.since if cursor else came.until), "cursor": cursor})
    uow.after_commit(lambda: DRY_RUN_CHANGES.inc(came.page["looked_at"]))
    if state == FINISHED:
        uow.after_commit(DRY_RUNS.labels(stopped or FINISHED).inc)
    return state == RUNNING


def _bound(service: Service, counts: Mapping[str, Any]) -> str | None:
    if counts["looked_at"] >= service.settings.dry_run_max_changes:
        return "changes"
    return "seconds" if counts["seconds"] >= service.settings.dry_run_seconds else None


def _ask(service: Service, tried: CompiledRule, since: datetime, until: datetime, cursor: str | None) -> Any:
    """The next changes on which the rule could fire."""
    body = {"from": to_wire(since), "to": to_wire(until), "created": tried.on != CHANGED, "limit": PAGE,
            "fields": [] if tried.on == CREATED else None if tried.watched is None else sorted(tried.watched),
            "cursor": cursor}
    name = tried.model.name
    answer = service.calls.request("customer", "POST", f"/v1/records/{name}/replay", json=body)
    if answer.status != 200:
        raise CustomerSilent(f"changes of {name}: {answer.status}")
    return answer.json


def judged(service: Service, connection: Any, book: Any, changes: Iterable[dict[str, Any]],
           process: Mapping[str, Any] | None = None) -> list[Supposed]:
    """What the tried rule, or the process that it stands for, would have done on these changes."""
    tried = book.tried
    judge = JudgeOfThePast(service, book, from_wire("1970-01-01T00:00:00Z"))
    supposing = Supposing(service, connection, tried.rule.id)
    by_message: dict[str, list[Firing]] = {}
    for firing in judge.firings([message_of(tried.model.name, change) for change in changes]):
        by_message.setdefault(firing.message.id, []).append(firing)
    mine = [firings for firings in by_message.values() if any(one.rule is tried for one in firings)]
    found = [one for firings in mine if (one := supposing.suppose(firings)[1]) is not None]
    if process is None:
        follow(judge, supposing, found)
    elif found:
        definition = read_definition(process["xml"], tried.model)
        for one in found:
            Walk(definition, supposing, one, service.settings.default_timezone, process["keeper"]).go()
    return found
