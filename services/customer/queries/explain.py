"""Why somebody sees a record, and who sees it.

The facts are read once: the record, its shares, and along references that are followed the records above it with those.
Then each person is judged in memory, by the same scopes, rules and shares as everywhere; a test holds both together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, or_, select

from chassis.auth.directory import Snapshot
from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.i18n import t
from services.customer.model.labels import label_in
from services.customer.model.sharing import FOLLOWED_LEVELS, Follow
from services.customer.queries.get_record import get_record
from services.customer.store.record_type import Record, RecordType
from services.customer.store.sharing.tables import record_share
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import only_shared
from services.customer.usecases.sharing.shares import MAX_SHARES
from services.customer.usecases.sharing.telling import grantee_name

if TYPE_CHECKING:
    from chassis.service import Service

_CHANGING = ("update", "convert")
_MOST_LOOKED_AT = 200


@dataclass(frozen=True)
class Facts:
    """A record with its shares, and what stands above it."""

    record_type: RecordType
    record: Record
    shares: Sequence[Any]
    above: Sequence[tuple[Follow, Facts]]


@dataclass(frozen=True)
class Reason:
    """One reason, and how far it goes: read, write or full."""

    kind: str
    level: str
    params: Mapping[str, Any]

    def to_wire(self, locale: str) -> dict[str, str]:
        """The reason in somebody's language."""
        shown = {name: one(locale) if callable(one) else one for name, one in self.params.items()}
        return {"kind": self.kind, "level": self.level, "text": t(f"customer.access.{self.kind}", locale, **shown)}


def explain_own(service: Service, principal: Principal, record_type: RecordType, record_id: str) -> dict[str, Any]:
    """Why the caller sees the record and what he may do with it; raises 403, 404."""
    record = get_record(service, principal, record_type, record_id)
    access = Access(principal, record_type)
    with service.db.read() as connection:
        facts = _facts(connection, record_type, record, FOLLOWED_LEVELS)
        writable = bool(access.among(connection, [record], "write"))
    reasons = _reasons(service.directory.snapshot(), principal, facts)
    owns = access.owns(record)
    open_ones = [action for action in sorted(access.policy.actions)
                 if owns or action in ("read", "export") or (action in _CHANGING and writable)]
    return {"reasons": [one.to_wire(principal.locale) for one in reasons], "actions": open_ones,
            "may_ask_who": _may_ask(principal, access, record)}


def explain_people(service: Service, principal: Principal, record_type: RecordType, record_id: str, limit: int,
                   cursor: str | None) -> dict[str, Any]:
    """Those who see the record among the next people of the directory; raises 403, 404."""
    record = get_record(service, principal, record_type, record_id)
    if not _may_ask(principal, Access(principal, record_type), record):
        raise only_shared()
    directory = service.directory.snapshot()
    with service.db.read() as connection:
        facts = _facts(connection, record_type, record, FOLLOWED_LEVELS)
    people = sorted(id for id, user in directory.users.items() if user["active"] and id > (cursor or ""))
    looked_at, found = people[:_MOST_LOOKED_AT], []
    for place, id in enumerate(looked_at):
        reasons = _reasons(directory, principal_of(directory, id), facts)
        if reasons:
            found.append(_person(directory, id, reasons, principal.locale))
        if len(found) == limit:
            looked_at = looked_at[:place + 1]
            break
    more = bool(looked_at) and looked_at[-1] != people[-1]
    return {"items": found, "next_cursor": looked_at[-1] if more else None}


def principal_of(directory: Snapshot, id: str) -> Principal:
    """Somebody of the directory as he would call."""
    user = directory.users[id]
    role_ids = tuple(user["role_ids"])
    return Principal(
        kind="user", user_id=id, name=user["name"], department_id=user.get("department_id"), role_ids=role_ids,
        timezone=user.get("timezone") or "UTC", permissions=directory.permissions(role_ids),
        policy_of=directory.policies_of(user), departments_below=directory.departments_below,
        departments_above=directory.departments_above)


