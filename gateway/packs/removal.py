"""Taking a pack away: what would go, what stays and why; nothing that people changed or filled goes unless they say so.

Planned from the pack as it was installed last and from what is there now:

- what another pack has too stays with that pack;
- an object that something outside of the pack still needs stays, and so does what it needs itself;
- an object with records stays, as does whatever people changed since: each goes only when somebody names it;
- kinds of tasks, message templates and tags stay, because tasks, messages and records speak of them;
- objects go to the bin together and can come back with their records; forms and views of theirs go and come with them.

Carrying it out compares again, so a removal that broke off is finished by another one. What a service refuses stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.packs.api import COLLECTIONS, OBJECTS, Api, ApiError, Request
from gateway.packs.changed import Changed, changes_of
from gateway.packs.model import PARTS
from gateway.packs.names import Names
from gateway.packs.reading import read_kind

REMOVE, KEEP, GONE = "remove", "keep", "gone"
CHANGED, RECORDS, NEEDED, SHARED, REFUSED = "changed", "records", "needed", "other_pack", "refused"
HISTORY = "history"  # what was written with it speaks of it
OBJECT_BIN = "/api/customer/v1/object-bin"
_OF_OBJECT = ("layout", "pool", "view", "segment", "sharing_rule", "web_form", "duplicate_setup",
              "retention_rule")  # they rest and come back with it
_OF_HISTORY = ("tag", "task_kind", "template", "mail_template")
_ORDER = ["object", *(part.kind for part in reversed(PARTS) if part.kind != "object")]


@dataclass(frozen=True)
class Removal:
    """What becomes of one item; `optional`: it goes after all when somebody names it."""

    kind: str
    key: str
    label: Mapping[str, str]
    action: str
    reason: str | None = None
    optional: bool = False
    records: int = 0
    needed_by: tuple[str, ...] = ()
    changes: tuple[Changed, ...] = ()
    told: str = ""
    installed: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The item across kinds: `object/lead`."""
        return f"{self.kind}/{self.key}"


def plan_removal(request: Request, items: Mapping[str, Any], shared: Collection[str],
                 also: Collection[str] = ()) -> tuple[Removal, ...]:
    """What removing a pack of these `items` would do; `shared` are items of other packs, `also` go although changed."""
    return _Plan(Api(request), items, frozenset(shared), frozenset(also)).removals()


def remove(request: Request, plan: Iterable[Removal], told: Callable[[Removal], None]) -> tuple[Removal, ...]:
    """Carry a plan out; returns it with what was refused as kept. Raises ApiError when a service does not answer."""
    api, rows = Api(request), sorted(plan, key=lambda one: _ORDER.index(one.kind))
    objects = [one.key for one in rows if one.kind == "object" and one.action == REMOVE]
    refused = _refusal(lambda: api.call("POST", OBJECT_BIN, {"objects": objects})) if objects else None
    done: list[Removal] = []
    for one in rows:
        why = None
        if one.action == REMOVE:
            why = refused if one.kind == "object" or _rests(one, objects) else _deletion(api, one)
        done.append(replace(one, action=KEEP, reason=REFUSED, told=why) if why else one)
        told(one)
    return tuple(done)


def _deletion(api: Api, one: Removal) -> str | None:
    return _refusal(lambda: api.call("DELETE", _path(one)))


def _rests(one: Removal, going: Collection[str]) -> bool:
    """Whether an item goes with its object, and would come back with it."""
    return one.kind in _OF_OBJECT and one.installed.get("object") in going


def _refusal(work: Callable[[], Any]) -> str | None:
    """Why a service did not do it; what is gone by now needs no doing."""
    try:
        work()
    except ApiError as error:
        if error.status in (403, 409):
            return error.summary
        if error.status != 404:
            raise
    return None


def _path(one: Removal) -> str:
    if one.kind == "layout":
        return f"{OBJECTS}/{one.installed['object']}/layouts/{one.key}"
    collection = COLLECTIONS[one.kind]
    if collection.by_key:
        return collection.under(one.key)
    identity = one.installed[collection.identity]
    return f"{collection.place(one.installed)}/{identity}"


