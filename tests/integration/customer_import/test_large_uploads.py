"""Sheets that come in pieces: nothing is lost with a connection, nothing counts twice, nothing stays for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from services.customer.store.imports.pieces_on_disk import part_of
from services.customer.store.imports.tables import import_upload
from services.customer.usecases.imports.large import PIECE, purge_uploads
from tests.integration.customer_import.conftest import Desk

SHEET = "姓名,手机\n".encode() + b"".join(f"名{number},138{number:08d}\n".encode() for number in range(3000))


def call(desk: Desk, method: str, path: str = "", json: Any = None, user: str | None = None, **more: Any) -> Any:
    """Send a request below /v1/imports/uploads."""
    return desk.harness.call(user or desk.user, method, f"/v1/imports/uploads{path}", json, **more)


def begin(desk: Desk, size: int = len(SHEET), **more: Any) -> str:
    """Begin to upload the sheet."""
    answer = call(desk, "POST", "", {"object": "lead", "filename": "large.csv", "size": size, **more})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()["id"]


def put(desk: Desk, id: str, offset: int, piece: bytes) -> Any:
    """Send a piece."""
    return call(desk, "PUT", f"/{id}?offset={offset}", data=piece, content_type="application/octet-stream")


def test_a_sheet_comes_in_pieces_and_is_imported(desk: Desk) -> None:
    id = begin(desk)
    for offset in range(0, len(SHEET), 20_000):
        answer = put(desk, id, offset, SHEET[offset:offset + 20_000])
        assert answer.get_json()["received"] == min(offset + 20_000, len(SHEET))

    made = call(desk, "POST", f"/{id}/finish")

    assert (made.status_code, made.get_json()["row_count"], made.get_json()["filename"]) == (201, 3000, "large.csv")
    desk.run(made.get_json()["id"])
    assert desk.count() == 3000
    assert not part_of(desk.harness.service.settings.home, id).exists()


def test_after_a_loss_the_client_goes_on_where_the_server_stands(desk: Desk) -> None:
    id = begin(desk)
    put(desk, id, 0, SHEET[:10_000])
    again = put(desk, id, 0, SHEET[:10_000])
    ahead = put(desk, id, 30_000, SHEET[30_000:40_000])

    assert [(one.status_code, one.get_json()["code"]) for one in (again, ahead)] == [(409, "upload_offset")] * 2
    assert call(desk, "POST", f"/{id}/finish").status_code == 409
    stands = call(desk, "GET", f"/{id}").get_json()["received"]
    put(desk, id, stands, SHEET[stands:])

    assert call(desk, "POST", f"/{id}/finish").get_json()["row_count"] == 3000


def test_what_was_written_but_not_confirmed_is_written_over(desk: Desk) -> None:
    id = begin(desk)
    put(desk, id, 0, SHEET[:10_000])
    with part_of(desk.harness.service.settings.home, id).open("ab") as file:
        file.write(b"half a piece of a worker that died")

    put(desk, id, 10_000, SHEET[10_000:])

    assert call(desk, "POST", f"/{id}/finish").get_json()["row_count"] == 3000


def test_a_lost_answer_to_the_end_is_asked_for_again(desk: Desk) -> None:
    id = begin(desk)
    put(desk, id, 0, SHEET)

    first, second = (call(desk, "POST", f"/{id}/finish").get_json() for _ in range(2))

    assert first["id"] == second["id"]
    assert len(desk.call("GET", "").get_json()["items"]) == 1


def test_what_is_no_sheet_is_refused_and_can_be_given_up(desk: Desk) -> None:
    id = begin(desk, size=8)
    put(desk, id, 0, b"%PDF-1.7")

    answer = call(desk, "POST", f"/{id}/finish")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "sheet_not_recognised")
    assert call(desk, "DELETE", f"/{id}").status_code == 204
    assert call(desk, "GET", f"/{id}").status_code == 404


def test_limits_hold(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    id = begin(desk, size=10)
    settings = desk.harness.service.settings

    assert put(desk, id, 0, b"x" * 11).status_code == 422
    assert put(desk, id, 0, b"x" * (PIECE + 1)).status_code == 413
    large = {"object": "lead", "filename": "x.csv", "size": settings.import_upload_max_bytes + 1}
    assert call(desk, "POST", "", large).get_json()["code"] == "sheet_too_large"
    for _ in range(4):
        begin(desk)
    assert call(desk, "POST", "", {"object": "lead", "filename": "x.csv", "size": 1}).status_code == 429


def test_an_upload_that_is_never_ended_goes(desk: Desk) -> None:
    id = begin(desk)
    put(desk, id, 0, SHEET[:10_000])
    with desk.harness.service.db.unit_of_work() as uow:
        uow.execute(update(import_upload).values(expires_at=utcnow() - timedelta(seconds=1)))

    assert put(desk, id, 10_000, SHEET[10_000:]).status_code == 404
    purge_uploads(desk.harness.service)

    assert not part_of(desk.harness.service.settings.home, id).exists()


def test_an_upload_is_its_persons_alone(desk: Desk) -> None:
    id = begin(desk)
    other = desk.harness.administrator()
    reader = desk.harness.user("Reader", roles=(desk.harness.role({"lead": {"actions": ["read"], "scope": "all"}}),))

    found = [call(desk, method, f"/{id}{rest}", user=other).status_code
             for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/finish"), ("PUT", "?offset=0"))]

    assert found == [404] * 4
    wish = {"object": "lead", "filename": "x.csv", "size": 1}
    assert call(desk, "POST", "", wish, user=reader).status_code == 403


def test_a_request_that_makes_no_sense_is_refused(desk: Desk) -> None:
    good = {"object": "lead", "filename": "x.csv", "size": 1}
    wrong = [{**good, "size": 0}, {**good, "size": "1"}, {**good, "filename": "\x01"}, {**good, "filename": ""},
             {**good, "object": 1}, {**good, "more": 1}, {**good, "filename": "x" * 201}]

    assert [call(desk, "POST", "", one).status_code for one in wrong] == [422] * len(wrong)
    id = begin(desk)
    assert [call(desk, "PUT", f"/{id}{query}", data=b"x").status_code for query in ("", "?offset=-1", "?offset=x")] == [
        422] * 3
