"""What the service listens to: foreign event → what it does here.

A run of a rule, a task and a message become lines in the timeline of the record they are about. Somebody's new
department becomes a job that moves his records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from chassis.auth.directory import DIRECTORY_CHANGED
from chassis.clock import from_wire
from chassis.db import UnitOfWork, insert_or
from chassis.events.consumers import Subscription
from chassis.events.message import Message
from chassis.i18n import LOCALES, t
from chassis.ids import is_id, new_id
from chassis.jobs import enqueue
from services.customer.model.values.times import moment_text, parse_moment
from services.customer.store.stage_work import hear_of_tasks
from services.customer.store.tables import timeline_entry
from services.customer.usecases.campaign_responses import keep_engagements
from services.customer.usecases.follow_owner import FOLLOW
from services.customer.usecases.privacy.consents import withdraw_consents

if TYPE_CHECKING:
    from chassis.service import Service

RUN_RECORDED = "freehold.workflow.run.recorded.v1"
TASK_CHANGED = "freehold.workflow.task.changed.v1"
DELIVERY_RECORDED = "freehold.notify.delivery.recorded.v1"
MAIL_RECORDED = "freehold.notify.mail.recorded.v1"
CONSENT_WITHDRAWN = "freehold.notify.consent.withdrawn.v1"
MAIL_ENGAGED = "freehold.notify.mail.engaged.v1"
_LONGEST_TITLE = 200
_DECISIONS = frozenset({"approved", "rejected", "sent_back", "withdrawn"})  # told in their own words


def people_moved(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Let records follow the users of a directory change."""
    users = {user["id"]: user.get("department_id") for message in messages for user in message.data.get("users", ())
             if not user.get("deleted")}
    if users:
        enqueue(uow, FOLLOW, {"users": users})


