"""Public forms: designed by an administrator, sent by strangers, guarded against machines."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.ids import new_id
from services.customer.model.web_forms import riddles
from services.customer.model.web_forms.riddles import is_worked
from services.customer.store.web_forms import use_up
from services.customer.usecases.web_forms.submit import purge_messages

from .test_layouts import pointers

RECORD_CHANGED = "freehold.customer.record.changed.v1"
FORM = {
    "object": "lead", "slug": "contact-us", "label": {"en": "Contact", "zh-CN": "联系我们"}, "active": True,
    "title": {"en": "Contact us", "zh-CN": "联系我们"}, "thanks": {"en": "We call back.", "zh-CN": "我们会回电。"},
    "sections": [{"label": {"en": "You"}, "fields": [
        {"field": "name"}, {"field": "phone", "required": True}, {"field": "region"}, {"field": "tags"},
        {"field": "expected_amount"}, {"field": "note", "width": "full"}]}],
    "values": {"status": "working"}, "tracking": {"utm_source": "company"}, "guard": "none", "min_seconds": 0,
}
GOOD = {"name": "王五", "phone": "13800138000", "region": "east", "note": "两行\r\n文字", "expected_amount": "1,200.50",
        "tags": ["a", "b"]}


@pytest.fixture
def form(company: Any) -> dict[str, Any]:
    return make(company)


def make(company: Any, **more: Any) -> dict[str, Any]:
    answer = company.call(company.admin, "POST", "/web-forms", {**FORM, **more})
    assert answer.status_code == 201, answer.json
    return answer.json


def page(company: Any, query: str = "", **headers: str) -> Any:
    return company.harness.client.get(f"/f/contact-us{query}", headers=headers)


def token_in(answer: Any) -> str:
    return re.search(r'name="_page" value="([^"]+)"', answer.text)[1]


def send(company: Any, values: dict[str, Any], shown: Any = None, *, address: str = "203.0.113.7", query: str = "",
         **headers: str) -> Any:
    shown = shown or page(company, query)
    data = {"_page": token_in(shown), **values}
    return company.harness.client.post(f"/f/contact-us{query}", data=data,
                                       headers={"X-Forwarded-For": address, **headers})


def leads(company: Any) -> list[dict[str, Any]]:
    return company.call(company.admin, "GET", "/records/lead").json["items"]


def test_a_visitors_message_becomes_a_lead_and_the_event_that_rules_act_on(company: Any, form: Any) -> None:
    answer = send(company, {**GOOD, "_utm_source": "spring-fair"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/f/contact-us/thanks?lang=en")
    assert "We call back." in company.harness.client.get(answer.headers["Location"]).text
    lead = leads(company)[0]
    assert {name: lead[name] for name in ("name", "phone", "region", "status", "company", "tags", "note")} == {
        "name": "王五", "phone": "+8613800138000", "region": "east", "status": "working", "company": "spring-fair",
        "tags": ["a", "b"], "note": "两行\n文字"}
    assert lead["expected_amount"] == {"amount": "1200.50", "currency": "CNY"}
    assert lead["created_by"] is None
    event = company.harness.published(RECORD_CHANGED)[-1]
    assert event.data["origin"] == {"kind": "system", "id": form["id"], "name": "Contact"}
    assert event.data["changes"][0]["action"] == "created"
    line = company.call(company.admin, "GET", "/web-forms?object=lead").json["items"][0]
    assert (line["messages"], line["last_message_at"] is not None) == (1, True)


def test_the_page_speaks_the_visitors_language_and_says_what_is_wrong(company: Any, form: Any) -> None:
    assert "联系我们" in page(company, **{"Accept-Language": "zh-CN"}).text
    assert '<html lang="en">' in page(company, "?lang=en", **{"Accept-Language": "zh-CN"}).text
    answer = send(company, {"name": "<b>x</b>", "phone": "12", "region": "moon"}, query="?lang=zh-CN")
    assert answer.status_code == 422
    assert "请检查标出的内容" in answer.text
    assert "&lt;b&gt;x&lt;/b&gt;" in answer.text
    assert "<b>x</b>" not in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    assert leads(company) == []


def test_another_language_keeps_what_was_typed_and_sends_nothing(company: Any, form: Any) -> None:
    typed = {**GOOD, "_language": "1", "_utm_source": "spring-fair", "phone": "12"}
    answer = send(company, typed, query="?lang=zh-CN")
    assert (answer.status_code, '<html lang="zh-CN">' in answer.text) == (200, True)
    for text in ('value="王五"', 'value="12"', "两行", 'value="1,200.50"', 'value="spring-fair"'):
        assert text in answer.text, text
    assert 'aria-invalid="true"' not in answer.text, "nothing is judged before it is sent"
    assert leads(company) == []
    assert send(company, GOOD, answer).status_code == 303


def test_a_form_writes_only_its_own_fields(company: Any, form: Any) -> None:
    more = {"vip": "1", "score": "9", "owner_id": company.wang, "status": "new"}
    assert send(company, {**GOOD, **more}).status_code == 303
    lead = leads(company)[0]
    assert (lead["vip"], lead["score"], lead["owner_id"], lead["status"]) == (None, None, None, "working")


def test_records_go_to_the_person_that_the_form_names(company: Any) -> None:
    make(company, owner_id=company.wang)
    send(company, GOOD)
    assert (leads(company)[0]["owner_id"], leads(company)[0]["department_id"]) == (company.wang, company.east_team)
    answer = company.call(company.admin, "POST", "/web-forms", {**FORM, "slug": "other", "owner_id": new_id()})
    assert pointers(answer) == [("/owner_id", "unknown_user")]


def test_a_machine_in_the_trap_hears_thanks_and_leaves_nothing(company: Any, form: Any) -> None:
    assert send(company, {**GOOD, "contact_me_by_fax": "http://spam.example"}).status_code == 303
    assert leads(company) == []


def test_messages_without_a_page_too_fast_or_too_late_are_shown_again(company: Any, monkeypatch: Any) -> None:
    make(company, min_seconds=5)
    shown = page(company)
    quick = send(company, GOOD, shown)
    assert (quick.status_code, "very quick" in quick.text, "13800138000" in quick.text) == (422, True, True)
    made_up = company.harness.client.post("/f/contact-us", data={**GOOD, "_page": "AAAA"})
    assert (made_up.status_code, "open for too long" in made_up.text) == (409, True)
    clock = SimpleNamespace(time=lambda: time.time() + 25 * 3600)
    monkeypatch.setattr("services.customer.usecases.web_forms.submit.time", clock)
    assert send(company, GOOD, shown).status_code == 409
    clock.time = lambda: time.time() + 60
    assert send(company, GOOD, shown).status_code == 303
    assert len(leads(company)) == 1


def test_one_page_is_good_for_one_message_and_a_second_press_is_no_error(company: Any, form: Any) -> None:
    shown = page(company)
    assert [send(company, GOOD, shown).status_code for _ in range(2)] == [303, 303]
    assert len(leads(company)) == 1


def test_an_address_sends_only_so_many_messages_an_hour(company: Any) -> None:
    make(company, per_hour=2)
    codes = [send(company, {**GOOD, "name": name}).status_code for name in "abc"]
    assert codes == [303, 303, 429]
    assert send(company, GOOD, address="203.0.113.8").status_code == 303
    assert len(leads(company)) == 3


def test_the_work_must_be_done_for_the_very_page(company: Any) -> None:
    make(company, guard="work")
    shown = page(company)
    nonce = re.search(r'data-nonce="(\w+)"', shown.text)[1]
    found = next(str(number) for number in range(10**7) if is_worked(nonce, str(number)))
    other = page(company)
    refused = send(company, {**GOOD, "_found": found}, other)
    assert (refused.status_code, "Please try once more" in refused.text) == (422, True)
    assert send(company, {**GOOD, "_found": found}, shown).status_code == 303
    assert len(leads(company)) == 1


def test_a_wrong_sum_uses_the_page_up(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("services.customer.api.public.views.new_sum", lambda: (riddles.new_sum()[0], "12"))
    make(company, guard="sum")
    shown = page(company)
    assert "<svg" in shown.text
    assert ">12<" not in shown.text
    assert send(company, {**GOOD, "_found": "11"}, shown).status_code == 422
    assert send(company, {**GOOD, "_found": "12"}, shown).status_code == 303  # the same page again: nothing happens
    assert leads(company) == []
    assert send(company, {**GOOD, "_found": " 12 "}).status_code == 303
    assert len(leads(company)) == 1


def test_who_must_agree_does(company: Any) -> None:
    make(company, consent={"en": "I have read https://example.com/privacy.", "zh-CN": "我已阅读隐私声明。"})
    assert 'href="https://example.com/privacy"' in page(company).text
    assert send(company, GOOD).status_code == 422
    assert send(company, {**GOOD, "_agreed": "1"}).status_code == 303


def test_only_named_pages_may_embed_the_form_and_only_this_host_may_send(company: Any) -> None:
    form = make(company, origins=["https://www.example.com"], redirect={"en": "https://www.example.com/thanks"})
    policy = page(company).headers["Content-Security-Policy"]
    assert "frame-ancestors https://www.example.com" in policy
    assert "form-action 'self' https://www.example.com;" in policy
    assert "unsafe" not in policy
    assert send(company, GOOD, Origin="https://evil.example").status_code == 403
    assert send(company, GOOD, Origin="null").status_code == 403
    sent = send(company, GOOD, Origin="http://localhost:8080")
    assert (sent.status_code, sent.headers["Location"]) == (303, "https://www.example.com/thanks")
    company.call(company.admin, "PATCH", f"/web-forms/{form['id']}", {"origins": []})
    assert "frame-ancestors 'none'" in page(company).headers["Content-Security-Policy"]


def test_a_form_that_is_off_or_gone_says_so_in_the_visitors_language(company: Any, form: Any) -> None:
    shown = page(company)
    path = f"/web-forms/{form['id']}"
    off = company.call(company.admin, "PATCH", path, {"active": False}, headers={"If-Match": '"1"'})
    assert (off.status_code, off.headers["ETag"]) == (200, '"2"')
    assert (page(company).status_code, "closed" in page(company).text) == (410, True)
    assert send(company, GOOD, shown).status_code == 410
    assert company.call(company.admin, "PATCH", path, {"per_hour": 3}, headers={"If-Match": '"1"'}).status_code == 412
    assert company.call(company.admin, "DELETE", path).status_code == 204
    gone = page(company, **{"Accept-Language": "zh"})
    assert (gone.status_code, "表单不存在" in gone.text) == (404, True)
    assert gone.content_type == "text/html; charset=utf-8"


def test_what_is_too_large_gets_a_readable_page(company: Any, form: Any) -> None:
    answer = send(company, {**GOOD, "note": "x" * 70_000})
    assert (answer.status_code, answer.content_type) == (413, "text/html; charset=utf-8")
    many = company.harness.client.post("/f/contact-us", data={f"f{number}": "x" for number in range(2000)})
    assert many.status_code in (409, 413)
    assert leads(company) == []


def test_every_mistake_in_a_form_is_named_by_its_place(company: Any, form: Any) -> None:
    wrong = {
        "object": "lead", "slug": "Not good", "label": {}, "active": True, "guard": "captcha", "per_hour": 0,
        "origins": ["https://example.com/path"], "redirect": {"en": "javascript:alert(1)"},
        "values": {"owner_id": "x", "score": "many"}, "tracking": {"utm_source": "score"},
        "sections": [{"fields": [{"field": "partner_id"}, {"field": "note", "read_only": True},
                                 {"field": "region", "visible_when": {"field": "name", "op": "is_set"}}]}]}
    assert sorted(pointers(company.call(company.admin, "POST", "/web-forms", wrong))) == [
        ("/guard", "not_one_of"), ("/label", "label_missing"), ("/origins/0", "bad_origin"),
        ("/per_hour", "bad_per_hour"), ("/redirect/en", "bad_url"), ("/sections", "form_lacks"),
        ("/sections/0/fields/0/field", "unknown_field"), ("/sections/0/fields/1/read_only", "not_on_public_form"),
        ("/sections/0/fields/2/visible_when", "looks_below"),
        ("/slug", "bad_slug"), ("/tracking/utm_source", "unknown_field"), ("/values/owner_id", "unknown_field"),
        ("/values/score", "not_integer")]
    assert company.call(company.admin, "POST", "/web-forms", FORM).status_code == 409
    assert company.call(company.admin, "POST", "/web-forms", {**FORM, "object": "nothing"}).status_code == 404


def test_a_unique_value_that_stands_already_is_told_at_its_field(company: Any) -> None:
    make(company, sections=[{"fields": [{"field": "name"}, {"field": "code"}]}])
    company.lead(company.wang, code="k1")
    answer = send(company, {"name": "x", "code": "k1"})
    assert answer.status_code == 422
    assert len(leads(company)) == 1


def test_a_page_goes_on_when_a_field_of_its_is_deleted(company: Any, form: Any) -> None:
    company.call(company.admin, "DELETE", "/objects/lead/fields/region")
    assert 'name="region"' not in page(company).text
    assert send(company, GOOD).status_code == 303


def test_who_sent_what_is_forgotten_after_three_months(company: Any, form: Any, monkeypatch: Any) -> None:
    service = company.harness.service
    with service.db.unit_of_work() as uow:
        assert use_up(uow, "once", form["id"], "digest")
        assert not use_up(uow, "once", form["id"], "digest")
    purge_messages(service)
    with service.db.unit_of_work() as uow:
        assert not use_up(uow, "once", form["id"], "digest")
    real = __import__("chassis.clock", fromlist=["utcnow"]).utcnow
    monkeypatch.setattr("services.customer.usecases.web_forms.submit.utcnow", lambda: real().replace(
        year=real().year + 1))
    purge_messages(service)
    with service.db.unit_of_work() as uow:
        assert use_up(uow, "once", form["id"], "digest")