class _Plan:
    """One look at everything that the pack brought."""

    def __init__(self, api: Api, items: Mapping[str, Any], shared: frozenset[str], also: frozenset[str]) -> None:
        self._api, self._items, self._shared, self._also = api, items, shared, also
        self._names = Names(api)
        self._there = {one["name"]: one for one in api.items(OBJECTS)}
        self._going: set[str] = set()

    def removals(self) -> tuple[Removal, ...]:
        """Objects first, because the rest depends on which of them stay."""
        found = self._objects()
        self._going = {one.key for one in found if one.action == REMOVE}
        for kind in _ORDER[1:]:
            found += self._of_kind(kind)
        return tuple(found)

    def _of(self, kind: str) -> dict[str, Any]:
        return {name.partition("/")[2]: body for name, body in self._items.items() if name.startswith(f"{kind}/")}

    def _objects(self) -> list[Removal]:
        looked = {key: self._look(key, base) for key, base in self._of("object").items()}
        going = {key for key, (one, _) in looked.items() if one.action == REMOVE}
        while held := {key: users for key in going if (users := looked[key][1] - going)}:
            going -= held.keys()
            for key, users in held.items():
                one = looked[key][0]
                looked[key] = replace(one, action=KEEP, reason=NEEDED, needed_by=tuple(sorted(users))), users
        return [one for one, _ in looked.values()]

    def _look(self, key: str, base: Mapping[str, Any]) -> tuple[Removal, set[str]]:
        """An object by itself, and the objects that need it."""
        installed = self._there.get(key)
        if installed is None:
            return self._removal("object", key, base, None), set()
        uses = self._api.call("GET", f"{OBJECTS}/{key}/uses")
        users = {one["object"] for one in uses["items"] if one["blocking"] and one["object"] != key}
        return self._removal("object", key, base, installed, uses["records"] or 0), users

    def _removal(self, kind: str, key: str, base: Mapping[str, Any], installed: Mapping[str, Any] | None,
                 records: int = 0, needed_by: Iterable[str] = ()) -> Removal:
        label = base.get("label") or base.get("name") or {}
        one = Removal(kind, key, label if isinstance(label, Mapping) else {}, REMOVE, records=records,
                      needed_by=tuple(sorted(needed_by)), installed=installed or {})
        if installed is None:
            return replace(one, action=GONE)
        one = replace(one, changes=tuple(changes_of(kind, base, installed)))
        reason = self._reason(one)
        optional = reason in (RECORDS, CHANGED)
        stays = reason is not None and not (optional and one.name in self._also)
        return replace(one, action=KEEP if stays else REMOVE, reason=reason, optional=optional)

    def _reason(self, one: Removal) -> str | None:
        if one.name in self._shared:
            return SHARED
        if one.needed_by:
            return NEEDED
        if one.kind in _OF_HISTORY:
            return HISTORY
        if one.records:
            return RECORDS
        return CHANGED if one.changes else None

    def _of_kind(self, kind: str) -> Iterator[Removal]:
        bases = self._of(kind)
        if not bases:
            return
        objects = sorted({str(base.get("object")) for base in bases.values()} & self._there.keys())
        installed = dict(read_kind(self._api, kind, objects, self._names))
        rows = [self._removal(kind, key, base, installed.get(key), needed_by=self._needs(kind, key, installed))
                for key, base in bases.items()]
        yield from (self._with_its_object(one) for one in rows)

    def _with_its_object(self, one: Removal) -> Removal:
        """What belongs to an object that goes, goes with it, and comes back with it."""
        if _rests(one, self._going):
            return replace(one, action=REMOVE, reason=None, optional=False)
        return one

    def _needs(self, kind: str, key: str, installed: Mapping[str, Any]) -> set[str]:
        """What outside of the pack, or staying, needs an item."""
        staying = [one for name, one in self._there.items() if name not in self._going]
        if kind == "group":
            return {one["name"] for one in staying if one.get("group") == key}
        if kind == "role" and key in installed:
            return {one["name"] for one in self._holders(installed[key]["id"])}
        return set()

    def _holders(self, role_id: str) -> list[Mapping[str, Any]]:
        """Some who have a role; none when the caller may not see people: then the gateway refuses to delete it."""
        try:
            return self._api.call("GET", f"/api/gateway/v1/users?role_id={role_id}&limit=5")["items"]
        except ApiError as error:
            if error.status == 403:
                return []
            raise
