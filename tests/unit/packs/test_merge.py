"""Who wins where: the pack's wish, what people added, what people changed."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.packs.merge import MISSING, differences, merged, merged_sections


@pytest.mark.parametrize(("base", "pack", "installed", "wanted"), [
    (MISSING, "new", "old", "new"),
    ("old", "new", "old", "new"),
    ("same", "same", "theirs", "theirs"),
    ("old", "new", "theirs", "new"),
    (MISSING, ["a", "b"], ["b", "mine"], ["b", "mine", "a"]),
    (["a", "b"], ["a", "b", "c"], ["b"], ["b", "c"]),
    (MISSING, {"a": 1}, {"a": 0, "mine": 2}, {"a": 1, "mine": 2}),
    (MISSING, [{"type": "x"}], [{"type": "y"}], [{"type": "x"}]),
])
def test_a_value_is_merged(base: Any, pack: Any, installed: Any, wanted: Any) -> None:
    assert merged(base, pack, installed) == wanted


def test_added_choices_stay_and_the_order_of_people_counts_while_the_pack_adds_none() -> None:
    pack = [{"value": "new"}, {"value": "done"}]
    installed = [{"value": "done"}, {"value": "mine"}, {"value": "new"}]
    assert merged(MISSING, pack, installed) == installed


def test_a_new_choice_of_the_pack_comes_in_the_packs_order() -> None:
    pack = [{"value": "new"}, {"value": "middle"}, {"value": "done"}]
    installed = [{"value": "new"}, {"value": "done"}, {"value": "mine"}]
    assert [one["value"] for one in merged(MISSING, pack, installed)] == ["new", "middle", "done", "mine"]


def test_what_people_removed_stays_removed_while_the_pack_did_not_change_it() -> None:
    pack = [{"name": "kept"}, {"name": "unwanted"}]
    assert merged(pack, pack, [{"name": "kept"}]) == [{"name": "kept"}]
    assert merged(MISSING, pack, [{"name": "kept"}]) == pack


def test_a_field_stays_in_the_section_where_people_have_put_it() -> None:
    pack = [{"label": {"en": "A"}, "fields": ["one", "two"]}, {"label": {"en": "B"}, "fields": ["three"]}]
    installed = [{"label": {"en": "Mine"}, "fields": ["two"]}, {"label": {"en": "A"}, "fields": ["mine"]}]
    assert merged_sections(MISSING, pack, installed) == [
        {"label": {"en": "Mine"}, "fields": ["two"]}, {"label": {"en": "A"}, "fields": ["mine", "one"]},
        {"label": {"en": "B"}, "fields": ["three"]}]


def test_differences_point_as_deep_as_both_sides_agree_in_shape() -> None:
    assert list(differences({"a": {"b": 2, "c": 3}}, {"a": {"b": 1, "c": 3}})) == [("/a/b", 1, 2)]
