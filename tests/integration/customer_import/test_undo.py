"""Undoing a whole import: what stood before stands again, and what somebody has changed since is left to him."""

from __future__ import annotations

import hashlib
import json
import random
from typing import Any

import pytest

HEADER = ("姓名", "手机", "公司", "区域", "备注")
REGIONS = ("华东", "华北", "华南", "")
SYSTEM = ("version", "updated_at", "updated_by")


def checksums(desk, object: str = "lead") -> dict[str, str]:
    """Id of every record → checksum of all that people see of it."""
    found = desk.harness.call(desk.user, "POST", f"/v1/records/{object}/query", {"limit": 200}).get_json()
    assert found["next_cursor"] is None
    return {row["id"]: hashlib.sha256(json.dumps(
        {name: value for name, value in row.items() if name not in SYSTEM}, sort_keys=True).encode()).hexdigest()
        for row in found["items"]}


def imported(desk, rows: list[tuple[str, ...]], duplicates: str = "update") -> str:
    id = desk.sheet(HEADER, *rows)
    assert desk.configure(id, duplicates=duplicates).status_code == 200
    assert desk.run(id)["state"] == "finished"
    return id


def undone(desk, id: str) -> dict[str, Any]:
    answer = desk.call("POST", f"/{id}/undo")
    assert answer.status_code == 202, answer.get_data(as_text=True)
    assert (answer.get_json()["state"], answer.get_json()["can_undo"]) == ("undoing", False)
    desk.work()
    return desk.show(id)


def kept(desk, id: str) -> dict[str, tuple[int, str]]:
    page = desk.call("GET", f"/{id}/kept").get_json()
    assert page["next_cursor"] is None
    assert all(item["detail"] and item["detail"] != f"error.{item['code']}" for item in page["items"])
    return {item["id"]: (item["row"], item["code"]) for item in page["items"]}


def some_rows(chance: random.Random, count: int) -> list[tuple[str, ...]]:
    """Rows that meet each other and what is there: few telephone numbers, any of the rest."""
    return [(f"人{chance.randrange(99)}", f"138{chance.randrange(30):08d}", f"公司{chance.randrange(9)}",
             chance.choice(REGIONS), chance.choice(("", "a", "b"))) for _ in range(count)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_an_undo_every_row_is_what_it_was(desk, seed, monkeypatch):
    from services.customer.usecases.imports import passes

    monkeypatch.setattr(passes, "CHUNK", 7)  # many chunks that touch the same records
    chance = random.Random(seed)
    imported(desk, some_rows(chance, 20))
    before = checksums(desk)
    id = imported(desk, some_rows(chance, 40))
    summary, after = desk.show(id)["summary"], checksums(desk)
    assert min(summary["create"], summary["update"]) > 0
    assert after != before

    shown = undone(desk, id)
    assert (shown["state"], shown["can_undo"], shown["undo"]["kept"]) == ("undone", False, 0)
    assert shown["undo"]["deleted"] == summary["create"]
    assert checksums(desk) == before
    assert kept(desk, id) == {}


def test_what_somebody_has_changed_since_is_left_alone_and_listed(desk):
    imported(desk, [("王芳", "13800000001", "甲", "华东", ""), ("李伟", "13800000002", "乙", "华北", "")])
    id = imported(desk, [("王芳", "13800000001", "丙", "", ""), ("李伟", "13800000002", "丁", "", ""),
                         ("赵磊", "13800000003", "戊", "", ""), ("陈静", "13800000004", "己", "", ""),
                         ("周洋", "13800000005", "庚", "", "")])
    leads = {lead["name"]: lead["id"] for lead in desk.records()}

    def touch(name: str, method: str, body: Any = None) -> None:
        headers = {"If-Match": "*"} if method != "GET" else {}
        address = f"/v1/records/lead/{leads[name]}"
        if method != "GET":
            version = desk.harness.call(desk.user, "GET", address).headers["ETag"]
            headers = {"If-Match": version}
        answer = desk.harness.call(desk.user, method, address, body, headers=headers)
        assert answer.status_code < 300, answer.get_data(as_text=True)

    touch("李伟", "PATCH", {"job_title": "经理"})
    touch("陈静", "PATCH", {"job_title": "经理"})
    touch("周洋", "DELETE")
    shown = undone(desk, id)
    assert shown["undo"] == {"deleted": 1, "restored": 1, "kept": 3}
    companies = {lead["name"]: lead["company"] for lead in desk.records()}
    assert companies == {"王芳": "甲", "李伟": "丁", "陈静": "己"}
    assert kept(desk, id) == {leads["李伟"]: (3, "undo_changed"), leads["陈静"]: (5, "undo_changed"),
                              leads["周洋"]: (6, "undo_gone")}


def test_an_undo_that_is_killed_goes_on_where_it_was(desk, monkeypatch):
    from services.customer.usecases.imports import passes, undo

    monkeypatch.setattr(passes, "CHUNK", 10)
    id = imported(desk, [(f"人{number}", f"138{number:08d}", "甲", "", "") for number in range(35)])
    real, left = undo.add_kept, [2]

    def break_down(*args: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("the power fails")
        real(*args)

    monkeypatch.setattr(undo, "add_kept", break_down)
    desk.call("POST", f"/{id}/undo")
    desk.work()
    assert (desk.count(), desk.show(id)["undo"]["deleted"]) == (20, 15)

    monkeypatch.setattr(undo, "add_kept", real)
    from sqlalchemy import update

    from chassis.db.tables import job as job_table

    with desk.harness.service.db.unit_of_work() as uow:
        uow.execute(update(job_table).values(lease_until=None))
    desk.work()
    assert (desk.count(), desk.show(id)["state"], desk.show(id)["undo"]["deleted"]) == (0, "undone", 35)


def test_undoing_needs_the_rights_and_something_to_undo(lone_desk):
    desk = lone_desk
    id = desk.sheet(HEADER, ("王芳", "13800000001", "", "", ""))
    assert desk.call("POST", f"/{id}/undo").get_json()["code"] == "import_not_undoable"
    assert desk.run(id)["can_undo"]
    role = desk.harness.role({"lead": {"actions": ["read", "create", "import"], "scope": "all", "fields": {}}})
    boss, desk.user = desk.user, desk.harness.user("Importer", roles=(role,))
    assert desk.call("POST", f"/{id}/undo").status_code == 404, "another's import"
    own = desk.sheet(HEADER, ("李伟", "13800000002", "", "", ""))
    desk.run(own)
    refused = desk.call("POST", f"/{own}/undo")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "action_not_granted")
    desk.user = boss
    assert undone(desk, id)["undo"]["deleted"] == 1
    assert desk.call("POST", f"/{id}/undo").status_code == 409


def test_an_undo_fires_no_rules(lone_desk):
    id = imported(lone_desk, [("王芳", "13800000001", "", "", "")])
    undone(lone_desk, id)
    last = lone_desk.harness.published("freehold.customer.record.changed.v1")[-1]
    assert (last.data["changes"][0]["action"], last.data["rules"], last.data["bulk"]) == ("deleted", False, id)
