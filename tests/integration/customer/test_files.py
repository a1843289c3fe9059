"""Attached files: sent, named by a record, read under its rights, let go and cleaned up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.clock import utcnow
from chassis.testkit import contracts
from services.customer.store.files.tables import attachment
from services.customer.usecases.files.clean_up import clean_up_files

from .conftest import grant
from .test_records import event_body

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 20
PDF = b"%PDF-1.7 " + b"words" * 20
FIELDS = ({"name": "papers", "type": "file", "options": {"max_files": 2}}, {"name": "photo", "type": "image"})


@pytest.fixture
def desk(company: Any) -> Any:
    for field in FIELDS:
        answer = company.call(company.admin, "POST", "/objects/lead/fields", field)
        assert answer.status_code == 201, answer.json
    return company


def send(desk: Any, who: str, content: bytes = PDF, field: str = "papers", name: str = "合同.pdf", **more: Any) -> Any:
    query = {"object": "lead", "field": field, "name": name}
    return desk.call(who, "POST", "/files", data=content, query_string=query,
                     content_type="application/octet-stream", **more)


def sent(desk: Any, who: str, *args: Any, **more: Any) -> str:
    answer = send(desk, who, *args, **more)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def states(desk: Any) -> list[str]:
    with desk.harness.service.db.read() as connection:
        return sorted(connection.execute(select(attachment.c.state)).scalars())


def stored(desk: Any) -> list[Path]:
    return [path for path in (desk.harness.folder / "files").rglob("*") if path.is_file()]


def test_a_file_is_sent_named_shown_and_read(desk: Any) -> None:
    answer = send(desk, desk.wang)
    shown = {"id": answer.json["id"], "name": "合同.pdf", "size": len(PDF), "type": "application/pdf"}
    assert answer.json == shown
    lead = desk.lead(desk.wang, papers=[shown["id"]])
    assert lead["papers"] == [shown]
    assert desk.call(desk.wang, "GET", f"/records/lead/{lead['id']}").json["papers"] == [shown]
    read = desk.call(desk.wang, "GET", f"/files/{shown['id']}")
    assert (read.status_code, read.data, read.content_type) == (200, PDF, "application/pdf")
    assert read.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5%90%88")
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    event = event_body(desk.harness.published("freehold.customer.record.changed.v1")[-1])
    assert contracts.violations(event) == []
    again = desk.call(desk.wang, "GET", f"/files/{shown['id']}", headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_record_read_back_can_be_written_again_unchanged(desk: Any) -> None:
    lead = desk.lead(desk.wang, papers=[sent(desk, desk.wang)])
    path = f"/records/lead/{lead['id']}"
    same = desk.call(desk.wang, "PATCH", path, {"papers": lead["papers"]})
    assert (same.json["version"], same.json["papers"]) == (1, lead["papers"])
    added = desk.call(desk.wang, "PATCH", path, {"papers": [*lead["papers"], sent(desk, desk.wang, name="b.pdf")]}).json
    assert [one["name"] for one in added["papers"]] == ["合同.pdf", "b.pdf"]
    assert desk.call(desk.wang, "GET", f"{path}/timeline").json["items"][0]["changes"][0]["before"] == lead["papers"]


def test_only_plain_pictures_are_shown_and_nothing_in_a_file_may_act(desk: Any) -> None:
    photo = sent(desk, desk.wang, PNG, "photo", "p.png")
    paper = sent(desk, desk.wang)
    desk.lead(desk.wang, photo=[photo], papers=[paper])
    for id, way in ((photo, "inline"), (paper, "attachment")):
        read = desk.call(desk.wang, "GET", f"/files/{id}?inline=true")
        assert read.headers["Content-Disposition"].startswith(way)
        assert read.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(("content", "field", "code"), [
    (b"<script>alert(1)</script>", "papers", "file_type_not_allowed"),
    (b"<svg onload=alert(1)/>", "photo", "not_an_image"), (b"MZ\x90\0", "papers", "file_type_not_allowed"),
    (PDF, "photo", "not_an_image"), (b"", "papers", "file_empty"),
    (PDF, "name", "not_a_file_field"), (PDF, "nothing", "unknown_field")])
def test_what_may_not_come_in_leaves_nothing_behind(desk: Any, content: bytes, field: str, code: str) -> None:
    refused = send(desk, desk.wang, content, field, "harmless.png")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, code)
    assert not refused.json["errors"][0]["detail"].startswith("error.")
    assert (states(desk), stored(desk)) == ([], [])


def test_size_and_room_are_limited(desk: Any) -> None:
    settings = desk.harness.service.settings._values
    settings |= {"file_max_bytes": 1000}
    refused = send(desk, desk.wang, PDF * 20)
    assert (refused.status_code, refused.json["code"]) == (413, "file_too_large")
    settings |= {"file_max_bytes": 4 << 20, "file_quota_mb": 1}
    assert send(desk, desk.wang, PDF).status_code == 201
    full = send(desk, desk.wang, PDF + b"x" * (1 << 20))
    assert (full.status_code, full.json["code"]) == (507, "file_quota_reached")
    assert len(stored(desk)) == 1


def test_a_file_is_seen_only_where_its_record_and_field_are(desk: Any) -> None:
    waiting, taken = sent(desk, desk.wang), sent(desk, desk.wang)
    lead = desk.lead(desk.wang, papers=[taken])
    blind = desk.seller(desk.east_team, grant("all", papers="none"))
    for who, id, status in ((desk.wang, waiting, 200), (desk.admin, waiting, 404), (desk.li, taken, 404),
                            (desk.boss, taken, 200), (blind, taken, 404), (desk.wang, "x", 404),
                            (desk.wang, lead["id"], 404)):
        assert desk.call(who, "GET", f"/files/{id}").status_code == status, (who, id)
    reader = desk.seller(desk.east_team, grant("all", ["read"]))
    assert send(desk, reader).status_code == 403
    frozen = desk.seller(desk.east_team, grant("all", papers="read"))
    assert send(desk, frozen).json["errors"][0]["code"] == "read_only"


def test_nobody_takes_a_file_of_somebody_else_or_of_another_record(desk: Any) -> None:
    hers, taken, photo = sent(desk, desk.wang), sent(desk, desk.wang), sent(desk, desk.wang, PNG, "photo", "p.png")
    desk.lead(desk.wang, papers=[taken])
    for who, value, code in ((desk.li, [hers], "unknown_file"), (desk.wang, [taken], "unknown_file"),
                             (desk.wang, [photo], "unknown_file"), (desk.wang, ["x"], "not_an_id"),
                             (desk.wang, [desk.east], "unknown_file"), (desk.wang, [{"url": "x"}], "not_file"),
                             (desk.wang, [hers] * 3, "too_many_values")):
        refused = desk.call(who, "POST", "/records/lead", {"name": "x", "papers": value})
        assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [("/papers", code)]
    rows = [{"action": "create", "values": {"name": name, "papers": [hers]}} for name in "ab"]
    answer = desk.call(desk.wang, "POST", "/records/lead/batch", {"operations": rows}).json["results"]
    assert [one["status"] for one in answer] == [201, 422]


def test_files_that_records_let_go_are_removed_after_some_days(desk: Any) -> None:
    kept, dropped, forgotten = (sent(desk, desk.wang) for _ in range(3))
    lead = desk.lead(desk.wang, papers=[kept, dropped])
    assert desk.call(desk.wang, "PATCH", f"/records/lead/{lead['id']}", {"papers": [kept]}).status_code == 200
    assert desk.call(desk.wang, "GET", f"/files/{dropped}").status_code == 404
    clean_up_files(desk.harness.service)
    assert states(desk) == ["attached", "dropped", "waiting"]
    with desk.harness.service.db.unit_of_work() as uow:
        uow.execute(update(attachment).values(changed_at=utcnow() - timedelta(days=31)))
    clean_up_files(desk.harness.service)
    assert states(desk) == ["attached"]
    assert [path.name for path in stored(desk)] == [kept]
    assert desk.call(desk.wang, "PATCH", f"/records/lead/{lead['id']}", {"papers": [forgotten]}).status_code == 422
    assert desk.call(desk.admin, "DELETE", f"/records/lead/{lead['id']}").status_code == 204
    assert states(desk) == ["dropped"]


def test_a_repeated_upload_with_the_same_key_is_one_file(desk: Any) -> None:
    headers = {"Idempotency-Key": "one"}
    first, second = send(desk, desk.wang, headers=headers), send(desk, desk.wang, headers=headers)
    assert first.json == second.json
    assert (len(stored(desk)), states(desk)) == (1, ["waiting"])
    assert send(desk, desk.wang, PNG, headers=headers).json["code"] == "idempotency_key_reused"
    assert len(stored(desk)) == 1


def test_files_are_filtered_by_presence_and_exported_by_name(desk: Any) -> None:
    desk.lead(desk.wang, name="with", papers=[sent(desk, desk.wang), sent(desk, desk.wang, PDF, name="b.pdf")])
    desk.lead(desk.wang, name="without")
    asked = {"criteria": {"field": "papers", "op": "is_set"}}
    assert [one["name"] for one in desk.call(desk.wang, "POST", "/records/lead/query", asked).json["items"]] == ["with"]
    answer = desk.call(desk.wang, "POST", "/records/lead/export", {**asked, "format": "csv", "fields": ["papers"]})
    assert answer.get_data().decode("utf-8-sig").splitlines()[1] == '"合同.pdf, b.pdf"'
    field = {"name": "scan", "type": "file", "default": [desk.east]}
    assert desk.call(desk.admin, "POST", "/objects/lead/fields", field).status_code == 422
