"""The installer against a server of paper: complete, idempotent, resumable, careful with what people made."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.packs import Item, Pack, PackError, install_pack, load_pack, shipped_pack
from gateway.packs.api import ApiError
from gateway.packs.preview import preview_lines
from tests.support.fake_freehold import Crash, FakeFreehold


@pytest.fixture(scope="module")
def crm() -> Pack:
    return load_pack(shipped_pack("crm"))


def with_change(pack: Pack, kind: str, key: str, **members: object) -> Pack:
    def changed(item: Item) -> Item:
        same = (item.kind, item.key) != (kind, key)
        return item if same else replace(item, body=copy.deepcopy(item.body) | members)

    return replace(pack, items=tuple(map(changed, pack.items)))


def actions(pack: Pack, server: FakeFreehold, **kwargs: Path) -> dict[str, str]:
    changes = install_pack(server, pack, preview=True, **kwargs)
    return {change.item.name: change.action for change in changes if change.action != "unchanged"}


def test_everything_is_installed_and_a_second_time_changes_nothing(crm: Pack) -> None:
    server = FakeFreehold()
    install_pack(server, crm)
    assert server.objects.keys() == {item.key for item in crm.of("object")}
    assert [field["name"] for field in server.objects["lead"]["fields"]] != []
    assert server.objects["lead"]["conversion"]["set"] == {"status": "converted"}
    before = len(server.writes)
    changes = install_pack(server, crm)
    assert {change.action for change in changes} == {"unchanged"}
    assert len(server.writes) == before


def test_a_preview_writes_nothing_and_says_what_would_happen(crm: Pack) -> None:
    server = FakeFreehold()
    lines = list(preview_lines(install_pack(server, crm, preview=True)))
    assert server.writes == []
    assert "  + object lead (24 fields)" in lines
    assert lines[-1] == f"{len(crm.items)} create"


def test_an_installation_that_crashed_anywhere_is_finished_by_the_next(crm: Pack) -> None:
    whole = FakeFreehold()
    install_pack(whole, crm)
    for crash_after in range(0, len(whole.calls), 7):
        server = FakeFreehold(crash_after, before_answer=crash_after % 2 == 0)
        with pytest.raises(Crash):
            install_pack(server, crm)
        install_pack(server, crm)
        assert actions(crm, server) == {}
        assert [name for name in server.objects if server.objects[name].keys() != whole.objects[name].keys()] == []


def test_what_people_added_is_never_taken_away(crm: Pack) -> None:
    server = FakeFreehold()
    install_pack(server, crm)
    lead = server.objects["lead"]
    lead["fields"].append({"name": "colour", "type": "text", "label": {"en": "Colour"}, "options": {}})
    lead["list_fields"].append("colour")
    status = next(field for field in lead["fields"] if field["name"] == "status")
    status["options"]["choices"].append({"value": "sleeping", "label": {"en": "Sleeping"}})
    role = next(one for one in server.collections["/api/gateway/v1/roles"].values() if one["key"] == "finance")
    role["objects"]["invoice"] = {"actions": ["read"], "scope": "all"}
    assert actions(crm, server) == {}


def test_a_new_version_brings_its_changes_and_keeps_those_of_people(crm: Pack, tmp_path: Path) -> None:
    server = FakeFreehold()
    install_pack(server, crm, home=tmp_path)
    server.objects["lead"]["label"] = {"en": "Prospect", "zh-CN": "潜客"}
    newer = with_change(crm, "object", "lead", icon="star")
    assert actions(newer, server, home=tmp_path) == {"object/lead": "update"}
    install_pack(server, newer, home=tmp_path)
    assert server.objects["lead"]["icon"] == "star"
    assert server.objects["lead"]["label"]["en"] == "Prospect"


def test_without_a_memory_the_packs_value_counts(crm: Pack) -> None:
    server = FakeFreehold()
    install_pack(server, crm)
    server.objects["lead"]["label"] = {"en": "Prospect", "zh-CN": "潜客"}
    install_pack(server, crm)
    assert server.objects["lead"]["label"]["en"] == "Lead"


def test_an_item_that_people_deleted_stays_deleted(crm: Pack, tmp_path: Path) -> None:
    server = FakeFreehold()
    install_pack(server, crm, home=tmp_path)
    rules = server.collections["/api/workflow/v1/rules"]
    del rules[next(id for id, rule in rules.items() if rule["key"] == "crm.opportunity_won")]
    assert actions(crm, server, home=tmp_path) == {"rule/crm.opportunity_won": "kept"}


def test_an_empty_server_gets_everything_whatever_the_home_remembers(crm: Pack, tmp_path: Path) -> None:
    install_pack(FakeFreehold(), crm, home=tmp_path)
    assert len(actions(crm, FakeFreehold(), home=tmp_path)) == len(crm.items)


def test_a_rule_that_was_switched_on_stays_on(crm: Pack) -> None:
    server = FakeFreehold()
    install_pack(server, crm)
    for rule in server.collections["/api/workflow/v1/rules"].values():
        rule["active"] = True
    newer = with_change(crm, "rule", "crm.opportunity_won", position=99)
    install_pack(server, newer)
    assert all(rule["active"] for rule in server.collections["/api/workflow/v1/rules"].values())
    assert 99 in [rule["position"] for rule in server.collections["/api/workflow/v1/rules"].values()]


def test_a_refusal_of_the_server_names_file_and_pointer(crm: Pack) -> None:
    server = FakeFreehold()
    errors = [{"pointer": "/criteria/all/0/op", "code": "x", "detail": "Unknown operator."}]
    server.refusals["POST", "/api/workflow/v1/rules"] = 422, {"errors": errors}
    with pytest.raises(PackError, match=r"rules/complaint-word\.json#/criteria/all/0/op: Unknown operator\."):
        install_pack(server, crm)


def test_a_refused_field_is_pointed_at_by_its_place_in_the_file(crm: Pack) -> None:
    server = FakeFreehold()
    errors = [{"pointer": "/objects/1/fields/5/options", "code": "x", "detail": "No."}]
    server.refusals["POST", "/api/customer/v1/objects/batch"] = 422, {"errors": errors}
    with pytest.raises(PackError, match=r"objects/payment-term\.json#/fields/5/options: No\."):
        install_pack(server, crm)


def test_an_answer_that_makes_no_sense_is_an_api_error(crm: Pack) -> None:
    server = FakeFreehold()
    server.refusals["GET", "/api/customer/v1/objects?limit=200"] = 503, None  # type: ignore[assignment]
    with pytest.raises(ApiError, match="503"):
        install_pack(server, crm)


def test_layouts_are_compared_as_a_whole_and_changed_below_their_object(crm: Pack, tmp_path: Path) -> None:
    server = FakeFreehold()
    install_pack(server, crm, home=tmp_path)
    assert server.layouts["opportunity"]["opportunity_form"]["sections"][0]["columns"] == 2
    newer = with_change(crm, "layout", "lead_form", position=7)
    assert actions(newer, server, home=tmp_path) == {"layout/lead_form": "update"}
    install_pack(server, newer, home=tmp_path)
    assert server.layouts["lead"]["lead_form"]["position"] == 7
    assert ("PATCH", "/api/customer/v1/objects/lead/layouts/lead_form") in server.writes


def test_a_layout_that_people_removed_stays_removed(crm: Pack, tmp_path: Path) -> None:
    server = FakeFreehold()
    install_pack(server, crm, home=tmp_path)
    del server.layouts["lead"]["lead_form"]
    assert actions(crm, server, home=tmp_path) == {"layout/lead_form": "kept"}


def test_objects_that_speak_of_each_other_are_made_in_one_call(crm: Pack) -> None:
    server = FakeFreehold()
    install_pack(server, crm)
    of_objects = [path for method, path in server.writes if path.startswith("/api/customer/v1/objects")
                  and "layouts" not in path and "views" not in path]
    assert of_objects == ["/api/customer/v1/objects/batch"]


def test_a_pack_that_is_too_large_for_one_call_is_made_in_pieces(crm: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, server = FakeFreehold(), FakeFreehold()
    install_pack(whole, crm)
    monkeypatch.setattr("gateway.packs.making.MAX_TOGETHER", 3)
    install_pack(server, crm)
    assert actions(crm, server) == {}
    assert {name: sorted(field["name"] for field in one["fields"]) for name, one in server.objects.items()} == {
        name: sorted(field["name"] for field in one["fields"]) for name, one in whole.objects.items()}
