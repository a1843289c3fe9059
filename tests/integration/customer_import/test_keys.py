"""Imports that go by a chosen key: the id, a number, a unique or an indexed field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.customer_import.conftest import Desk
from tests.integration.customer_import.test_parts import CLIENT, outcome


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """The desk of somebody who has two clients."""
    for definition in (CLIENT, ):
        answer = desk.harness.call(desk.user, "POST", "/v1/objects", definition)
        assert answer.status_code == 201, answer.get_data(as_text=True)
    desk.run(desk.sheet(("Name", "Code", "Size"), ("Anker", "A1", "5"), ("Berg", "B1", "6"), object="client"))
    return desk


def brought(shop: Desk, header: tuple[str, ...], *rows: tuple[str, ...], **choices: Any) -> tuple[str, tuple[int, ...]]:
    """Import rows with these choices; the dry run says what the import then does."""
    id = shop.sheet(header, *rows, object="client")
    answer = shop.configure(id, **choices)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    checked, ended = outcome(shop.check(id)), outcome(shop.run(id))
    assert checked == ended
    return id, ended


def sizes(shop: Desk) -> dict[str, int | None]:
    """Name → size."""
    return {one["name"]: one["size"] for one in shop.records("client")}


def test_a_unique_field_brings_up_to_date_what_it_names_and_makes_the_rest(shop: Desk) -> None:
    _, ended = brought(shop, ("Code", "Name", "Size"), ("A1", "Anker AG", "50"), ("C1", "Cato", "7"),
                       key="code", duplicates="update")

    assert ended == (1, 1, 0, 0)
    assert sizes(shop) == {"Anker AG": 50, "Berg": 6, "Cato": 7}


def test_update_only_skips_unknown_values_and_refuses_empty_ones(shop: Desk) -> None:
    id, ended = brought(shop, ("Code", "Size"), ("A1", "51"), ("ZZ", "1"), ("", "2"), key="code",
                        duplicates="update_only")

    assert ended == (0, 1, 1, 1)
    assert shop.codes(id) == {4: {("code", "key_missing")}}


def test_the_number_that_the_system_gave_may_be_the_key(shop: Desk) -> None:
    number = next(one["number"] for one in shop.records("client") if one["name"] == "Berg")
    id, ended = brought(shop, ("Number", "Size"), (number, "60"), ("K-9999", "1"), key="number",
                        mapping={"0": "number", "1": "size"}, duplicates="update_only")

    assert ended == (0, 1, 0, 1)
    assert shop.codes(id) == {3: {("number", "key_unknown")}}
    assert sizes(shop)["Berg"] == 60


def test_a_sheet_with_record_ids_goes_by_them_without_being_told(shop: Desk) -> None:
    ids = {one["name"]: one["id"] for one in shop.records("client")}
    id = shop.sheet(("Id", "Name", "Size"), (ids["Anker"], "Anker", "5"), (ids["Berg"], "Berg", "61"), object="client")

    run = shop.show(id)
    assert (run["key"], run["duplicates"], run["mapping"]["0"]) == ("id", "update_only", "id")
    shop.run(id)

    versions = {one["name"]: one["version"] for one in shop.records("client")}
    assert (versions, sizes(shop)) == ({"Anker": 1, "Berg": 2}, {"Anker": 5, "Berg": 61})


def test_a_value_of_several_records_is_refused(shop: Desk) -> None:
    shop.harness.call(shop.user, "PATCH", "/v1/objects/client/fields/size", {"indexed": True})
    brought(shop, ("Name", "Size"), ("Dock", "5"), duplicates="create")

    id, ended = brought(shop, ("Size", "Code"), ("5", "Q"), key="size", duplicates="update_only")

    assert (ended, shop.codes(id)) == ((0, 0, 0, 1), {2: {("size", "key_ambiguous")}})


def test_a_key_must_be_a_key_and_have_a_column(shop: Desk) -> None:
    id = shop.sheet(("Name", "Size"), ("X", "1"), object="client")

    codes = {key: shop.configure(id, key=key).get_json()["errors"][0]["code"] for key in ("size", "code", "nothing")}
    mapped = shop.configure(id, mapping={"0": "name", "1": "number"})

    assert codes == {"size": "not_a_choice", "code": "key_unmapped", "nothing": "not_a_choice"}
    assert mapped.get_json()["errors"][0]["code"] == "read_only"
