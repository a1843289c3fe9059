"""From changes of records to the rules that fire on them, in the order in which they act.

First what the record alone decides, for every rule that the index finds; then, for the few that ask related records
and could still fire, what the customer service says about those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis.criteria import Change, Scope
from chassis.events.message import Message
from services.workflow.model.compiled import CompiledRule, change_of
from services.workflow.store.rulebook import Book
from services.workflow.usecases.asking import Answers

if TYPE_CHECKING:
    from chassis.service import Service


@dataclass(frozen=True)
class Firing:
    """One rule that fires on one change of one record."""

    message: Message
    change: Mapping[str, Any]
    judged: Change
    rule: CompiledRule
    scope: Scope

    @property
    def created(self) -> bool:
        return bool(self.change["action"] == "created")

    @property
    def record_id(self) -> str:
        return self.change["id"]

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes a run unique: record, rule and the version that the change led to."""
        return self.change["id"], self.rule.rule.id, self.change["version"]


class Judge:
    """Judges the changes of one batch of messages."""

    def __init__(self, service: Service, book: Book, now: datetime) -> None:
        self._book, self._now = book, now
        self._directory = service.directory.snapshot()
        self._timezone: str = service.settings.default_timezone
        self._scopes: dict[tuple[str | None, datetime], Scope] = {}
        self._answers = Answers(service)

    def firings(self, messages: Iterable[Message]) -> list[Firing]:
        """Return what fires, by message, then by change, then in the order of the rules."""
        possible = [firing for message in messages for firing in self._of_message(message)]
        self._answers.learn((one.message.data["object"], atom, record, one.scope) for one in possible
                            for atom in one.rule.asks for record in one.rule.judged_on(one.judged, one.created))
        return [one for one in possible
                if not one.rule.asks or one.rule.fires(one.judged, one.created, one.scope)]

    def _of_message(self, message: Message) -> Iterator[Firing]:
        index = self._book.indexes.get(message.data["object"])
        if index is None or message.data.get("rules") is False:
            return
        segment = message.data.get("segment")
        for change in message.data["changes"]:
            if change["action"] == "deleted":
                continue
            if segment is not None:
                candidates = index.of_segment(change["action"], segment["id"], change["after"])
            else:
                candidates = index.candidates(change["action"], change["changed"], change["after"])
            if candidates:
                yield from self._of_change(message, change, candidates)

    def _of_change(self, message: Message, change: Mapping[str, Any],
                   candidates: Iterable[CompiledRule]) -> Iterator[Firing]:
        judged, created, scope = change_of(change), change["action"] == "created", self._scope(change)
        possible = [rule for rule in candidates if rule.may_fire(judged, created, scope)]
        for rule in sorted(possible, key=lambda rule: rule.order):
            yield Firing(message, change, judged, rule, scope)

    def _moment(self, change: Mapping[str, Any]) -> datetime:
        """Conditions speak as of now."""
        return self._now

    def _scope(self, change: Mapping[str, Any]) -> Scope:
        """`$me` is the person who made the change."""
        by, now = change["by"], self._moment(change)
        known = self._scopes.get((by, now))
        if known is None:
            user = self._directory.users.get(by or "") or {}
            known = self._scopes[by, now] = Scope(
                now=now, timezone=user.get("timezone") or self._timezone, user_id=user.get("id"),
                department_id=user.get("department_id"), departments_below=self._directory.departments_below,
                around=self._answers, calendars=lambda id: self._directory.calendar_of(id, self._timezone))
        return known
