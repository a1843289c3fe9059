"""Installing a pack: read what is there, decide item by item, write in the pack's order.

Every step is decided by comparing, so an installation that broke off is finished by running it again, and running it
once more changes nothing. What people added is never deleted; see `merge` for who wins where.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from gateway.packs.api import COLLECTIONS, OBJECTS, Api, ApiError, Request
from gateway.packs.api import Collection as ApiCollection
from gateway.packs.approvals import with_file
from gateway.packs.choices import with_choices
from gateway.packs.errors import PackError
from gateway.packs.files import load_pack
from gateway.packs.layouts import installed_layouts, write_layout
from gateway.packs.merge import MISSING
from gateway.packs.model import Pack
from gateway.packs.names import Names, UnknownName
from gateway.packs.objects import write_objects
from gateway.packs.plan import CREATE, UPDATE, Change, change_of
from gateway.packs.reading import read_kind
from gateway.packs.refusals import refused
from gateway.packs.state import Baseline, HomeMemory, Memory, NoMemory

BEFORE_OBJECTS = ("group", "tag")  # what objects name
_NEVER_CHANGED = ("key", "object", "slug")
_UNHEARD = ("bad_grantee", "bpmn_who_unknown", "bpmn_action", "bpmn_criteria")  # of a role, a field, a choice
_HEARING_SECONDS = 20.0
Installed = Mapping[tuple[str, str], dict[str, Any]]


def install_pack(request: Request, pack: Pack | Path, *, preview: bool = False, home: Path | None = None,
                 memory: Memory | None = None, keep: Collection[str] = (),
                 told: Callable[[Change], None] = lambda _: None) -> tuple[Change, ...]:
    """Install a pack (or its folder), or with `preview` only say what would happen; returns one change per item.

    `memory` (or a file below `home`) is where the installation remembers what it installed, so that changes that people
    made survive. `keep` names places (`object/lead#/label`) where what people have now stays although the pack wants
    something else. `told` hears of every change once it is done. Raises PackError when the pack is faulty or the server
    refuses an item, ApiError when the server does not answer as expected.
    """
    given = pack = load_pack(pack) if isinstance(pack, Path) else pack
    memory = memory or (HomeMemory(home) if home else NoMemory())
    api = Api(request)
    names = Names(api)
    installed = _installed(api, pack, names)
    before = memory.items(pack.name) if installed else {}
    pack = with_choices(pack, installed, keep)
    changes = tuple(change_of(item, installed.get((item.kind, item.key)), before.get(item.name, MISSING))
                    for item in pack.items)
    if not preview:
        _write(api, changes, before, told, Names(api))
        memory.keep(given)
    return changes


def _installed(api: Api, pack: Pack, names: Names) -> Installed:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    objects = {item.key for item in pack.of("object")}
    if objects:
        found |= {("object", one["name"]): one for one in api.items(OBJECTS) if one["name"] in objects}
    found |= installed_layouts(api, pack)
    for kind in COLLECTIONS:
        wanted = {item.key: item.body.get("object", "") for item in pack.of(kind)}
        if wanted:
            rows = read_kind(api, kind, sorted(set(wanted.values())), names)
            made = "key" in COLLECTIONS[kind].without  # a key that is made of the item's words
            found |= {(kind, key): {**one, "key": key} if made else one for key, one in rows if key in wanted}
    return found | {(item.kind, item.key): with_file(api, item.body, found[item.kind, item.key])
                    for item in pack.of("process") if (item.kind, item.key) in found}


def _write(api: Api, changes: tuple[Change, ...], before: Baseline, told: Callable[[Change], None],
           names: Names) -> None:
    for change in changes:
        if change.action in (CREATE, UPDATE) and change.item.kind in BEFORE_OBJECTS:
            _put(api, change, COLLECTIONS[change.item.kind], names)
    write_objects(api, changes, before)
    for change in changes:
        if change.action in (CREATE, UPDATE) and change.item.kind == "layout":
            write_layout(api, change)
        elif change.action in (CREATE, UPDATE) and change.item.kind not in ("object", *BEFORE_OBJECTS):
            _put(api, change, COLLECTIONS[change.item.kind], names)
        told(change)


def _put(api: Api, change: Change, collection: ApiCollection, names: Names) -> None:
    item = change.item
    try:
        if collection.by_key:
            body = {name: change.wanted[name] for name in item.body
                    if name in change.wanted and name not in ("key", *collection.without)}
            api.call("PUT", collection.under(item.key), body)
        elif change.action == CREATE:
            body = {name: value for name, value in item.body.items() if name not in collection.without}
            _heard(lambda: api.call("POST", collection.place(item.body), names.inward(item.kind, body)))
        else:
            assert change.installed is not None
            path = f"{collection.place(item.body)}/{change.installed[collection.identity]}"
            changed = {name: value for name, value in change.changed_members().items() if name not in _NEVER_CHANGED}
            if collection.whole:
                body = {name: change.wanted[name] for name in (*item.body, "active") if name not in _NEVER_CHANGED}
                api.call("PUT", path, body)
            elif changed:
                _heard(lambda: api.call("PATCH", path, names.inward(item.kind, changed)))
    except UnknownName as error:
        raise PackError.at(item.file, item.pointer, "there is no {} \"{}\" here".format(*error.args),
                           f"no_{error.args[0]}", name=error.args[1]) from error
    except ApiError as error:
        raise refused(error, item) from error


def _heard(call: Callable[[], Any]) -> None:
    """Call again for some seconds when a service has not heard yet of what this pack has just made elsewhere."""
    until = time.monotonic() + _HEARING_SECONDS
    while True:
        try:
            call()
            return
        except ApiError as error:
            unheard = any(one.get("code") in _UNHEARD for one in error.errors)
            if not unheard or time.monotonic() > until:
                raise
        time.sleep(_HEARING_SECONDS / 40)
