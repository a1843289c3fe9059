"""Columns are suggested for the fields they name, and wrong mappings are refused with their place."""

from __future__ import annotations

import pytest

from services.customer.model.faults import InvalidError
from services.customer.model.mapping.rules import check_complete, read_mapping
from services.customer.model.mapping.suggestions import Suggester, remembered
from services.customer.model.mapping.targets import Target

TARGETS = {target.name: target for target in (
    Target("name", "text", {"en": "Name", "zh-CN": "姓名"}, needed=True),
    Target("company", "text", {"en": "Company", "zh-CN": "公司"}),
    Target("phone", "phone", {"en": "Phone", "zh-CN": "手机"}),
    Target("mobile", "phone", {"en": "Second phone", "zh-CN": "备用电话"}),
    Target("email", "email", {"en": "Email", "zh-CN": "邮箱"}),
    Target("region", "choice", {"en": "Region", "zh-CN": "区域"}),
    Target("expected_amount", "money", {"en": "Expected amount", "zh-CN": "预计金额"}),
    Target("note", "long_text", {"en": "Note", "zh-CN": "备注"}),
    Target("owner_id", "user", {"en": "Owner", "zh-CN": "负责人"}))}


@pytest.mark.parametrize(("header", "field"), [
    ("姓名", "name"), ("Name", "name"), ("NAME *", "name"), ("联系人姓名", "name"),
    ("公司 Company", "company"),
    ("单位名称", "company"), ("手机号码（必填）", "phone"), ("联系电话", "phone"), ("Tel.", "phone"),
    ("E-mail", "email"),
    ("电子邮箱", "email"), ("所属区域", "region"), ("预计金额（元）", "expected_amount"), ("Budget", "expected_amount"),
    ("销售", "owner_id"),
    ("Assigned to", "owner_id"), ("expected_amount", "expected_amount"),
    ("跟进内容", "note"), ("星座", None), ("", None)])
def test_a_header_is_known_in_both_languages_and_by_usual_words(header, field):
    assert Suggester(TARGETS.values()).suggest([header]).get(0) == field


def test_each_field_is_suggested_once_for_the_column_that_names_it_best():
    assert Suggester(TARGETS.values()).suggest(["电话", "手机", "备用电话"]) == {1: "phone", 2: "mobile"}


def test_what_was_mapped_before_is_kept_as_far_as_it_still_may():
    assert remembered(["甲", "乙"], {"0": "name", "1": "gone", "7": "phone"}, TARGETS) == {0: "name"}


def faults(mapping, readable=frozenset()) -> set[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        read_mapping(mapping, 3, TARGETS, readable)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


def test_a_good_mapping_is_read_and_null_leaves_a_column_out():
    assert read_mapping({"0": "name", "1": None, "2": "phone"}, 3, TARGETS, frozenset()) == {"0": "name", "2": "phone"}


def test_wrong_mappings_are_refused_with_their_place():
    assert faults({"0": "nonsense"}) == {("/mapping/0", "unknown_field")}
    assert faults({"0": "secret"}, frozenset({"secret"})) == {("/mapping/0", "read_only")}
    assert faults({"0": "name", "1": "name"}) == {("/mapping/1", "mapped_twice")}
    assert faults({"3": "name", "x": "name", "-1": "name"}) == {
        ("/mapping/3", "unknown_column"), ("/mapping/x", "unknown_column"), ("/mapping/-1", "unknown_column")}
    assert faults({"01": "name"}) == {("/mapping/01", "unknown_column")}
    assert faults({"0": 5}) == {("/mapping/0", "not_text")}
    assert faults([]) == {("/mapping", "bad_mapping")}


def test_what_a_new_record_needs_must_be_mapped_unless_records_are_only_updated():
    with pytest.raises(InvalidError) as caught:
        check_complete({"0": "phone"}, TARGETS, "skip")
    assert [fault.code for fault in caught.value.faults] == ["required_unmapped"]
    check_complete({"0": "phone"}, TARGETS, "update")
    with pytest.raises(InvalidError):
        check_complete({}, TARGETS, "update")
