"""Surveys by link: one answer for one mail, and nothing to learn for who has no link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from chassis.ids import new_id
from services.customer.model.surveys import new_token
from services.customer.store.surveys import survey_invitation

RESPONSE = {"name": "survey_response", "label": {"en": "Response"}, "title_field": "survey", "fields": [
    {"name": "survey", "type": "text", "label": {"en": "Survey"}, "required": True},
    {"name": "kind", "type": "text", "label": {"en": "Kind"}, "required": True},
    {"name": "score", "type": "integer", "label": {"en": "Score"}, "required": True},
    {"name": "comment", "type": "long_text", "label": {"en": "Comment"}},
    {"name": "customer_id", "type": "reference", "label": {"en": "Customer"}, "options": {"object": "customer"}},
    {"name": "contact_id", "type": "reference", "label": {"en": "Contact"}, "options": {"object": "contact"}}]}


@pytest.fixture
def asked(company: Any) -> dict[str, Any]:
    """What a mail asks with: a contact is asked about himself and his customer."""
    answer = company.call(company.admin, "POST", "/objects", RESPONSE)
    assert answer.status_code == 201, answer.json
    customer = company.call(company.wang, "POST", "/records/customer", {"name": "ACME"}).json
    contact = company.call(company.wang, "POST", "/records/contact", {
        "name": "Ann", "customer_id": customer["id"]}).json
    return {"id": new_id(), "kind": "csat", "survey": "Tickets", "object": "contact", "record_id": contact["id"],
            "recipient_object": "contact", "recipient_id": contact["id"], "locale": "zh-CN"}


def link(company: Any, asked: dict[str, Any]) -> str:
    answer = company.harness.call_as_service("customer", "POST", "/v1/survey-invitations", asked)
    assert answer.status_code == 200, answer.json
    return urlsplit(answer.json["url"]).path


def visit(company: Any, path: str, **sent: str) -> Any:
    client = company.harness.client
    return client.post(path, data=sent) if sent else client.get(f"{path}?lang=en")


def responses(company: Any) -> list[dict[str, Any]]:
    return list(company.call(company.admin, "GET", "/records/survey_response").json["items"])


def test_a_link_is_looked_at_often_and_answered_once(company: Any, asked: dict[str, Any]) -> None:
    path = link(company, asked)
    assert link(company, asked) == path
    for _ in range(3):
        shown = visit(company, path)
        assert (shown.status_code, shown.headers["Cache-Control"], shown.headers["Referrer-Policy"]) == (
            200, "no-store", "no-referrer")
    assert "<script>" not in shown.text.split("</main>")[0]
    wrong = visit(company, path, score="6", comment="<b>")
    assert (wrong.status_code, "Please choose a number." in wrong.text, "&lt;b&gt;" in wrong.text) == (422, True, True)
    assert visit(company, path, score="2", comment="too late").status_code == 303
    assert visit(company, path, score="5").status_code == 404
    [made] = responses(company)
    contact = company.call(company.admin, "GET", f"/records/contact/{asked['record_id']}").json
    assert {name: made[name] for name in ("survey", "kind", "score", "comment", "contact_id", "customer_id",
                                          "owner_id")} == {
        "survey": "Tickets", "kind": "csat", "score": 2, "comment": "too late", "contact_id": contact["id"],
        "customer_id": contact["customer_id"], "owner_id": contact["owner_id"]}


def test_used_expired_forged_and_unknown_links_look_alike(company: Any, asked: dict[str, Any]) -> None:
    used, expired = link(company, asked), link(company, asked | {"id": new_id()})
    visit(company, used, score="5")
    unknown = new_token(new_id(), company.harness.service.signer.secret_for("survey"))
    forged = used[:-2] + ("AA" if used[-2:] != "AA" else "BB")
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(update(survey_invitation).values(expires_at=utcnow() - timedelta(seconds=1)))
    pages = [visit(company, path) for path in (used, expired, forged, f"/s/{unknown}", "/s/x", "/s/" + "é" * 90)]
    assert {(one.status_code, one.text) for one in pages} == {(404, pages[0].text)}
    assert "cannot be used" in pages[0].text
    assert len(responses(company)) == 1


def test_only_services_invite(company: Any, asked: dict[str, Any]) -> None:
    assert company.call(company.admin, "POST", "/survey-invitations", asked).status_code == 403
    for wrong in ({"kind": "other"}, {"object": "No"}, {"locale": "fr"}):
        answer = company.harness.call_as_service("customer", "POST", "/v1/survey-invitations", asked | wrong)
        assert answer.status_code == 422


def test_another_language_uses_no_link_up_and_keeps_what_was_typed(company: Any, asked: dict[str, Any]) -> None:
    path = link(company, asked)
    turned = company.harness.client.post(f"{path}?lang=zh-CN", data={
        "_language": "1", "score": "4", "comment": "half a\r\nsentence"})
    assert (turned.status_code, "half a\nsentence" in turned.text, 'value="4" required checked' in turned.text) == (
        200, True, True)
    assert responses(company) == []
    assert visit(company, path, score="4", comment="一\r\n" * 1600).status_code == 303  # browsers count a break once


def test_an_answer_is_kept_when_what_it_is_about_has_gone(company: Any, asked: dict[str, Any]) -> None:
    path = link(company, asked)
    contact = company.call(company.admin, "GET", f"/records/contact/{asked['record_id']}")
    gone = company.call(company.admin, "DELETE", f"/records/contact/{asked['record_id']}",
                        headers={"If-Match": contact.headers["ETag"]})
    assert gone.status_code in (200, 204), gone.json
    assert visit(company, path, score="3").status_code == 303
    [made] = responses(company)
    assert (made["score"], made["contact_id"]) == (3, None)
