"""The verified caller, and what his roles let him do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

GRANTEES = ("user", "role", "department", "department_and_below")  # with whom something may be shared
SCOPES = ("own", "department", "department_and_below", "all")
ACTIONS = ("create", "read", "update", "delete", "import", "export", "convert", "unlock")
ACCESS = ("none", "masked", "read", "write")

PERMISSIONS = (
    "users.manage", "roles.manage", "audit.read", "keys.manage", "objects.manage", "rules.manage",
    "templates.manage", "dashboards.manage", "views.share", "packs.install", "imports.run", "system.read",
    "values.unmask", "campaigns.run",
)


@dataclass(frozen=True)
class ObjectPolicy:
    """What one caller may do with the records of one object, all his roles added up.

    `scopes` are those under which he sees records ("own" …; any one suffices); `fields` maps the restricted fields to
    none, masked or read, every other field is writable.
    """

    actions: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)

    def allows(self, action: str) -> bool:
        return action in self.actions

    def access(self, name: str) -> str:
        """Return none, masked, read or write for a field."""
        return self.fields.get(name, "write")

    def readable(self, name: str) -> bool:
        """Whether he may know the value: a masked one he may neither read nor filter, sort or group by."""
        return self.access(name) not in ("none", "masked")

    def masked(self, name: str) -> bool:
        """Whether he is shown that there is a value, and a little of it."""
        return self.access(name) == "masked"

    def writable(self, name: str) -> bool:
        return self.access(name) == "write"

    def with_rules(self, rules: Mapping[str, str]) -> ObjectPolicy:
        """Return the policy where these accesses to fields stand in place of its own."""
        fields = {name: access for name, access in {**self.fields, **rules}.items() if access != "write"}
        return replace(self, fields=fields) if rules else self


EVERYTHING = ObjectPolicy(frozenset(ACTIONS), frozenset({"all"}))
NOTHING = ObjectPolicy()


@dataclass(frozen=True)
class Principal:
    """A verified caller: a user, one of a user's API keys, or another service."""

    kind: str  # user, key, service
    name: str
    user_id: str | None = None
    department_id: str | None = None
    role_ids: tuple[str, ...] = ()
    locale: str = "en"
    timezone: str = "UTC"
    session_id: str | None = None
    scopes: frozenset[str] | None = None  # of an API key, "customer:read"; None: not limited
    permissions: frozenset[str] = frozenset()
    policy_of: Callable[[str], ObjectPolicy] = field(default=lambda _: NOTHING, compare=False, repr=False)
    departments_below: Callable[[str], Sequence[str]] = field(default=lambda _: (), compare=False, repr=False)
    departments_above: Callable[[str], Sequence[str]] = field(default=lambda id: (id,), compare=False, repr=False)

    @cached_property
    def grantees(self) -> tuple[str, ...]:
        """As whom he gets what is shared: himself, his roles, his department, every department he is below."""
        own = [] if self.department_id is None else [
            f"department:{self.department_id}",
            *(f"department_and_below:{id}" for id in self.departments_above(self.department_id))]
        me = [] if self.user_id is None else [f"user:{self.user_id}"]
        return (*me, *(f"role:{id}" for id in self.role_ids), *own)

    @property
    def key(self) -> str:
        """A short stable text for this caller: `user:<id>`, `service:<name>`."""
        return f"user:{self.user_id}" if self.user_id else f"service:{self.name}"

    def can(self, permission: str) -> bool:
        """Tell whether a role grants the permission; services may do everything."""
        return self.kind == "service" or permission in self.permissions

    def objects(self, name: str) -> ObjectPolicy:
        """Return what he may do with the records of the object `name`."""
        return EVERYTHING if self.kind == "service" else self.policy_of(name)


def combine_policies(roles: Sequence[Mapping[str, Any]], name: str) -> ObjectPolicy:
    """Add up what several roles grant on one object; a role's `*` stands for objects that it does not name."""
    entries = [entry for role in roles if (entry := role["objects"].get(name) or role["objects"].get("*"))]
    entries = [entry for entry in entries if entry.get("actions")]
    if not entries:
        return NOTHING
    restricted = set.intersection(*(set(entry.get("fields") or {}) for entry in entries))
    best = {field: max((entry["fields"][field] for entry in entries), key=ACCESS.index) for field in restricted}
    return ObjectPolicy(
        actions=frozenset(action for entry in entries for action in entry["actions"]),
        scopes=frozenset(entry.get("scope", "own") for entry in entries),
        fields={field: access for field, access in best.items() if access != "write"})