def runs_recorded(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Tell in a record's timeline what a rule did with it."""
    _keep(uow, (_run_line(run) for message in messages for run in message.data["runs"]))


def tasks_changed(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Tell in a record's timeline about its tasks, and take over how far key tasks of stages are."""
    _keep(uow, (_task_line(message, task) for message in messages for task in message.data["tasks"]
                if task.get("link")))
    hear_of_tasks(uow, [_heard(task) for message in messages for task in message.data["tasks"]])


def deliveries_recorded(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Tell in a record's timeline about messages to people."""
    _keep(uow, (_delivery_line(service, one) for message in messages for one in message.data["deliveries"]
                if one.get("link")))


def mails_recorded(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Tell in a record's timeline what was written to the customer."""
    _keep(uow, (_mail_line(mail) for message in messages for mail in message.data["mails"]))


def mails_engaged(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Tell in a record's timeline what its person opened and followed, and keep it as a record of its own."""
    told = [one for message in messages for one in message.data["engagements"]]
    _keep(uow, (_engaged_line(one) for one in told))
    keep_engagements(service, uow, told)


def consents_withdrawn(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Write consents down as taken back, with a line in the record's timeline."""
    given = [one for message in messages for one in message.data["withdrawals"]]
    _keep(uow, (_withdrawn_line(one) for one in withdraw_consents(uow, given)))


def _heard(task: Mapping[str, Any]) -> dict[str, Any]:
    due_at = task.get("due_at")
    return {"task": task["id"], "now": task.get("state", "open"), "due": from_wire(due_at) if due_at else None,
            "who": task.get("assignee_id"), "newer": task.get("version", 1)}


def _run_line(run: Mapping[str, Any]) -> dict[str, Any]:
    name = run.get("rule_name")

    def text(locale: str) -> str:
        actions = [_word("action", action["type"], locale) for action in run["actions"]]
        return t(f"customer.timeline.run.{run['outcome']}", locale, rule=_named(name, locale),
                 actions=t("customer.timeline.and", locale).join(actions), detail=_named(run.get("detail"), locale))

    about = f"run:{run['id']}" + (":failed" if run["outcome"] == "failed" else "")  # a run may fail after it was told
    origin = {"kind": "rule", "id": run.get("rule_id"), "name": _named(name, "en")}
    return _line(run["object"], run["record_id"], "run", run["outcome"], run["at"], about, text, origin)


def _task_line(message: Message, task: Mapping[str, Any]) -> dict[str, Any]:
    action, link, made_by = message.data["action"], task["link"], task.get("created_by") or {}

    def text(locale: str) -> str:
        title = _named(task.get("titles") or task.get("title"), locale)[:_LONGEST_TITLE]
        told = task.get("decision") if task.get("decision") in _DECISIONS else action
        return t(f"customer.timeline.task.{told}", locale, title=title,
                 assignee=task.get("assignee_name") or "")

    origin = {"kind": made_by.get("kind", "system"), "id": made_by.get("id"), "name": _named(made_by.get("name"), "en")}
    about = f"task:{task['id']}:{action}:{task.get('version', 1)}"
    return _line(link["object"], link["id"], "task", action, message.time, about, text, origin)


def _delivery_line(service: Service, delivery: Mapping[str, Any]) -> dict[str, Any]:
    link, status = delivery["link"], delivery["status"]
    name = service.directory.name_of(delivery["user_id"]) or ""

    def text(locale: str) -> str:
        channel = _word("channel", delivery["channel"], locale)
        told = _word("status", status, locale)
        return t("customer.timeline.message", locale, name=name, channel=channel, status=told)

    origin = {"kind": "system", "id": None, "name": delivery.get("template")}
    about = f"delivery:{delivery['id']}:{status}"
    return _line(link["object"], link["id"], "message", status, delivery["at"], about, text, origin)


def _mail_line(mail: Mapping[str, Any]) -> dict[str, Any]:
    rule, status = mail["rule"], mail["status"]

    def text(locale: str) -> str:
        told = _word("status", status, locale)
        told = t("customer.timeline.because", locale, status=told, reason=_word("mail", mail["problem"], locale)) \
            if mail["problem"] else told
        key = "customer.timeline.campaigned" if mail.get("campaign") else "customer.timeline.mailed"
        return t(key, locale, rule=_named(rule["name"], locale), status=told)

    kind = "system" if mail.get("campaign") else "rule"
    origin = {"kind": kind, "id": rule["id"], "name": _named(rule["name"], "en")}
    return _line(mail["object"], mail["record_id"], "message", status, mail["at"], f"mail:{mail['id']}:{status}",
                 text, origin)


def _engaged_line(one: Mapping[str, Any]) -> dict[str, Any]:
    action, campaign = "clicked" if one["url"] else "opened", one["campaign"]
    link = hashlib.sha256((one["url"] or "").encode()).hexdigest()[:16]
    return _line(one["object"], one["record_id"], "message", action, one["at"],
                 f"engaged:{one['message_id']}:{link}",
                 lambda locale: t(f"customer.timeline.{action}", locale, campaign=campaign["name"],
                                  url=(one["url"] or "")[:_LONGEST_TITLE]),
                 {"kind": "system", "id": campaign["id"], "name": campaign["name"]})


def _withdrawn_line(one: Mapping[str, Any]) -> dict[str, Any]:
    origin = {"kind": "system", "id": None, "name": one["purpose"]}
    return _line(one["object"], one["record_id"], "message", "withdrawn", one["at"], f"withdrawn:{one['id']}",
                 lambda locale: t("customer.timeline.withdrawn", locale, purpose=one["purpose"]), origin)


def _line(object_name: str, record_id: str, kind: str, action: str, at: str, about: str, text: Any,
          origin: dict[str, Any]) -> dict[str, Any]:
    moment = parse_moment(moment_text(from_wire(at)))  # in milliseconds, as everything in a timeline
    return {"record_id": record_id, "at": moment, "id": new_id(), "object": object_name, "kind": kind,
            "action": action, "by_id": None, "by_name": None, "origin": origin,
            "text": {locale: text(locale) for locale in LOCALES}, "about": about}


def _word(kind: str, word: str, locale: str) -> str:
    """A word of another service in the reader's language, or as it is when it is new to us."""
    key = f"customer.timeline.{kind}.{word}"
    text = t(key, locale)
    return word if text == key else text


def _named(name: Any, locale: str) -> str:
    """A name that may be given in several languages."""
    if isinstance(name, Mapping):
        return name.get(locale) or next(iter(name.values()), "")
    return name or ""


def _keep(uow: UnitOfWork, lines: Iterable[dict[str, Any]]) -> None:
    rows = [line for line in lines if is_id(line["record_id"])]
    if rows:
        uow.execute(insert_or(uow, timeline_entry).on_conflict_do_nothing(), rows)


SUBSCRIPTIONS = (
    Subscription("customer.owners", (DIRECTORY_CHANGED,), people_moved),
    Subscription("customer.runs", (RUN_RECORDED,), runs_recorded),
    Subscription("customer.tasks", (TASK_CHANGED,), tasks_changed),
    Subscription("customer.deliveries", (DELIVERY_RECORDED,), deliveries_recorded),
    Subscription("customer.mails", (MAIL_RECORDED,), mails_recorded),
    Subscription("customer.engagements", (MAIL_ENGAGED,), mails_engaged),
    Subscription("customer.withdrawals", (CONSENT_WITHDRAWN,), consents_withdrawn),
)
