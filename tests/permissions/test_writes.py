"""What a caller does not see is not there for his writes either, and nothing of it changes."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ROLES, World
from .surfaces import CUSTOMER, LEADS, REFUSING, soon
from .test_visibility import expected

LIMITED = [role for role in ROLES if ROLES[role][1] != "all"]
MANY = {
    "batch": lambda id, user: {"operations": [{"action": "delete", "id": id}], "atomic": False},
    "tags": lambda id, user: {"ids": [id], "add": ["matrix"]},
    "claim": lambda id, user: {"ids": [id]},
    "return": lambda id, user: {"ids": [id]},
    "assign": lambda id, user: {"ids": [id], "user_id": user},
    "move": lambda id, user: {"ids": [id], "pool_id": "{pool}"},
}


def filled(body: Any, **values: str) -> Any:
    """A body with the ids of this question."""
    if isinstance(body, str):
        return body.format(**values)
    return {name: filled(value, **values) for name, value in body.items()} if isinstance(body, dict) else body


@pytest.fixture(scope="package")
def tagged(world: World) -> World:
    """Leads have tags."""
    admin, good = world.house.admin_id, world.house.good
    good(admin, "POST", f"{CUSTOMER}/tags", {"key": "matrix", "label": {"en": "Matrix", "zh-CN": "矩阵"}})
    good(admin, "POST", f"{CUSTOMER}/objects/lead/tags")
    return world


@pytest.mark.parametrize("operation", REFUSING)
@pytest.mark.parametrize("role", LIMITED)
def test_a_write_to_what_is_not_seen_finds_nothing(world: World, role: str, operation: str) -> None:
    user, own, strange = world.callers[role], world.leads[role]["own"], world.leads[role]["elsewhere"]
    before = world.house.good(world.house.admin_id, "GET", f"{LEADS}/{strange}")
    path, body = REFUSING[operation]
    status, answer = world.house.call(user, operation.partition(" ")[0], f"{LEADS}/{strange}{filled(path, own=own)}",
                                      filled(body, own=own, user=user, soon=soon(), **world.made))
    assert status in (403, 404), answer
    assert not {before["name"], before["phone"]} & set(str(answer).split("'"))
    assert world.house.good(world.house.admin_id, "GET", f"{LEADS}/{strange}") == before


@pytest.mark.parametrize("verb", MANY)
@pytest.mark.parametrize("role", [role for role in LIMITED if "update" in ROLES[role][0]])
def test_a_write_to_many_refuses_each_that_is_not_seen(tagged: World, role: str, verb: str) -> None:
    world, user, strange = tagged, tagged.callers[role], tagged.leads[role]["elsewhere"]
    before = world.house.good(world.house.admin_id, "GET", f"{LEADS}/{strange}")
    status, answer = world.house.call(user, "POST", f"{LEADS}/{verb}", filled(MANY[verb](strange, user), **world.made))
    refused = answer.get("results") or answer.get("refused") or [answer]
    assert {one["status"] for one in refused} <= {403, 404}, (status, answer)
    assert world.house.good(world.house.admin_id, "GET", f"{LEADS}/{strange}") == before


@pytest.mark.parametrize("role", LIMITED)
def test_pairs_and_merges_of_others_cannot_be_decided(world: World, role: str) -> None:
    user, seen = world.callers[role], expected(world, role)
    strange = [one for one in world.house.good(world.house.admin_id, "GET", f"{CUSTOMER}/duplicates/lead?limit=200")[
        "items"] if not {record["id"] for record in one["records"]} & seen]
    assert strange
    status, _ = world.house.call(user, "POST", f"{CUSTOMER}/duplicates/lead/pairs/{strange[0]['id']}",
                                 {"decision": "different"})
    assert status in (403, 404)
    merges = world.house.good(world.house.admin_id, "GET", f"{CUSTOMER}/merges?object=lead&limit=200")["items"]
    merge = next(one for one in merges if one["survivor_id"] not in seen)
    assert world.house.call(user, "POST", f"{CUSTOMER}/merges/{merge['id']}/undo")[0] in (403, 404)
