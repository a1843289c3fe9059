"""How alike two records are: companies, people, numbers; and how well that works on people made up by others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.likeness import COMPANIES, measure_companies, measure_people
from services.customer.model.likeness.companies import company
from services.customer.model.likeness.kinds import KINDS
from services.customer.model.likeness.scoring import blocks_of, forms_of, score
from services.customer.model.likeness.setup import Setup
from services.customer.model.likeness.texts import alike

FEBRL = Path(__file__).resolve().parents[2] / "data" / "febrl"
CUSTOMER = Setup({"name": "company", "phone": "phone", "email": "email", "address": "place"})
PERSON = Setup({"name": "person", "phone": "phone", "email": "email", "birthday": "birthday"})


def judged(setup: Setup, one: dict[str, str], other: dict[str, str]) -> tuple[float, dict[str, str]]:
    found = score(setup, forms_of(setup, one), forms_of(setup, other))
    return found.value, {name: reason for name, reason, _ in found.reasons}


@pytest.mark.parametrize(("name", "core"), [
    ("杭州恒科機械有限公司", "恒科机械"), ("恒科机械（杭州）有限责任公司", "恒科机械"),
    ("恒科机械股份有限公司", "恒科机械"),
    ("恒科机械集团", "恒科机械"), ("Hengke Machinery Co., Ltd.", "hengke machinery"), ("Siemens AG", "siemens"),
    ("Müller GmbH & Co. KG", "muller"), ("北京", "北京"), ("中国石油天然气股份有限公司", "石油天然气")])
def test_the_core_of_a_company_tells_it_from_others(name: str, core: str) -> None:
    assert company(name).core == core


@pytest.mark.parametrize(("kind", "one", "other", "reason"), [
    ("company", "上海恒科有限公司", "上海恒科股份公司", "same_core"),
    ("company", "上海恒科", "北京恒科", "other_place"),
    ("company", "杭州恒科电子", "杭州衡科电子", "sounds_alike"), ("company", "华信机械", "大成物流", "different"),
    ("company", "Hengke Machinery Ltd", "Hengke Machinary Ltd", "similar"),
    ("person", "张伟", "張偉", "same"), ("person", "张伟", "章伟", "sounds_alike"),
    ("person", "Wei Zhang", "zhang wei", "swapped"),
    ("person", "王芳", "李雷", "different"), ("phone", "+8613857101234", "+8613857101243", "similar"),
    ("phone", "+8613857101234", "+8613900001111", "different"), ("email", "A@b.cn", "a@b.cn", "same"),
    ("website", "https://www.hengke.com/a", "http://hengke.com", "same"),
    ("birthday", "1990-01-12", "1990-01-21", "similar")])
def test_values_are_compared_as_what_they_are(kind: str, one: str, other: str, reason: str) -> None:
    likeness = KINDS[kind]
    assert likeness.compare(likeness.form(one), likeness.form(other))[1] == reason


def test_a_pair_is_judged_by_all_that_both_have() -> None:
    one = {"name": "杭州恒科机械有限公司", "phone": "+8613857101234"}
    assert judged(CUSTOMER, one, {"name": "恒科机械", "phone": "+8613900001111"})[0] > 0.65
    assert judged(CUSTOMER, one, {"name": "大成物流", "phone": "+8613857101234"})[0] < 0.65
    assert judged(CUSTOMER, one, {"name": "恒科機械", "address": "滨江区"})[1] == {"name": "same_core"}
    assert judged(CUSTOMER, {"address": "滨江区"}, {"address": "滨江区"})[0] == 0, "an address alone says nothing"
    born = [{"name": "张伟", "birthday": day} for day in ("1990-01-12", "1971-05-30")]
    assert judged(PERSON, *born)[0] < 0.65


def test_records_that_are_alike_share_a_block() -> None:
    pairs = [({"name": "杭州恒科机械有限公司"}, {"name": "恒科機械（杭州）"}),
             ({"name": "恒科电子"}, {"name": "衡科电子"}),
             ({"name": "A", "phone": "+8613857101234"}, {"name": "B", "phone": "+8613857101234"})]
    for one, other in pairs:
        assert blocks_of(CUSTOMER, forms_of(CUSTOMER, one)) & blocks_of(CUSTOMER, forms_of(CUSTOMER, other))


@given(st.text(max_size=50), st.text(max_size=50))
def test_likeness_is_a_share_and_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert 0 <= alike(one, other) <= 1
    assert alike(one, one) == 1
    assert (alike(one, other) == 1) == (one == other) or len(max(one, other, key=len)) > 32
    setup = Setup({"a": "company", "b": "person"})
    pair = [forms_of(setup, {"a": one, "b": other}), forms_of(setup, {"a": other, "b": one})]
    assert 0 <= score(setup, *pair).value <= 1


def test_f1_is_at_least_95_percent_on_the_first_set_of_febrl() -> None:
    quality = measure_people([FEBRL / "dataset1.csv"])
    assert quality.records == 1000
    assert quality.f1 >= 0.95, quality
    assert quality.compared < 1000 * 999 / 2 / 20, "blocks leave a twentieth of all pairs at most"


@pytest.mark.parametrize("name", COMPANIES)
def test_f1_is_at_least_90_percent_on_made_up_companies(name: str) -> None:
    quality = measure_companies(COMPANIES[name], 800)
    assert (quality.records, quality.f1 >= 0.90, quality.recall >= 0.95) == (quality.records, True, True), quality


@pytest.mark.parametrize(("one", "other", "reason"), [
    ("Granite Stone Tools Ltd", "Granite Stone Foods Ltd", "different"),
    ("Granite Stone Tools Ltd", "Granit Stone Tools GmbH", "similar"),
    ("Granite Stone Tools B.V.", "GRANITE STONE TOOLS, Inc.", "same_core"),
    ("Granite Stone Tools", "GraniteStone Tools Ltd", "similar"),
    ("Plant 1 Services", "Plant 2 Services", "different"),
    ("Smith and Sons Ltd", "Smith & Sons", "same_core"),
    ("杭州远洋机械有限公司", "杭州远大机械有限公司", "different"),
    ("杭州远洋机械有限公司", "远洋机械设备公司", "similar"),
    ("远洋机械有限公司", "远洋机械有限公司（杭州）", "same_core"),
    ("远洋机械有限公司杭州分公司", "远洋机械", "same_core"),
    ("远洋机械", "洋远机械", "similar"), ("Granite 机械", "Granite Tools", "different"),
])
def test_companies_differ_by_a_word_and_not_by_a_slip(one: str, other: str, reason: str) -> None:
    kind = KINDS["company"]
    assert kind.compare(kind.form(one), kind.form(other))[1] == reason
