"""Who may import what, and who sees it."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Desk

HEADER = ("姓名", "手机", "邮箱")
ZHANG = ("张三", "13800138000", "zhang@example.com")


def colleague(desk: Desk, actions: list[str], scope: str = "own", permissions: tuple[str, ...] = (),
              **fields: str) -> Desk:
    """A desk for somebody with one role."""
    harness = desk.harness
    role = harness.role({"lead": {"actions": actions, "scope": scope, "fields": fields}}, permissions)
    return Desk(harness, harness.user("李雷", roles=(role,)))


def test_only_who_may_import_the_object_may_upload_or_get_its_template(desk):
    clerk = colleague(desk, ["create", "read", "update"])
    assert clerk.upload(b"name\nx\n").status_code == 403
    assert clerk.call("GET", "/template?object=lead").status_code == 403
    assert list((desk.harness.folder / "imports").glob("*")) == []
    importing = colleague(desk, ["import", "read"])
    assert importing.upload(b"name\nx\n").status_code == 201
    assert importing.upload(b"name\nx\n", object="customer").status_code == 403
    assert desk.harness.call(None, "POST", "/v1/imports").status_code == 401


def test_imports_of_others_do_not_exist_except_for_who_manages_objects(desk):
    one, other = colleague(desk, ["import", "read"]), colleague(desk, ["import", "read"])
    manager = colleague(desk, ["read"], permissions=("objects.manage",))
    id = one.sheet(HEADER, ZHANG)
    assert [item["id"] for item in one.call("GET", "").get_json()["items"]] == [id]
    assert other.call("GET", "").get_json()["items"] == []
    calls: list[tuple[str, str, Any]] = [
        ("GET", "", None), ("PATCH", "", {"run_rules": False}), ("POST", "/check", None), ("POST", "/start", None),
        ("DELETE", "", None), ("GET", "/errors", None), ("GET", "/errors.csv", None), ("GET", "/errors.xlsx", None)]
    for method, path, body in calls:
        assert other.call(method, f"/{id}{path}", body).status_code == 404, (method, path)
    assert manager.show(id)["id"] == id
    assert [item["id"] for item in manager.call("GET", "").get_json()["items"]] == [id]
    answer = manager.call("POST", f"/{id}/start")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "import_not_yours")
    assert manager.call("DELETE", f"/{id}").status_code == 204


def test_fields_that_may_not_be_written_are_neither_suggested_nor_mapped(desk):
    clerk = colleague(desk, ["import", "read"], email="read", phone="none", mobile="none")
    id = clerk.sheet(HEADER, ZHANG)
    assert clerk.show(id)["mapping"] == {"0": "name"}
    answer = clerk.configure(id, mapping={"0": "name", "1": "phone", "2": "email"})
    assert {(one["pointer"], one["code"]) for one in answer.get_json()["errors"]} == {
        ("/mapping/1", "unknown_field"), ("/mapping/2", "read_only")}


def test_updating_needs_the_right_and_the_records_must_be_visible(desk):
    desk.run(desk.sheet(HEADER, ZHANG))
    without = colleague(desk, ["import", "read"])
    assert without.configure(without.sheet(HEADER, ZHANG), duplicates="update").status_code == 403
    clerk = colleague(desk, ["import", "read", "update"])
    id = clerk.sheet(HEADER, ("张三丰", *ZHANG[1:]))
    assert clerk.configure(id, duplicates="update").status_code == 200
    for shown in (clerk.check(id), clerk.run(id)):
        assert shown["summary"]["failed"] == 1
        assert clerk.codes(id) == {2: {(None, "double_not_yours")}}
    assert desk.records()[0]["name"] == "张三"


@pytest.mark.parametrize("loss", ["role", "person"])
def test_an_import_whose_right_is_lost_meanwhile_fails_with_a_reason(desk, loss):
    clerk = colleague(desk, ["import", "read"])
    id = clerk.sheet(HEADER, ZHANG)
    assert clerk.call("POST", f"/{id}/start").status_code == 202
    user = dict(desk.harness.service.directory.snapshot().users[clerk.user])
    desk.harness.update("users", user | ({"role_ids": []} if loss == "role" else {"active": False}))
    desk.work()
    shown = desk.show(id)
    assert (shown["state"], desk.count()) == ("failed", 0)
    assert shown["problem"]["code"] == ("action_not_granted" if loss == "role" else "import_person_gone")
    assert shown["problem"]["detail"]
