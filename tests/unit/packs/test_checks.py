"""A faulty pack is refused before anything is sent, with file and pointer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.packs import PackError, load_pack, shipped_pack

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_pack("crm"), tmp_path / "crm"))


def edit(file: Path, change: Edit) -> None:
    body = json.loads(file.read_text(encoding="utf-8"))
    change(body)
    file.write_text(json.dumps(body), encoding="utf-8")


def faults(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return [(fault.file, fault.pointer) for fault in caught.value.faults]


def test_a_pack_without_a_manifest_says_so(tmp_path: Path) -> None:
    assert faults(tmp_path) == [("pack.json", "")]


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe{}", b"[" * 100_000])
def test_a_file_that_is_not_json_is_named(folder: Path, content: bytes) -> None:
    (folder / "rules" / "opportunity-won.json").write_bytes(content)
    assert faults(folder) == [("rules/opportunity-won.json", "")]


def test_a_huge_file_is_not_read(folder: Path) -> None:
    (folder / "rules" / "huge.json").write_bytes(b" " * 1_100_000)
    assert faults(folder) == [("rules/huge.json", "")]


def _wrong_type(body: dict[str, Any]) -> None:
    body["fields"][3]["type"] = "wish"


def _missing_label(body: dict[str, Any]) -> None:
    body["fields"][0]["label"] = {}


def _unknown_list_field(body: dict[str, Any]) -> None:
    body["list_fields"][1] = "nowhere"


def _unknown_target(body: dict[str, Any]) -> None:
    body["conversion"]["creates"][0]["fields"]["nowhere"] = "company"


def _unknown_reference(body: dict[str, Any]) -> None:
    body["fields"][20]["options"]["object"] = "planet"


@pytest.mark.parametrize(("change", "pointer"), [
    (_wrong_type, "/fields/3/type"), (_missing_label, "/fields/0/label"),
    (_unknown_list_field, "/list_fields/1"), (_unknown_target, "/conversion/creates/0/fields/nowhere"),
    (_unknown_reference, "/fields/20/options/object")])
def test_what_is_wrong_in_an_object_is_pointed_at(folder: Path, change: Edit, pointer: str) -> None:
    edit(folder / "objects" / "lead.json", change)
    assert ("objects/lead.json", pointer) in faults(folder)


def test_a_rule_about_an_unknown_field_is_pointed_at(folder: Path) -> None:
    edit(folder / "rules" / "opportunity-won.json",
         lambda body: body["criteria"]["all"].append({"any": [{"field": "mood", "op": "eq", "value": "good"}]}))
    assert faults(folder) == [("rules/opportunity-won.json", "/criteria/all/1/any/0/field")]


def test_a_role_about_an_unknown_object_is_pointed_at(folder: Path) -> None:
    edit(folder / "roles" / "finance.json",
         lambda body: body["objects"].update(invoice={"actions": ["read"], "scope": "all"}))
    assert faults(folder) == [("roles/finance.json", "/objects/invoice")]


def test_the_same_key_twice_is_refused(folder: Path) -> None:
    shutil.copy(folder / "roles" / "finance.json", folder / "roles" / "zz.json")
    assert faults(folder) == [("roles/zz.json", "/key")]
    (folder / "roles" / "zz.json").unlink()
    edit(folder / "task-kinds.json", lambda body: body["task_kinds"].append(body["task_kinds"][0]))
    assert faults(folder) == [("task-kinds.json", "/task_kinds/8/key")]


def test_all_faults_are_told_at_once(folder: Path) -> None:
    edit(folder / "roles" / "finance.json", lambda body: body.pop("name"))
    edit(folder / "roles" / "service.json", lambda body: body.update(colour="red"))
    assert faults(folder) == [("roles/finance.json", ""), ("roles/service.json", "")]
