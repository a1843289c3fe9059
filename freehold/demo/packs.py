"""The demo data of a pack: `demo.json` beside its `pack.json`, brought in through the public API and taken back again.

The file lists records object by object. `{"$record": "press"}` is the id of a record further up, `{"$day": -30}` the
day thirty days before the data came in, and `created` says in the same way when a record was made, so that what is due
stays due. No rule acts on records that come in; `tasks` are there as if they had. The journal knows every id; removing
needs nothing else, because tasks are cancelled with their records.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from freehold.demo.journal import COMPANY, Journal
from freehold.demo.records import DemoError, Removal, bring_in, post, take_back
from gateway.packs.api import OBJECTS, Api, Request
from gateway.packs.checks import check_demo
from gateway.packs.errors import PackError
from gateway.packs.files import load_pack

DEMO_FILE = "demo.json"
TASKS = "/api/workflow/v1/tasks"
_TASK = "task"
_MADE_AT = time(2, 0, tzinfo=UTC)  # ten o'clock in Shanghai


def read_demo(folder: Path) -> dict[str, Any] | None:
    """The demo data of the pack in `folder`, checked; None when it brings none. Raises PackError."""
    path = folder / DEMO_FILE
    if not path.is_file():
        return None
    try:
        demo = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PackError.at(DEMO_FILE, "", f"is not JSON: {error}", "not_json") from error
    check_demo(DEMO_FILE, demo)
    return demo


def install_pack_demo(request: Request, home: Path, folder: Path, *, today: date | None = None,
                      report: Callable[[str], None] = lambda _: None) -> bool:
    """Bring the demo data of a pack in, or go on with it; returns False when it was there already.

    Raises DemoError when the pack has none, is not installed, or when the server refuses something.
    """
    demo, api = read_demo(folder), Api(request)
    if demo is None:
        raise DemoError(f"the pack in {folder} brings no demo data")
    journal = Journal(home, load_pack(folder).name)
    if journal.finished:
        return False
    for part in demo["objects"]:
        if api.find(f"{OBJECTS}/{part['object']}") is None:
            raise DemoError(f'there is no object "{part["object"]}": install the pack first')
    if not journal.begun:
        journal.begin(today=today or datetime.now(UTC).date())
    _bring(api, journal, demo, report)
    journal.finish()
    return True


def remove_pack_demo(request: Request, home: Path, name: str, *,
                     report: Callable[[str], None] = lambda _: None) -> Removal:
    """Take back what the journal of this pack's demo data has; may be repeated. Without a journal nothing happens."""
    journal, removal, api = Journal(home, name), Removal(), Api(request)
    for kind in reversed([kind for kind in journal.kinds() if kind != _TASK]):
        take_back(api, journal, kind, removal)
        report(f"  {removal.removed[kind]} × {kind}")
    journal.remove()
    return removal


def packs_with_demo(home: Path) -> list[str]:
    """The packs whose demo data is here."""
    return sorted(path.stem for path in (home / "demo").glob("*.jsonl") if path.stem != COMPANY)


def _bring(api: Api, journal: Journal, demo: Mapping[str, Any], report: Callable[[str], None]) -> None:
    day = date.fromisoformat(journal.head["today"])
    known: dict[str, str] = {}
    objects: dict[str, str] = {}
    for part in demo["objects"]:
        records = part["records"]
        ids = bring_in(api, journal, part["object"], [_values(one, day, known) for one in records], without_rules=True)
        known |= {one["key"]: id for one, id in zip(records, ids, strict=True) if "key" in one}
        objects |= {one["key"]: part["object"] for one in records if "key" in one}
        report(f"  {len(ids)} × {part['object']}")
    for place in range(len(journal.ids(_TASK)), len(demo.get("tasks", ()))):
        one = demo["tasks"][place]
        link = {"object": objects[one["record"]], "id": known[one["record"]]}
        made = post(api, journal, TASKS, {"title": one["title"], "kind": one.get("kind"), "link": link,
                                          "due_at": _moment(day, one["due"])}, f"task-{place}")
        journal.add(_TASK, [made["id"]])


def _values(record: Mapping[str, Any], day: date, known: Mapping[str, str]) -> dict[str, Any]:
    values = {name: _value(value, day, known) for name, value in record["values"].items()}
    if "created" not in record:
        return values
    return {**values, "created_at": _moment(day, record["created"])}


def _moment(day: date, days: int) -> str:
    return datetime.combine(day + timedelta(days=days), _MADE_AT).isoformat()


def _value(value: Any, day: date, known: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping) and "$day" in value:
        return (day + timedelta(days=value["$day"])).isoformat()
    return known[value["$record"]] if isinstance(value, Mapping) and "$record" in value else value
