"""Bringing records of a demo in and taking them back: in batches, each written into the journal before the next.

Shared by the demo company and the demo data of packs; see `journal` for how a try that broke off goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from freehold.demo.journal import Journal
from gateway.packs.api import Api, ApiError

BATCH = 500
RECORDS = "/api/customer/v1/records"
MOVING = {"X-Freehold-Backdate": "true"}  # what comes and goes is locked for nobody who may unlock
_GONE = 404


class DemoError(Exception):
    """A demo cannot be installed or removed."""


@dataclass
class Removal:
    """What was removed, as counts by kind, and what had to stay, as (kind, id)."""

    removed: dict[str, int] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)


def bring_in(api: Api, journal: Journal, name: str, values: Sequence[Mapping[str, Any]], **said: Any) -> list[str]:
    """Create the records of an object that the journal does not have yet; returns the ids of all of them, in order.

    `said` goes with every batch.
    """
    ids = journal.ids(name)
    for start in range(len(ids), len(values), BATCH):
        operations = [{"action": "create", "values": one} for one in values[start:start + BATCH]]
        answer = post(api, journal, f"{RECORDS}/{name}/batch", {"operations": operations, "atomic": True, **said},
                      f"{name}-{start}", MOVING)
        made = [_created(name, result) for result in answer["results"]]
        journal.add(name, made)
        ids += made
    return ids


def post(api: Api, journal: Journal, path: str, body: Mapping[str, Any], key: str,
         headers: Mapping[str, str] | None = None) -> Any:
    """POST under a key of this demo, so that a repeated call makes nothing twice; raises DemoError with the places."""
    sent = {"Idempotency-Key": f"demo-{journal.head['run']}-{key}", **(headers or {})}
    try:
        return api.call("POST", path, body, sent)
    except ApiError as error:
        places = "; ".join(f"{one.get('pointer')}: {one.get('detail')}" for one in error.errors[:3])
        raise DemoError(f"{error}{f' ({places})' if places else ''}") from error


def take_back(api: Api, journal: Journal, name: str, removal: Removal) -> None:
    """Delete the records of an object that stand in the journal; what others use stays and is noted."""
    removal.removed.setdefault(name, 0)
    for ids in _chunks(journal.ids(name)):
        operations = [{"action": "delete", "id": id} for id in ids]
        answer = api.call("POST", f"{RECORDS}/{name}/batch", {"operations": operations, "atomic": False}, MOVING)
        for id, result in zip(ids, answer["results"], strict=True):
            if result["status"] < 300:
                removal.removed[name] += 1
            elif result["status"] != _GONE:
                removal.kept.append((name, id))


def _created(name: str, result: Mapping[str, Any]) -> str:
    if result["status"] != 201:
        raise DemoError(f"a {name} of the demo was refused: {result.get('problem')}")
    return result["record"]["id"]


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start:start + BATCH]
