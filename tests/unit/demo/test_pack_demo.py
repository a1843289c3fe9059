"""The demo data of packs: what the files say comes in, goes on after a crash, and goes away whole."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from freehold.demo import DemoError, install_pack_demo, remove_pack_demo
from freehold.demo.packs import packs_with_demo, read_demo
from gateway.packs import install_pack, shipped_pack
from gateway.packs.errors import PackError
from tests.support.fake_freehold import Crash, FakeFreehold

TODAY = date(2026, 3, 31)
INDUSTRIES = ("manufacturing", "retail", "business-services")
TWO = {"objects": [
    {"object": "customer", "records": [{"key": "acme", "created": -30, "values": {"name": "Acme"}}]},
    {"object": "equipment", "records": [
        {"values": {"name": "Press", "customer_id": {"$record": "acme"}, "installed_on": {"$day": -31}}}]}]}


def prepared(*packs: str) -> FakeFreehold:
    server = FakeFreehold()
    for name in ("crm", *packs):
        install_pack(server, shipped_pack(name))
    return server


def census(server: FakeFreehold) -> dict[str, int]:
    return {name: len(rows) for name, rows in server.records.items() if rows}


def own_pack(folder: Path, demo: Any) -> Path:
    (folder / "pack.json").write_text(json.dumps({
        "name": "ours", "version": "1.0.0", "label": {"en": "Ours"}, "requires": {"freehold": "0.1"},
        "order": ["groups"]}))
    (folder / "demo.json").write_text(json.dumps(demo))
    return folder


@pytest.mark.parametrize("name", INDUSTRIES)
def test_the_demo_data_of_a_shipped_pack_comes_and_goes(name: str, tmp_path: Path) -> None:
    server, demo = prepared(name), read_demo(shipped_pack(name))
    assert demo is not None
    assert install_pack_demo(server, tmp_path, shipped_pack(name), today=TODAY)
    assert census(server) == {part["object"]: len(part["records"]) for part in demo["objects"]}
    assert not install_pack_demo(server, tmp_path, shipped_pack(name), today=TODAY), "once is enough"
    assert packs_with_demo(tmp_path) == [name]
    assert remove_pack_demo(server, tmp_path, name).kept == []
    assert census(server) == {}
    assert packs_with_demo(tmp_path) == []


@pytest.mark.parametrize("name", INDUSTRIES)
def test_the_demo_data_is_in_chinese_and_in_english(name: str) -> None:
    demo = read_demo(shipped_pack(name)) or {}
    titles = [record["values"]["name"] for part in demo["objects"] for record in part["records"]
              if part["object"] in ("customer", "contact", "member_account", "store")]
    assert any(title.isascii() for title in titles)
    assert sum(not title.isascii() for title in titles) > len(titles) / 2


def test_days_and_links_are_what_the_file_means(tmp_path: Path) -> None:
    server = prepared("manufacturing")
    install_pack_demo(server, tmp_path, own_pack(tmp_path, TWO), today=TODAY)
    [(id, customer)] = server.records["customer"].items()
    [press] = server.records["equipment"].values()
    assert press == {"name": "Press", "customer_id": id, "installed_on": "2026-02-28"}
    assert customer["created_at"] == "2026-03-01T02:00:00+00:00"


@pytest.mark.parametrize("before_answer", [False, True])
def test_a_try_that_broke_off_goes_on_without_a_record_twice(before_answer: bool, tmp_path: Path) -> None:
    whole = prepared("retail")
    install_pack_demo(whole, tmp_path / "whole", shipped_pack("retail"), today=TODAY)
    server = prepared("retail")
    server._crash_after, server._before_answer = len(server.calls) + 6, before_answer
    with pytest.raises(Crash):
        install_pack_demo(server, tmp_path, shipped_pack("retail"), today=TODAY)
    install_pack_demo(server, tmp_path, shipped_pack("retail"), today=date(2026, 4, 2))
    assert census(server) == census(whole)


def test_what_others_use_stays_and_is_reported(tmp_path: Path) -> None:
    server = prepared("manufacturing")
    install_pack_demo(server, tmp_path, own_pack(tmp_path, TWO), today=TODAY)
    [used] = server.records["customer"]
    server("POST", "/api/customer/v1/records/contact/batch", {
        "operations": [{"action": "create", "values": {"name": "Ours", "customer_id": used}}]})
    assert remove_pack_demo(server, tmp_path, "ours").kept == [("customer", used)]


def test_without_its_pack_nothing_comes_in(tmp_path: Path) -> None:
    server = prepared()
    with pytest.raises(DemoError, match='no object "store": install the pack first'):
        install_pack_demo(server, tmp_path, shipped_pack("retail"), today=TODAY)
    assert census(server) == {}
    assert packs_with_demo(tmp_path) == []


def test_a_pack_without_demo_data_says_so(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="brings no demo data"):
        install_pack_demo(prepared(), tmp_path, shipped_pack("crm"), today=TODAY)


@pytest.mark.parametrize(("demo", "told"), [
    ({"objects": [TWO["objects"][1]]}, "/objects/0/records/0/values/customer_id: no record \"acme\" stands further up"),
    ({"objects": [TWO["objects"][0], TWO["objects"][0]]}, "/objects/1/object: \"customer\" stands here twice"),
    ({"objects": [{"object": "lead", "records": [{"values": {"since": {"$day": "soon"}}}]}]}, "/values/since/$day"),
    ({"records": []}, "'objects' is a required property"),
])
def test_faults_of_the_file_are_told_with_their_place(demo: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        read_demo(own_pack(tmp_path, demo))
    assert told in str(caught.value)