def _may_ask(principal: Principal, access: Access, record: Record) -> bool:
    return principal.can("roles.manage") or (access.policy.allows("update") and access.owns(record))


def _facts(connection: Connection, record_type: RecordType, record: Record, levels: int) -> Facts:
    lasting = or_(record_share.c.expires_at.is_(None), record_share.c.expires_at > utcnow())
    shares = connection.execute(select(record_share).where(
        record_share.c.record_id == record["id"], lasting).order_by(record_share.c.id).limit(MAX_SHARES)).all()
    above = []
    for follow in record_type.sharing.follows if levels else ():
        target, id = record_type.sharing.find(follow.target), record.get(follow.field)
        rows = target.by_id.rows(connection, {"id": id}) if target is not None and id else ()
        if rows:
            above.append((follow, _facts(connection, target, target.load(rows[0]), levels - 1)))
    return Facts(record_type, record, shares, above)


def _reasons(directory: Snapshot, principal: Principal, facts: Facts) -> list[Reason]:
    access = Access(principal, facts.record_type)
    if not access.policy.allows("read"):
        return []
    return [*_by_scope(directory, access, facts.record), *_by_rule(directory, access, facts.record),
            *_by_share(directory, principal, facts.shares), *_by_reference(directory, principal, facts)]


def _by_scope(directory: Snapshot, access: Access, record: Record) -> Iterator[Reason]:
    department = directory.departments.get(record["department_id"] or "", {}).get("name") or ""
    if "all" in access.policy.scopes:
        yield Reason("all", "full", {"roles": _role_names(directory, access)})
        return
    for scope in sorted(access.policy.scopes, key=("own", "department", "department_and_below").index):
        if access.lies_within(scope, record):
            yield Reason(scope, "full", {"department": department})
            return


def _role_names(directory: Snapshot, access: Access) -> Any:
    def names(locale: str) -> str:
        found = (directory.roles[id] for id in access.principal.role_ids if id in directory.roles)
        name = access.record_type.name
        return t("customer.timeline.and", locale).join(
            label_in(role["name"], locale, role["key"]) for role in found
            if (role["objects"].get(name) or role["objects"].get("*") or {}).get("scope") == "all")

    return names


def _by_rule(directory: Snapshot, access: Access, record: Record) -> Iterator[Reason]:
    for one in access.record_type.sharing_rules:
        mine = [grantee for grantee in one.rule.grantees if grantee in access.principal.grantees]
        if mine and one.judge(record, access.scope):
            yield Reason("rule", one.rule.level, {
                "name": lambda locale, rule=one.rule: label_in(rule.name, locale, rule.object),
                "grantee": lambda locale, grantee=mine[0]: grantee_name(directory, grantee, locale)})


def _by_share(directory: Snapshot, principal: Principal, shares: Sequence[Any]) -> Iterator[Reason]:
    for row in shares:
        if row.grantee in principal.grantees:
            yield Reason("team" if row.team else "share", row.level, {
                "team": row.team, "by": row.by_name or "",
                "grantee": lambda locale, row=row: grantee_name(directory, row.grantee, locale)})


def _by_reference(directory: Snapshot, principal: Principal, facts: Facts) -> Iterator[Reason]:
    for follow, above in facts.above:
        if _reasons(directory, principal, above):
            field = facts.record_type.fields[follow.field]
            yield Reason("follow", follow.level, {
                "field": lambda locale, field=field: label_in(field.label, locale, field.name),
                "object": lambda locale, above=above: label_in(above.record_type.definition.label, locale,
                                                               above.record_type.name)})


def _person(directory: Snapshot, id: str, reasons: Sequence[Reason], locale: str) -> dict[str, Any]:
    user = directory.users[id]
    department = directory.departments.get(user.get("department_id") or "", {}).get("name")
    return {"id": id, "name": user["name"], "department": department,
            "reasons": [one.to_wire(locale) for one in reasons]}
