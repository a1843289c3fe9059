"""What comes of a campaign is a record like any other, one for each message, and lines in the timeline."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.ids import new_id
from services.customer.consumers import MAIL_ENGAGED

RESPONSE = {"name": "campaign_response", "label": {"en": "Response"}, "title_field": "campaign", "fields": [
    {"name": "campaign", "type": "text", "label": {"en": "Campaign"}, "required": True},
    {"name": "message_id", "type": "text", "label": {"en": "Message"}, "unique": True},
    {"name": "opened_at", "type": "datetime", "label": {"en": "Opened"}},
    {"name": "clicked_at", "type": "datetime", "label": {"en": "Clicked"}},
    {"name": "links", "type": "integer", "label": {"en": "Links"}},
    {"name": "last_link", "type": "url", "label": {"en": "Last link"}},
    {"name": "customer_id", "type": "reference", "label": {"en": "Customer"}, "options": {"object": "customer"}},
    {"name": "contact_id", "type": "reference", "label": {"en": "Contact"}, "options": {"object": "contact"}}]}
AT, LATER = "2026-03-02T08:10:31.120Z", "2026-03-02T08:15:31.120Z"


@pytest.fixture
def engaged(company: Any) -> dict[str, Any]:
    """A contact of a customer opened a message."""
    customer = company.call(company.wang, "POST", "/records/customer", {"name": "ACME"}).json
    contact = company.call(company.wang, "POST", "/records/contact", {
        "name": "Ann", "customer_id": customer["id"]}).json
    return {"message_id": new_id(), "object": "contact", "record_id": contact["id"], "url": None, "opened_at": AT,
            "campaign": {"id": new_id(), "name": "Spring"}, "clicked_at": None, "at": AT}


def tell(company: Any, *told: dict[str, Any]) -> None:
    company.harness.deliver(company.harness.message(MAIL_ENGAGED, {"engagements": list(told)}))


def test_an_opening_makes_a_record_of_the_owner_and_clicks_let_it_grow(company: Any, engaged: dict[str, Any]) -> None:
    assert company.call(company.admin, "POST", "/objects", RESPONSE).status_code == 201
    tell(company, engaged)
    clicks = [engaged | {"clicked_at": LATER, "at": LATER, "url": f"https://a.example.com/{page}"} for page in (1, 2)]
    tell(company, *clicks)
    tell(company, clicks[0] | {"message_id": new_id(), "record_id": new_id()})  # somebody who is gone
    [one] = company.call(company.admin, "GET", "/records/campaign_response").json["items"]
    contact = company.call(company.wang, "GET", f"/records/contact/{engaged['record_id']}").json
    assert {name: one[name] for name in ("campaign", "opened_at", "clicked_at", "links", "last_link", "contact_id",
                                         "customer_id", "owner_id", "version")} == {
        "campaign": "Spring", "opened_at": AT, "clicked_at": LATER, "links": 2,
        "last_link": "https://a.example.com/2", "contact_id": engaged["record_id"],
        "customer_id": contact["customer_id"], "owner_id": contact["owner_id"], "version": 3}
    lines = company.call(company.wang, "GET", f"/records/contact/{engaged['record_id']}/timeline").json["items"]
    assert [line["text"] for line in lines if line["kind"] == "message"][::-1] == [
        "Opened “Spring”", "Followed a link in “Spring”: https://a.example.com/1",
        "Followed a link in “Spring”: https://a.example.com/2"]


def test_without_the_object_there_are_only_the_lines(company: Any, engaged: dict[str, Any]) -> None:
    tell(company, engaged)
    tell(company, engaged)
    lines = company.call(company.wang, "GET", f"/records/contact/{engaged['record_id']}/timeline").json["items"]
    assert len([line for line in lines if line["kind"] == "message"]) == 1
