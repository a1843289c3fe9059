"""Sheets that come in, and refused rows that leave, are told to the audit log."""

from __future__ import annotations

from typing import Any

from services.customer.events import AUDIT_RECORDED


def told(desk: Any) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    return [(message.data["action"], message.data["target"], message.data["detail"])
            for message in desk.harness.published(AUDIT_RECORDED)]


def test_an_import_and_the_download_of_its_wrong_rows(desk: Any) -> None:
    id = desk.sheet(("姓名", "电话"), ("甲", "13900139000"), ("乙", "bad"), ("丙", "worse"))
    desk.check(id)
    assert told(desk) == [], "a dry run writes nothing"
    desk.run(id)
    started, = told(desk)
    assert started[:2] == ("import.started", {"kind": "import", "id": id, "name": "leads.csv"})
    assert started[2] == {"object": "lead", "rows": 3, "duplicates": "skip", "run_rules": True}
    for kind in ("csv", "xlsx"):
        desk.call("GET", f"/{id}/errors.{kind}")
    assert [(action, detail) for action, _, detail in told(desk)[1:]] == [
        ("import.errors_downloaded", {"object": "lead", "rows": 2, "format": kind}) for kind in ("csv", "xlsx")]
