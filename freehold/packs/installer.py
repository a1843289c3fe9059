"""Installing a pack: read what is there, decide item by item, write in the pack's order.

Every step is decided by comparing, so an installation that broke off is finished by running it again, and running it
once more changes nothing. What people added is never deleted; see `merge` for who wins where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from freehold.packs.api import COLLECTIONS, OBJECTS, Api, ApiError, Collection, Request
from freehold.packs.files import load_pack
from freehold.packs.layouts import installed_layouts, write_layout
from freehold.packs.merge import MISSING
from freehold.packs.model import Pack
from freehold.packs.objects import refused, write_objects
from freehold.packs.plan import CREATE, UPDATE, Change, change_of
from freehold.packs.state import Baseline, read_baseline, write_baseline

BEFORE_OBJECTS = ("group",)  # what objects name
Installed = Mapping[tuple[str, str], dict[str, Any]]


def install_pack(request: Request, pack: Pack | Path, *, preview: bool = False, home: Path | None = None,
                 told: Callable[[Change], None] = lambda _: None) -> tuple[Change, ...]:
    """Install a pack (or its folder), or with `preview` only say what would happen; returns one change per item.

    `home` is where the installation remembers what it installed, so that changes that people made survive. `told`
    hears of every change once it is done. Raises PackError when the pack is faulty or the server refuses an item,
    ApiError when the server does not answer as expected.
    """
    pack = load_pack(pack) if isinstance(pack, Path) else pack
    api = Api(request)
    installed = _installed(api, pack)
    before = read_baseline(home, pack.name) if home and installed else {}
    changes = tuple(change_of(item, installed.get((item.kind, item.key)), before.get(item.name, MISSING))
                    for item in pack.items)
    if not preview:
        _write(api, changes, before, told)
        if home:
            write_baseline(home, pack)
    return changes


def _installed(api: Api, pack: Pack) -> Installed:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for item in pack.of("object"):
        definition = api.find(f"{OBJECTS}/{item.key}")
        if definition is not None:
            found["object", item.key] = definition
    found |= installed_layouts(api, pack)
    for kind, collection in COLLECTIONS.items():
        wanted = {item.key for item in pack.of(kind)}
        if wanted:
            found |= {(kind, one["key"]): one for one in api.items(collection.path) if one.get("key") in wanted}
    return found


def _write(api: Api, changes: tuple[Change, ...], before: Baseline, told: Callable[[Change], None]) -> None:
    for change in changes:
        if change.action in (CREATE, UPDATE) and change.item.kind in BEFORE_OBJECTS:
            _put(api, change, COLLECTIONS[change.item.kind])
    write_objects(api, changes, before)
    for change in changes:
        if change.action in (CREATE, UPDATE) and change.item.kind == "layout":
            write_layout(api, change)
        elif change.action in (CREATE, UPDATE) and change.item.kind not in ("object", *BEFORE_OBJECTS):
            _put(api, change, COLLECTIONS[change.item.kind])
        told(change)


def _put(api: Api, change: Change, collection: Collection) -> None:
    item = change.item
    try:
        if collection.by_key:
            body = {name: change.wanted[name] for name in item.body if name in change.wanted and name != "key"}
            api.call("PUT", f"{collection.path}/{item.key}", body)
        elif change.action == CREATE:
            api.call("POST", collection.place(item.body), item.body)
        else:
            assert change.installed is not None
            path = f"{collection.place(item.body)}/{change.installed['id']}"
            api.call("PATCH", path, change.changed_members())
    except ApiError as error:
        raise refused(error, item) from error

