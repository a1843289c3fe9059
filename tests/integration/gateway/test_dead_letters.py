"""Dead letters over the REST surface of the whole product: looked at, sent again, discarded, and audited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis.clock import utcnow
from chassis.db.tables import dead_letter
from chassis.events.message import new_message
from chassis.ids import new_id
from chassis.service import Service
from tests.support.house import House, open_house
from tests.support.main_job import eventually

SERVICES = ("gateway", "customer", "workflow", "notify", "report")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    make: Callable[[str], str] | None = None
    if request.param == "postgres":
        make = request.getfixturevalue("make_postgres_database")
    with open_house(tmp_path_factory.mktemp("dead-letters"), make) as opened:
        yield opened


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_shows_replays_and_discards_its_dead_letters(house: House, name: str) -> None:
    service = house.embedded.services[name]
    first, second = _dies(service, "first"), _dies(service, "second")
    base = f"/api/{name}/v1/admin/dead-letters"

    listed = house.good(house.admin_id, "GET", base)["items"]
    assert [row["id"] for row in listed][:2] == [second, first], "the newest comes first"
    shown = house.good(house.admin_id, "GET", f"{base}/{first}")
    assert shown["message"]["data"] == {"name": "first"}
    assert shown["error"] == "ValueError: cannot take first"

    assert house.call(house.admin_id, "POST", f"{base}/{first}/replay", {})[0] == 204
    assert house.call(house.admin_id, "POST", f"{base}/{first}/replay", {})[1]["code"] == "already_replayed"
    assert house.call(house.admin_id, "DELETE", f"{base}/{second}")[0] == 204
    assert house.call(house.admin_id, "GET", f"{base}/{second}")[0] == 404
    waiting = {row["id"] for row in house.good(house.admin_id, "GET", base)["items"]}
    assert waiting.isdisjoint({first, second})
    eventually(lambda: _audited(house, first) == [("dead_letter.replayed", name)], "the replay stands in the audit log")
    eventually(lambda: _audited(house, second) == [("dead_letter.discarded", name)], "the end stands there too")


def test_the_list_has_pages_and_knows_queues(house: House) -> None:
    service = house.embedded.services["notify"]
    ids = [_dies(service, f"paged {number}", "notify.paged") for number in range(5)]
    seen: list[str] = []
    address = "/api/notify/v1/admin/dead-letters?limit=2&queue=notify.paged"
    cursor = ""
    while cursor is not None:
        page = house.good(house.admin_id, "GET", address + (f"&cursor={cursor}" if cursor else ""))
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ids[::-1]


def test_what_is_no_message_can_only_be_discarded(house: House) -> None:
    id = _dies(house.embedded.services["report"], "not JSON", malformed=True)
    base = f"/api/report/v1/admin/dead-letters/{id}"
    shown = house.good(house.admin_id, "GET", base)
    assert (shown["message"], shown["text"]) == (None, "not JSON")
    status, problem = house.call(house.admin_id, "POST", f"{base}/replay", {}, {"Accept-Language": "zh-CN"})
    assert (status, problem["code"]) == (409, "not_replayable")
    assert house.call(house.admin_id, "DELETE", base)[0] == 204


def test_who_may_not_read_everything_that_a_letter_tells_of_sees_its_shape(house: House) -> None:
    customer, record = house.embedded.services["customer"], new_id()
    told = {"object": "lead", "changes": [{"id": record, "action": "updated", "version": 2, "record": {
        "name": "王芳", "phone": "+8613800138000", "score": 7, "note": None}}]}
    letter, malformed = _dies(customer, "secret", data=told), _dies(customer, "13800138000", malformed=True)
    base = "/api/customer/v1/admin/dead-letters"
    operator = _operator(house, {})
    seller = _operator(house, {"lead": {"actions": ["read"], "scope": "all", "fields": {}}})
    clerk = _operator(house, {"lead": {"actions": ["read"], "scope": "all", "fields": {"phone": "masked"}}})
    for who in (operator, clerk):
        shown = house.good(who, "GET", f"{base}/{letter}")
        assert shown["masked"] is True
        assert shown["message"]["data"] == {"object": "lead", "changes": [{
            "id": record, "action": "updated", "version": 2,
            "record": {"name": "•••", "phone": "•••", "score": "•••", "note": None}}]}
        assert "王芳" not in shown["text"]
        assert "+8613800138000" not in shown["text"]
        assert house.good(who, "GET", f"{base}/{malformed}")["text"] == ""
    for who in (house.admin_id, seller):
        shown = house.good(who, "GET", f"{base}/{letter}")
        assert (shown["masked"], shown["message"]["data"]) == (False, told)
    assert house.good(seller, "GET", f"{base}/{malformed}")["text"] == "", "nobody knows what it tells of"


def _operator(house: House, objects: dict[str, Any]) -> str:
    """Somebody who looks after operations, and may read so much."""
    role = house.good(house.admin_id, "POST", "/api/gateway/v1/roles", {
        "key": f"op_{new_id()[-12:]}", "name": {"en": "Operator"}, "permissions": ["system.read"],
        "objects": objects})["id"]
    made: str = house.good(house.admin_id, "POST", "/api/gateway/v1/users", {
        "username": f"op{new_id()}", "name": "Operator", "email": f"{new_id()}@example.com", "role_ids": [role],
        "locale": "en", "timezone": "UTC"})["id"]
    eventually(lambda: house.call(made, "GET", "/api/customer/v1/admin/dead-letters")[0] == 200, "he is known there")
    return made


def _dies(service: Service, name: str, queue: str | None = None, *, malformed: bool = False,
          data: dict[str, Any] | None = None) -> str:
    message = new_message(service.name, "freehold.test.thing.made.v1", None, data or {"name": name})
    id = new_id()
    with service.db.unit_of_work() as uow:
        uow.execute(dead_letter.insert().values(
            id=id, queue=queue or f"{service.name}.nobody", message_id=message.id,
            type="malformed" if malformed else message.type, body=name if malformed else message.to_json(),
            error=f"ValueError: cannot take {name}", attempts=6, dead_at=utcnow(), replayed_at=None))
    return id


def _audited(house: House, id: str) -> list[Any]:
    entries = house.good(house.admin_id, "GET", f"/api/gateway/v1/audit?target={id}")["items"]
    assert all(entry["actor"]["id"] == house.admin_id for entry in entries)
    return [(entry["action"], entry["detail"]["service"]) for entry in entries]
