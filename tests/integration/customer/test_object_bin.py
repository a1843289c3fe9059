"""Deleted objects: gone at once, back with everything, and dropped with everything once they are let go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, update

from chassis.clock import utcnow
from services.customer.store.definitions import read_all
from services.customer.store.files.attachments import ATTACHED, DROPPED
from services.customer.store.files.tables import attachment
from services.customer.store.tables import metadata, object_def
from services.customer.usecases import settle_schema
from services.customer.usecases.rebuild_search import settle_search

from .test_lead_journey import run_jobs

PDF = b"%PDF-1.7 " + b"words" * 20
TRIP = {"name": "trip", "label": {"en": "Trip", "zh-CN": "差旅"}, "fields": [
    {"name": "name", "type": "text", "indexed": True}, {"name": "number", "type": "auto_number"},
    {"name": "papers", "type": "file"}, {"name": "customer_id", "type": "reference", "options": {"object": "customer"}},
    {"name": "guests", "type": "reference_list", "options": {"object": "contact"}}]}


@pytest.fixture
def trip(company: Any, monkeypatch: Any) -> dict[str, Any]:
    """An object with a record that has a file and links of both kinds."""
    monkeypatch.setattr(settle_schema, "NOTICED", settle_schema.NOTICED * 0)
    good(company, "POST", "/objects", TRIP)
    customer, guest = (good(company, "POST", f"/records/{name}", {"name": "x"})["id"]
                       for name in ("customer", "contact"))
    uploaded = company.call(company.admin, "POST", "/files?object=trip&field=papers&name=a.pdf", data=PDF,
                            content_type="application/octet-stream")
    assert uploaded.status_code == 201, uploaded.json
    return good(company, "POST", "/records/trip", {
        "name": "Beijing", "papers": [{"id": uploaded.json["id"]}], "customer_id": customer, "guests": [guest]})


def good(company: Any, method: str, path: str, body: Any = None) -> Any:
    answer = company.call(company.admin, method, path, body)
    assert answer.status_code < 300, answer.json
    return answer.json if answer.status_code != 204 else None


def told(company: Any) -> list[dict[str, Any]]:
    return [event.data for event in company.harness.published("freehold.customer.object.changed.v1")
            if event.data["object"]["name"] == "trip"]


def test_a_deleted_object_is_gone_at_once_and_comes_back_with_its_records(company: Any, trip: dict[str, Any]) -> None:
    good(company, "DELETE", "/objects/trip")
    record = f"/records/trip/{trip['id']}"
    for path in ("/objects/trip", "/records/trip", record, f"{record}/timeline"):
        assert company.call(company.admin, "GET", path).status_code == 404, path
    assert "trip" not in [one["name"] for one in good(company, "GET", "/objects")["items"]]
    assert good(company, "GET", "/search?q=Beijing")["items"] == []
    assert company.call(company.admin, "POST", "/objects", TRIP).json["code"] == "name_in_bin"
    (binned,) = good(company, "GET", "/object-bin")["items"]
    assert (binned["name"], binned["label"]["en"]) == ("trip", "Trip")
    settle_schema.settle(company.harness.service)
    settle_search(company.harness.service)

    back = good(company, "POST", "/object-bin/trip/restore")
    assert [one["name"] for one in back["fields"]] == [one["name"] for one in TRIP["fields"]]
    assert good(company, "GET", f"/records/trip/{trip['id']}") == trip
    assert good(company, "GET", "/object-bin")["items"] == []
    assert len(good(company, "GET", f"/records/trip/{trip['id']}/timeline")["items"]) == 1
    assert company.call(company.admin, "GET", f"/files/{trip['papers'][0]['id']}").data == PDF
    assert [(one["deleted"], one.get("reread")) for one in told(company)[-2:]] == [(True, None), (False, True)]
    settle_search(company.harness.service)
    run_jobs(company)
    assert good(company, "GET", "/search?q=Beijing")["items"][0]["object"] == "trip"
    assert company.call(company.admin, "POST", "/object-bin/trip/restore").json["code"] == "object_not_in_bin"


def test_what_a_deleted_object_points_at_can_be_deleted(company: Any, trip: dict[str, Any]) -> None:
    good(company, "DELETE", "/objects/trip")
    good(company, "DELETE", f"/records/customer/{trip['customer_id']}")
    good(company, "DELETE", f"/records/contact/{trip['guests'][0]}")
    good(company, "POST", "/object-bin/trip/restore")
    back = good(company, "GET", f"/records/trip/{trip['id']}")
    assert (back["customer_id"], back["guests"], back["name"]) == (None, None, "Beijing")


@pytest.mark.parametrize("by_time", [True, False])
def test_purging_drops_tables_links_history_search_and_files(company: Any, trip: dict[str, Any], by_time: bool) -> None:
    settle_search(company.harness.service)
    run_jobs(company)
    good(company, "DELETE", "/objects/trip")
    if by_time:
        with company.harness.service.db.unit_of_work() as uow:
            uow.execute(update(object_def).where(object_def.c.name == "trip").values(
                updated_at=utcnow() - timedelta(days=31)))
    else:
        good(company, "DELETE", "/object-bin/trip")
    for _ in range(3):
        settle_schema.settle(company.harness.service)
    with company.harness.service.db.read() as connection:
        tables = set(inspect(connection).get_table_names())
        assert not {"r_trip", "l__trip__guests"} & tables
        left = {table.name: connection.execute(select(func.count()).where(table.c.object == "trip")).scalar()
                for table in metadata.sorted_tables if "object" in table.c}
        states = list(connection.execute(select(attachment.c.state)).scalars())
    assert {name: count for name, count in left.items() if count} == {"attachment": 1}
    assert states == [DROPPED]
    assert good(company, "GET", "/object-bin")["items"] == []
    good(company, "POST", "/objects", TRIP)
    assert good(company, "POST", "/records/trip", {"name": "again"})["number"] == "000001"


def test_objects_that_point_at_each_other_through_bins_are_purged_together(company: Any, trip: dict[str, Any]) -> None:
    good(company, "POST", "/objects", {"name": "bill", "fields": [
        {"name": "name", "type": "text"}, {"name": "trip_id", "type": "reference", "options": {"object": "trip"}}]})
    bill = good(company, "POST", "/records/bill", {"name": "b", "trip_id": trip["id"]})
    assert company.call(company.admin, "DELETE", "/objects/trip").json["code"] == "object_in_use"
    good(company, "DELETE", "/objects/bill/fields/trip_id")
    good(company, "DELETE", "/objects/trip")
    answer = company.call(company.admin, "POST", "/objects/bill/bin/trip_id/restore", {})
    assert answer.status_code == 422, answer.json
    good(company, "DELETE", "/object-bin/trip")
    for _ in range(4):
        settle_schema.settle(company.harness.service)
    with company.harness.service.db.read() as connection:
        assert "trip" not in read_all(connection)
        assert "r_trip" not in inspect(connection).get_table_names()
    assert good(company, "PATCH", f"/records/bill/{bill['id']}", {"name": "c"})["name"] == "c"
    assert good(company, "POST", "/records/bill", {"name": "d"})["name"] == "d"
    good(company, "POST", "/objects", TRIP)


def test_an_object_waits_for_what_it_points_at(company: Any, trip: dict[str, Any]) -> None:
    good(company, "POST", "/objects", {"name": "bill", "fields": [
        {"name": "name", "type": "text"}, {"name": "trip_id", "type": "reference", "options": {"object": "trip"}}]})
    good(company, "DELETE", "/objects/bill")
    good(company, "DELETE", "/objects/trip")
    refused = company.call(company.admin, "POST", "/object-bin/bill/restore")
    assert (refused.status_code, refused.json["code"]) == (409, "targets_missing")
    good(company, "POST", "/object-bin/trip/restore")
    good(company, "POST", "/object-bin/bill/restore")


def test_a_purged_field_lets_go_of_its_files(company: Any, trip: dict[str, Any]) -> None:
    good(company, "DELETE", "/objects/trip/fields/papers")
    settle_schema.settle(company.harness.service)
    assert _states(company) == [ATTACHED]
    good(company, "DELETE", "/objects/trip/bin/papers")
    settle_schema.settle(company.harness.service)
    assert _states(company) == [DROPPED]


def test_only_who_manages_objects_sees_the_bin(company: Any, trip: dict[str, Any]) -> None:
    good(company, "DELETE", "/objects/trip")
    for method, path in (("GET", "/object-bin"), ("POST", "/object-bin/trip/restore"), ("DELETE", "/object-bin/trip")):
        assert company.call(company.wang, method, path).status_code == 403


def _states(company: Any) -> list[str]:
    with company.harness.service.db.read() as connection:
        return list(connection.execute(select(attachment.c.state)).scalars())


def test_objects_that_point_at_each_other_go_together_and_bring_each_other_back(company: Any) -> None:
    link = {"name": "seat_id", "type": "reference", "options": {"object": "seat"}}
    good(company, "POST", "/objects/batch", {"objects": [
        {"name": "table", "fields": [{"name": "name", "type": "text"}, link]},
        {"name": "seat", "fields": [{"name": "name", "type": "text"},
                                    {"name": "table_id", "type": "reference", "options": {"object": "table"}}]}]})
    good(company, "POST", "/records/table", {"name": "T1"})
    uses = good(company, "GET", "/objects/table/uses")
    assert uses["records"] == 1
    assert good(company, "GET", "/objects/table/fields/name/uses")["records"] is None
    for name in ("table", "seat"):
        assert company.call(company.admin, "DELETE", f"/objects/{name}").json["code"] == "object_in_use"
    good(company, "POST", "/object-bin", {"objects": ["seat", "table"]})
    for name in ("table", "seat"):
        assert company.call(company.admin, "GET", f"/objects/{name}").status_code == 404
        alone = company.call(company.admin, "POST", f"/object-bin/{name}/restore")
        assert (alone.status_code, alone.json["code"]) == (409, "targets_missing")
    assert good(company, "POST", "/object-bin/table/restore?needed=true")["name"] == "table"
    assert [one["name"] for one in good(company, "POST", "/records/table/query", {})["items"]] == ["T1"]
    assert company.call(company.admin, "GET", "/objects/seat").status_code == 200


def test_objects_go_together_only_when_nothing_else_needs_them(company: Any, trip: dict[str, Any]) -> None:
    held = company.call(company.admin, "POST", "/object-bin", {"objects": ["customer", "contact"]})
    assert (held.status_code, held.json["code"]) == (409, "object_in_use")
    assert company.call(company.admin, "GET", "/objects/contact").status_code == 200, "all of them, or none"
    assert company.call(company.admin, "POST", "/object-bin", {"objects": ["trip", "nothing"]}).status_code == 404
    for objects in (None, [], ["trip", 7], ["trip"] * 101):
        wrong = company.call(company.admin, "POST", "/object-bin", {"objects": objects})
        assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/objects")
    assert company.call(company.wang, "POST", "/object-bin", {"objects": ["trip"]}).status_code == 403
