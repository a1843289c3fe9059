"""What leaves as a file is told to the audit log before the first byte does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from chassis.ids import is_id
from services.customer.events import AUDIT_RECORDED

EAST = {"field": "region", "op": "eq", "value": "east"}


def told(company: Any) -> list[dict[str, Any]]:
    return [message.data for message in company.harness.published(AUDIT_RECORDED)]


def test_an_export_tells_who_took_what_from_where(company: Any) -> None:
    for region in ("east", "east", "north"):
        company.lead(company.wang, region=region)
    company.lead(company.li, region="east")
    asked = {"format": "csv", "fields": ["name", "phone"], "criteria": EAST, "sort": ["name"], "q": "王五"}
    answer = company.call(company.wang, "POST", "/records/lead/export", asked,
                          headers={"X-Forwarded-For": "192.0.2.17", "X-Request-ID": "export-1"})
    assert len(answer.text.strip().splitlines()) == 3
    [entry] = told(company)
    assert entry.pop("at")
    assert entry == {
        "actor": {"kind": "user", "id": company.wang, "name": "王芳"}, "action": "records.exported",
        "target": {"kind": "object", "id": None, "name": "Leads"}, "ip": "192.0.2.17",
        "detail": {"object": "lead", "rows": 2, **asked}}
    assert company.harness.published(AUDIT_RECORDED)[0].request_id == "export-1"


def test_it_is_told_before_the_first_byte_is_read(company: Any) -> None:
    company.lead(company.wang)
    answer = company.call(company.wang, "POST", "/records/lead/export", {"format": "csv"}, buffered=False)
    assert len(told(company)) == 1, "the answer was not read yet"
    answer.close()


def test_nothing_leaves_when_it_cannot_be_told(company: Any) -> None:
    company.lead(company.wang)
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(text("ALTER TABLE outbox RENAME TO outbox_away"))
    answer = company.call(company.wang, "POST", "/records/lead/export", {"format": "csv"})
    assert answer.status_code >= 500
    assert b"\xef\xbb\xbf" not in answer.data


def test_an_export_that_is_refused_is_not_told(company: Any) -> None:
    for asked in ({"format": "pdf"}, {"format": "csv", "fields": ["nix"]}, {"format": "csv", "criteria": {"all": 1}}):
        assert company.call(company.wang, "POST", "/records/lead/export", asked).status_code == 422
    assert told(company) == []


def test_an_address_that_is_none_is_not_kept(company: Any) -> None:
    company.call(company.wang, "POST", "/records/lead/export", {"format": "csv"},
                 headers={"X-Forwarded-For": "<script>"})
    assert told(company)[0]["ip"] is None
    assert is_id(told(company)[0]["actor"]["id"])
