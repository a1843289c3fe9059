"""By what an import finds what is there already, and imports that only bring it up to date."""

from __future__ import annotations

import pytest

HEADER = ("姓名", "手机", "公司", "备注")


def imported(desk, *rows, **choices):
    id = desk.sheet(HEADER, *rows)
    answer = desk.configure(id, **choices)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    checked = desk.check(id)["summary"]
    shown = desk.run(id)
    assert (shown["state"], shown["summary"]) == ("finished", checked)
    return shown


def companies(desk):
    return sorted((lead["name"], lead["phone"], lead["company"]) for lead in desk.records())


def test_only_the_chosen_rules_say_what_is_there(desk):
    imported(desk, ("王芳", "13800000001", "甲", ""))
    again = ("王芳", "13800000002", "甲", "")
    assert imported(desk, again, duplicates="skip")["summary"]["skip"] == 1
    assert imported(desk, again, duplicates="skip", match_by=["phone"])["summary"]["create"] == 1
    shown = imported(desk, ("王芳芳", "13800000002", "乙", ""), duplicates="update", match_by=["phone"])
    assert (shown["summary"]["update"], shown["match_by"]) == (1, ["phone"])
    assert companies(desk) == [("王芳", "+8613800000001", "甲"), ("王芳芳", "+8613800000002", "乙")]
    found = imported(desk, ("王芳芳", "13800000009", "乙", ""), duplicates="skip")
    assert found["summary"]["skip"] == 1, "the keys of all rules are kept, whichever an import goes by"


def test_an_import_may_only_bring_up_to_date(desk):
    imported(desk, ("王芳", "13800000001", "甲", ""))
    rows = (("王芳", "13800000001", "丙", ""), ("李伟", "13800000002", "乙", ""), ("", "13800000003", "丁", ""))
    summary = imported(desk, *rows, duplicates="update_only")["summary"]
    assert (summary["update"], summary["skip"], summary["create"], summary["failed"]) == (1, 2, 0, 0)
    assert companies(desk) == [("王芳", "+8613800000001", "丙")]


@pytest.mark.parametrize(("given", "pointer"), [
    (["name"], "/match_by/0"), ([], "/match_by"), ("phone", "/match_by"), (["phone", 5], "/match_by/1")])
def test_rules_that_the_object_does_not_have_are_refused(lone_desk, given, pointer):
    answer = lone_desk.configure(lone_desk.sheet(HEADER, ("王芳", "13800000001", "", "")), match_by=given)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, pointer)
