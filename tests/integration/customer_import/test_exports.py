"""Exports in the background: written with bounded memory, downloaded while they are kept, told to the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from chassis.db.tables import job
from services.customer.store.exports.files import folder_of
from services.customer.store.exports.tables import export_run
from services.customer.usecases.exports.write import purge_exports
from tests.integration.customer_import.conftest import Desk

AUDIT = "freehold.customer.audit.recorded.v1"


@pytest.fixture
def full(desk: Desk) -> Desk:
    """The desk of somebody who has 1,200 leads."""
    desk.run(desk.sheet(("姓名", "手机"), *[(f"名{number}", f"138{number:08d}") for number in range(1200)]))
    return desk


def call(desk: Desk, method: str, path: str = "", json: Any = None, user: str | None = None) -> Any:
    """Send a request below /v1/exports."""
    return desk.harness.call(user or desk.user, method, f"/v1/exports{path}", json)


def ask(desk: Desk, **more: Any) -> str:
    """Ask for leads as CSV."""
    answer = call(desk, "POST", "", {"object": "lead", "format": "csv", "fields": ["name"], **more})
    assert answer.status_code == 202, answer.get_data(as_text=True)
    return answer.get_json()["id"]


def state(desk: Desk, id: str) -> str:
    """The state of an export."""
    return call(desk, "GET", f"/{id}").get_json()["state"]


def test_a_large_list_is_written_behind_and_downloaded_afterwards(full: Desk) -> None:
    id = ask(full)
    assert (state(full, id), call(full, "GET", f"/{id}/file").status_code) == ("writing", 409)

    full.work()

    shown = call(full, "GET", f"/{id}").get_json()
    assert (shown["state"], shown["progress"]) == ("finished", {"done": 1200, "total": 1200})
    answer = call(full, "GET", f"/{id}/file")
    assert len(answer.get_data(as_text=True).splitlines()) == 1201
    assert int(answer.headers["Content-Length"]) == len(answer.get_data())
    assert [one["id"] for one in call(full, "GET").get_json()["items"]] == [id]


def test_every_download_stands_in_the_audit_log(full: Desk) -> None:
    id = ask(full)
    full.work()
    before = len(full.harness.published(AUDIT))

    for _ in range(2):
        call(full, "GET", f"/{id}/file")

    told = full.harness.published(AUDIT)[before:]
    assert [(one.data["action"], one.data["detail"]["rows"]) for one in told] == [("records.exported", 1200)] * 2


def test_the_file_goes_when_its_time_is_over(full: Desk) -> None:
    id = ask(full)
    full.work()
    with full.harness.service.db.unit_of_work() as uow:
        uow.execute(update(export_run).values(expires_at=utcnow() - timedelta(seconds=1)))

    assert (state(full, id), call(full, "GET", f"/{id}/file").status_code) == ("expired", 410)
    purge_exports(full.harness.service)

    assert list(folder_of(full.harness.service.settings.home).glob("*")) == []


def test_a_worker_that_dies_leaves_nothing_to_download_and_the_next_one_writes_it_whole(
        full: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    id = ask(full)
    monkeypatch.setattr("services.customer.usecases.exports.write._end", lambda *_, **__: 1 / 0)
    full.work()
    assert (state(full, id), call(full, "GET", f"/{id}/file").status_code) == ("writing", 409)
    monkeypatch.undo()

    with full.harness.service.db.unit_of_work() as uow:
        uow.execute(update(job).values(lease_until=None))
    full.work()

    assert state(full, id) == "finished"
    assert len(call(full, "GET", f"/{id}/file").get_data(as_text=True).splitlines()) == 1201


def test_a_stopped_export_is_not_written(full: Desk) -> None:
    id = ask(full)

    assert call(full, "DELETE", f"/{id}").status_code == 204
    full.work()

    assert (state(full, id), call(full, "GET", f"/{id}/file").status_code) == ("cancelled", 409)


def test_nobody_sees_the_exports_of_others_nor_without_the_action(full: Desk) -> None:
    id = ask(full)
    full.work()
    other = full.harness.administrator()
    reader = full.harness.user("Reader", roles=(full.harness.role({"lead": {"actions": ["read"], "scope": "all"}}),))

    assert [call(full, method, f"/{id}{rest}", user=other).status_code
            for method, rest in (("GET", ""), ("GET", "/file"), ("DELETE", ""))] == [404, 404, 404]
    assert call(full, "POST", "", {"object": "lead", "format": "csv"}, user=reader).status_code == 403


def test_a_request_that_makes_no_sense_is_refused(full: Desk) -> None:
    good = {"object": "lead", "format": "csv"}
    wrong = [{"object": "lead", "format": "pdf"}, {"format": "csv"}, {**good, "for_import": 1},
             {**good, "fields": ["nothing"]}, {**good, "x": 1}]

    assert [call(full, "POST", "", one).status_code for one in wrong] == [422] * len(wrong)
    assert call(full, "POST", "", {"object": "nothing", "format": "csv"}).status_code == 404


def test_a_person_has_only_a_few_exports_written_at_once(full: Desk) -> None:
    for _ in range(5):
        ask(full)

    assert call(full, "POST", "", {"object": "lead", "format": "csv"}).status_code == 429
