"""Search entries follow behind an import: soon, each once, and right whatever happens in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from services.customer.store.imports.runs import change_run
from services.customer.store.tables import search_due
from services.customer.usecases.indexing import index_due
from tests.integration.customer_import.conftest import Desk

HEADER = ("姓名", "公司", "手机")


def rows(count: int) -> list[tuple[str, ...]]:
    """Rows of leads whose names say their place."""
    return [(f"名{number}", f"公司{number}", f"138{number:08d}") for number in range(count)]


def found(desk: Desk, text: str) -> list[str]:
    """Titles that the search box finds."""
    answer = desk.harness.call(desk.user, "GET", f"/v1/search?q={text}").get_json()
    return [hit["title"] for group in answer["items"] for hit in group["items"]]


def follow(desk: Desk) -> None:
    """Let the search catch up."""
    while index_due(desk.harness.service):
        pass


@pytest.fixture
def imported(desk: Desk) -> str:
    """An import of 600 leads that the search does not know yet."""
    id = desk.sheet(HEADER, *rows(600))
    desk.run(id)
    return id


def test_imported_records_are_found_once_the_search_has_followed(desk: Desk, imported: str) -> None:
    assert desk.show(imported)["search_waiting"] == 600
    assert found(desk, "13800000599") == []

    follow(desk)

    assert desk.show(imported)["search_waiting"] == 0
    assert found(desk, "13800000599") == ["名599"]


def test_what_was_changed_or_deleted_meanwhile_is_found_as_it_stands(desk: Desk, imported: str) -> None:
    records = desk.harness.call(desk.user, "GET", "/v1/records/lead?limit=200").get_json()["items"]
    changed, deleted = records[0], records[1]
    path = f"/v1/records/lead/{changed['id']}"
    answer = desk.harness.call(desk.user, "PATCH", path, {"phone": "+8613912345678"},
                               headers={"If-Match": f'"{changed["version"]}"'})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert desk.harness.call(desk.user, "DELETE", f"/v1/records/lead/{deleted['id']}",
                             headers={"If-Match": f'"{deleted["version"]}"'}).status_code == 204

    follow(desk)

    assert found(desk, "13912345678") == [changed["name"]]
    assert found(desk, deleted["phone"].removeprefix("+86")) == []


def test_an_import_at_work_is_followed_after_a_while_only_and_a_piece_at_a_time(desk: Desk, imported: str) -> None:
    service = desk.harness.service
    set_state(service, imported, "importing")
    assert not index_due(service)

    with service.db.unit_of_work() as uow:
        uow.execute(update(search_due).values(created_at=utcnow() - timedelta(minutes=1)))

    assert not index_due(service), "there is more, but not at once"
    assert 0 < desk.show(imported)["search_waiting"] < 600


def test_a_piece_whose_making_fails_is_made_by_the_next_worker(desk: Desk, imported: str,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("services.customer.usecases.indexing.forget_due", die)
    with pytest.raises(RuntimeError):
        index_due(desk.harness.service)
    monkeypatch.undo()
    assert desk.show(imported)["search_waiting"] == 600

    follow(desk)

    assert found(desk, "13800000001") == ["名1"]


def test_an_updating_import_is_found_by_its_new_values(desk: Desk, imported: str) -> None:
    follow(desk)
    again = desk.sheet(HEADER, *[(name, f"新{company}", phone) for name, company, phone in rows(30)])
    desk.configure(again, duplicates="update")
    desk.run(again)

    follow(desk)

    assert found(desk, "新公司7") == ["名7"]


def set_state(service: Any, id: str, state: str) -> None:
    """Put an import into a state."""
    with service.db.unit_of_work() as uow:
        change_run(uow, id, state=state)
