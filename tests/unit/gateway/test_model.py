"""Rules of identity without any I/O."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import api_keys, roles
from gateway.model.departments import Node, Tree, makes_circle
from gateway.model.lockout import Policy, canonical_username, user_subject
from gateway.model.passwords import generate_password, password_problem

POLICY = Policy(5, timedelta(seconds=30), timedelta(seconds=900), timedelta(hours=1))


@given(st.integers(0, 10_000))
def test_delays_only_grow_and_never_pass_the_longest(failures: int) -> None:
    now, then = POLICY.delay(failures), POLICY.delay(failures + 1)
    assert (now or timedelta()) <= (then or timedelta()) <= POLICY.longest


def test_failures_count_until_they_are_forgotten() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert POLICY.counted(4, now - timedelta(minutes=59), now) == 4
    assert POLICY.counted(4, now - timedelta(minutes=61), now) == 0


@given(st.text(max_size=80))
def test_the_canonical_user_name_is_stable(text: str) -> None:
    once = canonical_username(text)
    assert canonical_username(once).strip() == once
    assert user_subject(text) == user_subject(once)


@given(st.lists(st.integers(0, 14), min_size=15, max_size=15), st.integers(0, 14), st.integers(0, 14))
def test_moving_never_makes_a_circle_unnoticed(parents: list[int], moved: int, target: int) -> None:
    nodes = [Node(str(id), f"n{id}", str(parent) if parent < id else None) for id, parent in enumerate(parents)]
    tree, node = Tree(nodes), Node(str(moved), "m", str(target))
    grown = tree.with_node(node)
    if makes_circle(tree, node):
        assert grown.ancestry(node.id) is None
    else:
        assert grown.ancestry(node.id) is not None


@pytest.mark.parametrize("attempt", range(20))
def test_made_up_passwords_keep_the_rules(attempt: int) -> None:
    assert password_problem(generate_password(), "admin", min_length=10, pointer="/new") is None


@given(st.text(min_size=10, max_size=200))
def test_any_text_can_be_judged_as_a_password(text: str) -> None:
    password_problem(text, "somebody", min_length=10, pointer="/new")


def test_keys_survive_their_way_on_the_wire() -> None:
    id, secret = "0192e4a0-0000-7000-8000-00000000abcd", api_keys.new_secret()
    assert api_keys.split_key(api_keys.render_key(id, secret)) == (id, secret)
    assert api_keys.matches(secret, api_keys.digest(secret))
    assert not api_keys.matches(secret + "x", api_keys.digest(secret))


@given(st.text(max_size=120))
def test_no_text_breaks_the_reading_of_keys(text: str) -> None:
    api_keys.split_key("fhk_" + text)


_WORD = st.text(max_size=8)
_JSON = st.recursive(st.none() | st.booleans() | st.integers() | _WORD,
                     lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORD, inner, max_size=4))


@given(st.dictionaries(st.sampled_from(["lead", "*", "Deal!", "a/b"]), _JSON, max_size=3))
def test_object_rules_of_any_shape_are_judged_without_breaking(objects: dict) -> None:
    if not list(roles.object_problems(objects)):
        for entry in roles.canonical_objects(objects).values():
            assert set(entry) == {"actions", "scope", "fields"}


def test_the_administrators_role_keeps_its_own_rules() -> None:
    shipped = roles.administrator_role()
    assert not [*roles.permission_problems(shipped["permissions"]), *roles.object_problems(shipped["objects"])]
    assert roles.canonical_objects(shipped["objects"]) == shipped["objects"]
