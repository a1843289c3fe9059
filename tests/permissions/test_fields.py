"""What a field rule hides stands on no surface: rules of a role, rules for one person, and masks of a pool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .conftest import AMOUNT, World
from .surfaces import CUSTOMER, LEADS, SURFACES, patiently
from .test_sharing import by_pool, strangers

USERS = "/api/gateway/v1/users"


@contextmanager
def for_one_person(world: World, role: str, **rules: str) -> Iterator[None]:
    """Rules for fields of leads in place of what the caller's role says."""
    admin, path, before = world.house.admin_id, f"{USERS}/{world.callers[role]}", _accesses(world, role)
    world.house.good(admin, "PATCH", path, {"field_rules": {"lead": rules}})
    _followed(world, role, rules)
    try:
        yield
    finally:
        world.house.good(admin, "PATCH", path, {"field_rules": {}})
        patiently(lambda: _accesses(world, role) == before)


def _accesses(world: World, role: str) -> dict[str, str]:
    fields = world.house.good(world.callers[role], "GET", f"{CUSTOMER}/objects/lead")["fields"]
    return {one["name"]: one["access"] for one in fields}


def _followed(world: World, role: str, rules: dict[str, str]) -> None:
    wanted = {name: access for name, access in rules.items() if access != "none"}
    patiently(lambda: {name: access for name, access in _accesses(world, role).items() if name in rules} == wanted)


def said(world: World, user: str) -> dict[str, str]:
    """All that each surface says."""
    return {name: surface(world, user).text for name, surface in SURFACES.items()}


def test_who_may_read_a_field_finds_it_on_surfaces(world: World) -> None:
    texts = said(world, world.callers["auditor"])
    assert len([name for name, text in texts.items() if AMOUNT in text]) > 5
    assert len([name for name, text in texts.items() if world.phones[world.leads["rep"]["own"]] in text]) > 5


def test_what_a_role_hides_or_masks_stands_on_no_surface(world: World) -> None:
    for name, text in said(world, world.callers["deputy"]).items():
        assert AMOUNT not in text, name
        assert [phone for phone in world.phones.values() if phone in text] == [], name


def test_a_rule_for_one_person_hides_and_masks_on_every_surface_whatever_his_roles_say(world: World) -> None:
    with for_one_person(world, "auditor", expected_amount="none", phone="masked"):
        for name, text in said(world, world.callers["auditor"]).items():
            assert AMOUNT not in text, name
            assert [phone for phone in world.phones.values() if phone in text] == [], name
        report = {"object": "lead", "measures": [{"op": "sum", "field": "expected_amount"}], "dimensions": []}
        patiently(lambda: world.house.call(world.callers["auditor"], "POST", "/api/report/v1/query", report)[0] == 422)
        assert world.house.call(world.callers["auditor"], "POST", "/api/report/v1/query", report)[0] == 422
        assert world.house.call(world.callers["auditor"], "GET", f"{CUSTOMER}/segments/{world.made['rich']}")[0] == 404
    assert AMOUNT in str(world.house.good(world.callers["auditor"], "GET", f"{LEADS}?limit=200"))


def test_a_rule_for_one_person_opens_what_his_roles_hide(world: World) -> None:
    with for_one_person(world, "deputy", expected_amount="read"):
        shown = world.house.good(world.callers["deputy"], "GET", f"{LEADS}/{world.leads['deputy']['own']}")
        assert shown["expected_amount"]["amount"] == AMOUNT
    assert "expected_amount" not in _accesses(world, "deputy")


def test_what_a_pool_masks_stands_on_no_surface_and_cannot_be_found_out(world: World) -> None:
    lead, user = strangers(world, "rep")[0], world.callers["rep"]
    phone, made = world.phones[lead], world.made
    with by_pool(world, "rep", lead):
        for name, text in said(world, user).items():
            assert phone[3:] not in text, name
        questions: list[tuple[str, str, Any]] = [
            ("GET", f"{CUSTOMER}/search?q={phone[3:]}", None), ("GET", f"{LEADS}?q={phone[3:]}", None),
            ("POST", f"{LEADS}/duplicates", {"values": {"phone": phone}}),
            ("POST", f"{LEADS}/query", {"criteria": {"field": "phone", "op": "eq", "value": phone}}),
            ("POST", f"{LEADS}/query", {"criteria": {"field": "segments", "op": "has", "value": made["by_phone"]}}),
            ("GET", f"{CUSTOMER}/segments/{made['by_phone']}/passages?limit=200", None),
            ("GET", f"{CUSTOMER}/duplicates/lead?limit=200", None)]
        for method, path, body in questions:
            assert lead not in str(world.house.good(user, method, path, body)), path
        assert world.house.good(user, "GET", f"{CUSTOMER}/segments/{made['by_phone']}")["count"] == 1
        named = {one["id"] for one in world.house.good(user, "GET", f"{LEADS}/{lead}/segments")["items"]}
        assert made["segment"] in named
        assert made["by_phone"] not in named
