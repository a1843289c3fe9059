"""Every shipped pack is sound: its files, its words in both languages, its definitions as the product reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.packs import install_pack, load_pack, shipped_pack
from services.customer.model.calculated.plan import problems_of
from services.customer.model.composition import problems_of_composition
from services.customer.model.fields import READY
from services.customer.model.objects import ObjectDef, read_object
from tests.support.fake_freehold import FakeFreehold

INDUSTRIES = ("manufacturing", "retail", "business-services")


def definitions(*names: str) -> dict[str, ObjectDef]:
    """The objects of some packs together, with all fields ready."""
    read: dict[str, ObjectDef] = {}
    for name in names:
        for item in load_pack(shipped_pack(name)).of("object"):
            made = read_object(item.body)
            read[item.key] = replace(made, state=READY, fields=tuple(replace(one, state=READY) for one in made.fields))
    return read


@pytest.mark.parametrize("packs", [("crm",), *(("crm", name) for name in INDUSTRIES)])
def test_formulas_rollups_and_lines_mean_something_to_the_product(packs: tuple[str, ...]) -> None:
    known = definitions(*packs)
    assert problems_of(known) == []
    fields = {name: {one.name: one for one in made.fields} for name, made in known.items()}
    assert [list(problems_of_composition(made, fields[name], fields)) for name, made in known.items()] == [
        [] for _ in known]


@pytest.mark.parametrize("name", INDUSTRIES)
def test_an_industry_pack_installs_on_top_of_the_crm_and_once_is_enough(name: str) -> None:
    server = FakeFreehold()
    install_pack(server, shipped_pack("crm"))
    pack = load_pack(shipped_pack(name))
    assert {change.action for change in install_pack(server, pack)} == {"create"}
    assert {change.action for change in install_pack(server, pack)} == {"unchanged"}


@pytest.mark.parametrize("name", INDUSTRIES)
def test_every_word_of_an_industry_pack_stands_in_both_languages(name: str) -> None:
    def texts(value: Any) -> list[dict[str, str]]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        own = [value] if isinstance(value, dict) and "en" in value else []
        return own + [text for one in inner for text in texts(one)]

    for item in load_pack(shipped_pack(name)).items:
        assert all(text.keys() == {"en", "zh-CN"} for text in texts(item.body))
