"""The actions of a rule at work: one function for each type notes its effects in the plan and says what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis.clock import to_wire
from chassis.i18n import LOCALES
from chassis.ids import new_id
from chassis.working_time import NeverWorked, later, read_length
from services.workflow.model.actions import OWNER
from services.workflow.model.mail_action import SEND_EMAIL
from services.workflow.model.new_records import CannotFill, given_values, new_values, sources_of
from services.workflow.model.texts import pick, said
from services.workflow.usecases.mailing import send_email
from services.workflow.usecases.notifying import notification, task_notification
from services.workflow.usecases.plans import Creation, RunPlan
from services.workflow.usecases.task_rows import counted, task_row
from services.workflow.usecases.whom import nobody_in, one_meant, people_meant, whose_turn

Texts = Mapping[str, str]
Result = tuple[str, Texts | None]
PLAIN_MESSAGE = "message"  # the template of the notify service that says just what the rule says
RECORD_ACTIONS = frozenset({"set_fields", "assign", "tag"})


def act(run: RunPlan, action: Mapping[str, Any], position: int) -> dict[str, Any]:
    """Work out one action; returns its entry in the run."""
    result, detail = _ACTIONS[action["type"]](run, action, position)
    object = {"object": action["object"]} if action["type"] == "create_record" else {}
    return {"type": action["type"], "result": result, "detail": detail, **object}


def _set_fields(run: RunPlan, action: Mapping[str, Any], _: int) -> Result:
    record = run.record
    try:
        values = given_values(action["values"], record.object, record.object, {**record.record, **record.wanted},
                              run.firing.scope, run.circumstances.today)
    except CannotFill as error:
        return "failed", said("failed.formula", field=error.field.label, reason=error.reason)
    new = record.write(run.rule, values)
    if not new:
        return "unchanged", said("did.unchanged")
    return "pending", {locale: _shown(run, new, locale) for locale in LOCALES}


def _tag(run: RunPlan, action: Mapping[str, Any], _: int) -> Result:
    field = run.record.object.tag_field
    if field is None:
        return "failed", said("failed.no_tags")
    held = run.record.wanted.get(field.name, run.record.record.get(field.name)) or []
    wanted = {*held, *action.get("add", ())} - set(action.get("remove", ()))
    tags = [key for key in field.choices if key in wanted] or None
    new = run.record.write(run.rule, {field.name: tags})
    if not new:
        return "unchanged", said("did.unchanged")
    return "pending", {locale: _shown(run, new, locale) for locale in LOCALES}


def _shown(run: RunPlan, values: Mapping[str, Any], locale: str) -> str:
    compiled, labels = run.firing.rule, run.record.object.labels(locale, {})
    return "; ".join(f"{labels[name]} → {compiled.show(name, value, locale)}" for name, value in values.items())


def _assign(run: RunPlan, action: Mapping[str, Any], _: int) -> Result:
    to = action["to"]
    if "user_id" in to:
        chosen = to["user_id"]
        if not run.circumstances.is_active(chosen):
            return "failed", said("failed.person_left", name=run.circumstances.name_of(chosen))
    else:
        found = whose_turn(run, to)
        if found is None:
            return "failed", nobody_in(run, to)
        chosen = found
    name = run.circumstances.name_of(chosen)
    if not run.record.write(run.rule, {"owner_id": chosen}):
        return "unchanged", said("did.owner_already", name=name)
    return "pending", said("did.assigned", name=name)


def _create_task(run: RunPlan, action: Mapping[str, Any], position: int) -> Result:
    whom = action.get("assignee", OWNER)
    assignee = one_meant(run, whom)
    if assignee is None:
        return "failed", said("failed.no_owner" if whom == OWNER else "failed.no_recipient")
    if not run.circumstances.is_active(assignee):
        return "failed", said("failed.person_left", name=run.circumstances.name_of(assignee))
    try:
        row = _task(run, action, assignee)
    except NeverWorked:
        return "failed", said("failed.never_worked")
    run.circumstances.load.add(row["assignee_id"])
    run.effects.tasks.append(row)
    run.effects.notifications.append(task_notification(
        row, (run.id, position, row["assignee_id"]), by=run.rule.name, rule=run.rule.name,
        bulk=run.firing.message.data.get("bulk")))
    return "done", said("did.task", title=row["title"], name=run.circumstances.name_of(row["assignee_id"]))


def _task(run: RunPlan, action: Mapping[str, Any], assignee: str) -> dict[str, Any]:
    record, now, wait = run.record, run.circumstances.now, read_length(action.get("due_in"))
    who = run.circumstances.deputies.columns(assignee)
    calendar = run.firing.scope.calendar(who["department_id"])
    return task_row(
        id=new_id(), title=action["title"], kind=action.get("kind"), **who, created_at=now,
        due_at=later(wait, now, calendar) if wait else None, due_in=counted(wait), creator_kind=run.effects.by,
        creator_id=run.rule.id, creator_name=run.rule.name, link_object=record.object.name, link_id=record.id,
        link_title=record.title, link_version=record.version)


def _create_record(run: RunPlan, action: Mapping[str, Any], position: int) -> Result:
    record = run.record
    target = run.firing.rule.objects.get(action["object"])
    if target is None:
        return "failed", said("failed.object_gone", object=action["object"])
    owner, refused = _owner_of_new(run, action.get("owner", OWNER))
    if owner is None:
        return "failed", refused
    stands = {**record.record, **record.wanted}
    try:
        values = new_values(action["values"], target, record.object, stands, run.firing.scope, run.circumstances.today)
    except CannotFill as error:
        return "failed", said("failed.formula", field=error.field.label, reason=error.reason)
    run.effects.creations.append(Creation(
        target.name, {**values, "owner_id": owner}, sources_of(action["values"], record.object), run.rule, run.id,
        position, record.intent_id))
    return "pending", said("did.record", object=target.label, name=run.circumstances.name_of(owner))


def _owner_of_new(run: RunPlan, whom: Any) -> tuple[str | None, Texts]:
    """Who gets a new record; nobody, and why."""
    owner = one_meant(run, whom)
    if owner is None:
        return None, said("failed.no_owner" if whom == OWNER else "failed.no_recipient")
    if not run.circumstances.is_active(owner):
        return None, said("failed.person_left", name=run.circumstances.name_of(owner))
    return owner, {}


def _notify(run: RunPlan, action: Mapping[str, Any], position: int) -> Result:
    people = people_meant(run, action.get("to", OWNER))
    if not people:
        return "failed", said("failed.no_recipient")
    record = run.record
    params = {"message": action.get("message"), "rule": run.rule.name, "object": record.object.label,
              "record": record.title, "count": 1, "at": to_wire(run.circumstances.now)}
    run.effects.notifications.extend(
        notification((run.id, position, person), person, action.get("template", PLAIN_MESSAGE), params,
                     link={"object": record.object.name, "id": record.id, "title": record.title},
                     bulk=run.firing.message.data.get("bulk"), channels=action.get("channels"))
        for person in people)
    named = run.circumstances.name_of(people[0]) if len(people) == 1 else None
    return "done", said("did.notified", name=named) if named else said("did.notified_many", count=len(people))


def _start_process(run: RunPlan, action: Mapping[str, Any], position: int) -> Result:
    """The applicant is whoever made the change; where the system made it, the owner."""
    author = run.firing.change.get("by")
    known = author if author in run.circumstances.directory.users and run.circumstances.is_active(author) else None
    applicant = known or run.record.owner_id
    if applicant is None:
        return "failed", said("failed.no_owner")
    if not run.circumstances.is_active(applicant):
        return "failed", said("failed.person_left", name=run.circumstances.name_of(applicant))
    cause = run.firing.message.cause()
    run.effects.starts.append({
        "id": new_id(), "process": action["process"], "record_id": run.record.id, "applicant_id": applicant,
        "run_id": run.id, "position": position, "due_at": run.circumstances.now, "attempts": 0, "cause": {
            "request_id": cause.request_id, "causation_id": cause.causation_id, "depth": cause.depth,
            "origin": ["rule", run.rule.id, pick(run.rule.name, LOCALES[0])], "bulk_id": cause.bulk_id}})
    return "done", said("did.process", name=run.circumstances.name_of(applicant))


_ACTIONS: dict[str, Callable[[RunPlan, Mapping[str, Any], int], Result]] = {
    "set_fields": _set_fields, "tag": _tag, "assign": _assign, "create_record": _create_record,
    "create_task": _create_task, "notify": _notify, "start_process": _start_process,
    SEND_EMAIL: send_email,
}
