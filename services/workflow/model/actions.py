"""The actions of a rule: what each may say, checked member by member with a pointer to whatever is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.http.parsing import has_control_characters
from chassis.http.problem import FieldProblem
from chassis.working_time import read_length
from services.workflow.model.around import Objects
from services.workflow.model.mail_action import SEND_EMAIL, check_send_email
from services.workflow.model.new_records import check_given, check_new_values
from services.workflow.model.objects import ObjectModel
from services.workflow.model.values import BadValue, check_value

MAX_ACTIONS = 10
MAX_TEXT = 500
MAX_UP = 9
METHODS = ("round_robin", "least_busy")
OWNER = "owner"
APPLICANT, WAITING = "applicant", "waiting"
CHANNELS = ("inbox", "email", "sms", "wecom", "dingtalk")


@dataclass
class Checker:
    """What actions may name, and what was found wrong so far."""

    object: ObjectModel
    users: Collection[str]
    departments: Collection[str]
    task_kinds: Collection[str]
    has_template: Callable[[str], bool]
    objects: Objects = field(default_factory=dict)  # what conditions may reach
    roles: Collection[str] = ()  # their keys
    processes: Collection[str] = ()  # over this object: their ids, and their keys
    mail_template: Callable[[str], str | None] = lambda _: None  # the object that a template of mail is about
    callable: Mapping[str, str] = field(default_factory=dict)  # what names a process → its object
    in_process: bool = False  # actions of a process know its applicant and whom it waits for
    faults: list[FieldProblem] = field(default_factory=list)

    def wrong(self, pointer: str, code: str, **params: Any) -> None:
        """Note one thing that is wrong."""
        self.faults.append(FieldProblem(pointer, code, params))

    def members(self, given: Mapping[str, Any], known: tuple[str, ...], pointer: str) -> None:
        """Note members that nobody knows."""
        for name in given:
            if name not in known:
                self.wrong(f"{pointer}/{_step(name)}", "unknown_field")

    def texts(self, value: Any, pointer: str) -> Any:
        """Check text in one or both languages."""
        if not isinstance(value, dict) or not value or not value.keys() <= {"en", "zh-CN"}:
            self.wrong(pointer, "not_local_text")
        else:
            for locale, text in value.items():
                self._text(text, f"{pointer}/{locale}")
        return value

    def _text(self, text: Any, pointer: str) -> None:
        if not isinstance(text, str) or not text.strip():
            self.wrong(pointer, "required")
        elif len(text) > MAX_TEXT:
            self.wrong(pointer, "too_long", limit=MAX_TEXT)
        elif has_control_characters(text):
            self.wrong(pointer, "control_characters")

    def value(self, model: ObjectModel, name: str, value: Any, pointer: str) -> Any:
        """Check a value of a field, and return it in the form that is kept."""
        known = model.fields.get(name)
        if known is None:
            self.wrong(pointer, "field_not_settable" if model.has(name) else "field_unknown")
            return None
        try:
            checked = check_value(known, value)
        except BadValue as problem:
            self.wrong(pointer, problem.code, **problem.params)
            return None
        if checked is not None and known.type == "user":
            self.one_of(checked, self.users, pointer, "user_unknown")
        if checked is not None and known.type == "department":
            self.one_of(checked, self.departments, pointer, "department_unknown")
        return checked

    def one_of(self, value: Any, known: Collection[str], pointer: str, code: str) -> Any:
        """Check that a value is known."""
        if not isinstance(value, str) or value not in known:
            self.wrong(pointer, code)
        return value


def check_actions(actions: Any, checker: Checker, pointer: str = "/actions") -> list[dict[str, Any]]:
    """Return the actions in their normal form; faults go to the checker."""
    if not isinstance(actions, list) or not actions:
        checker.wrong(pointer, "required")
        return []
    if len(actions) > MAX_ACTIONS:
        checker.wrong(pointer, "too_many_actions", limit=MAX_ACTIONS)
        return []
    return [_action(action, checker, f"{pointer}/{index}") for index, action in enumerate(actions)]


def _action(action: Any, checker: Checker, pointer: str) -> dict[str, Any]:
    if not isinstance(action, dict):
        checker.wrong(pointer, "not_an_object")
        return {}
    type = action.get("type")
    check = _TYPES.get(type) if isinstance(type, str) else None
    if check is None:
        checker.wrong(f"{pointer}/type", "unknown_action")
        return {}
    given = check(action, checker, pointer)
    return {"type": type} | {name: value for name, value in given.items() if value is not None}


def _set_fields(action: dict[str, Any], checker: Checker, pointer: str) -> dict[str, Any]:
    checker.members(action, ("type", "values"), pointer)
    values = action.get("values")
    if not isinstance(values, dict) or not values:
        checker.wrong(f"{pointer}/values", "required")
        return {}
    return {"values": {name: check_given(checker.object, name, value, checker, f"{pointer}/values/{_step(name)}")
                       for name, value in values.items()}}


def _create_record(action: dict[str, Any], checker: Checker, pointer: str) -> dict[str, Any]:
    checker.members(action, ("type", "object", "values", "owner"), pointer)
    name = action.get("object")
    target = checker.objects.get(name) if isinstance(name, str) else None
    if target is None:
        checker.wrong(f"{pointer}/object", "object_unknown")
        return {}
    owner = _somebody(action.get("owner", OWNER), checker, f"{pointer}/owner", ("user_id", "role"), (APPLICANT,))
    return {"object": target.name, "owner": owner,
            "values": check_new_values(target, action.get("values", {}), checker, f"{pointer}/values")}


def _tag(action: dict[str, Any], checker: Checker, pointer: str) -> dict[str, Any]:
    checker.members(action, ("type", "add", "remove"), pointer)
    field = checker.object.tag_field
    if field is None:
        checker.wrong(f"{pointer}/type", "has_no_tags")
        return {}
    kept = {name: _tags(action.get(name), field.choices, checker, f"{pointer}/{name}") for name in ("add", "remove")}
    if not any(kept.values()):
        checker.wrong(f"{pointer}/add", "required")
    return {name: keys or None for name, keys in kept.items()}


def _tags(given: Any, known: Collection[str], checker: Checker, pointer: str) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > len(known):
        checker.wrong(pointer, "wrong_length")
        return []
    return [checker.one_of(key, known, f"{pointer}/{place}", "not_a_choice") for place, key in enumerate(given)]


def _assign(action: dict[str, Any], checker: Checker, pointer: str) -> dict[str, Any]:
    checker.members(action, ("type", "to"), pointer)
    to, place = action.get("to"), f"{pointer}/to"
    if isinstance(to, dict) and "user_id" in to:
        checker.members(to, ("user_id",), place)
        return {"to": {"user_id": checker.one_of(to["user_id"], checker.users, f"{place}/user_id", "user_unknown")}}
    if isinstance(to, dict) and ("department_id" in to or "role" in to):
        method = checker.one_of(to.get("method", METHODS[0]), METHODS, f"{place}/method", "not_a_choice")
        group = {name: value for name, value in to.items() if name != "method"}
        return {"to": _somebody(group, checker, place, ("department_id", "role"), ()) | {"method": method}}
    checker.wrong(place, "whom_missing")
    return {}


def _create_task(action: dict[str, Any], checker: Checker, pointer: str) -> dict[str, Any]:
    checker.members(action, ("type", "title", "due_in", "assignee", "kind"), pointer)
    title = checker.texts(action.get("title"), f"{pointer}/title")
    due_in, kind = action.get("due_in"), action.get("kind")
    if due_in is not None and read_length(due_in) is None:
        checker.wrong(f"{pointer}/due_in", "not_a_duration")
    if kind is not None:
        checker.one_of(kind, checker.task_kinds, f"{pointer}/kind", "task_kind_unknown")
    return {"title": title, "due_in": due_in, "kind": kind,
            "assignee": _somebody(action.get("assignee", OWNER), checker, f"{pointer}/assignee",
                                  ("user_id", "role"), (APPLICANT,))}


def _notify(action: dict[str, Any], checker: Checker, pointer: str) -> dict[str, Any]:
    checker.members(action, ("type", "to", "template", "message", "channels"), pointer)
    template, message = action.get("template"), action.get("message")
    to = _somebody(action.get("to", OWNER), checker, f"{pointer}/to", ("user_id", "department_id", "role"),
                   (APPLICANT, WAITING))
    if template is None and message is None:
        checker.wrong(f"{pointer}/template", "template_or_message")
    if template is not None and not (isinstance(template, str) and checker.has_template(template)):
        checker.wrong(f"{pointer}/template", "template_unknown")
    if message is not None:
        checker.texts(message, f"{pointer}/message")
    return {"to": to, "template": template, "message": message} | _channels(action, checker, pointer)


def _channels(action: dict[str, Any], checker: Checker, pointer: str) -> dict[str, Any]:
    """By which channels people are told; left out: as each has chosen."""
    channels = action.get("channels")
    if channels is None:
        return {}
    if not isinstance(channels, list) or not channels or not all(one in CHANNELS for one in channels):
        checker.wrong(f"{pointer}/channels", "channel_unknown")
        return {}
    return {"channels": [one for one in CHANNELS if one in channels]}


def _start_process(action: dict[str, Any], checker: Checker, pointer: str) -> dict[str, Any]:
    checker.members(action, ("type", "process"), pointer)
    if checker.in_process:
        checker.wrong(f"{pointer}/type", "unknown_action")
    return {"process": checker.one_of(action.get("process"), checker.processes, f"{pointer}/process",
                                      "process_unknown")}


def _somebody(whom: Any, checker: Checker, pointer: str, ways: tuple[str, ...], in_process: tuple[str, ...]) -> Any:
    if isinstance(whom, str) and (whom == OWNER or (checker.in_process and whom in in_process)):
        return whom
    named = [way for way in ways if way in whom] if isinstance(whom, dict) else []
    if len(named) != 1:
        checker.wrong(pointer, "whom_missing")
        return {}
    way = named[0]
    id = whom[way]
    checker.members(whom, (way, "up") if way == "role" else (way,), pointer)
    if "up" in whom and (type(whom["up"]) is not int or not 0 <= whom["up"] <= MAX_UP):
        checker.wrong(f"{pointer}/up", "not_a_level", limit=MAX_UP)
    known = {"user_id": checker.users, "department_id": checker.departments, "role": checker.roles}[way]
    checker.one_of(id, known, f"{pointer}/{way}", f"{way.removesuffix('_id')}_unknown")
    return whom


def _step(name: str) -> str:
    return name[:100].replace("~", "~0").replace("/", "~1")


_TYPES: dict[str, Callable[[dict[str, Any], Checker, str], dict[str, Any]]] = {
    "set_fields": _set_fields, "tag": _tag, "assign": _assign, "create_record": _create_record,
    "create_task": _create_task, "notify": _notify, "start_process": _start_process,
    SEND_EMAIL: check_send_email,
}
ACTION_TYPES = tuple(_TYPES)
