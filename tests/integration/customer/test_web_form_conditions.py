"""Public forms with conditions: what they hide is neither taken nor demanded, as the server says ahead."""

from __future__ import annotations

import re
from typing import Any

from .test_layouts import pointers
from .test_web_forms import FORM, leads, make, page, send

OTHER = {"field": "region", "op": "eq", "value": "north"}
WITH_CODE = {"all": [OTHER, {"field": "code", "op": "is_set"}]}
SECTIONS = [
    {"fields": [{"field": "name"}, {"field": "region"}, {"field": "code", "visible_when": OTHER},
                {"field": "phone", "required_when": OTHER}]},
    {"label": {"en": "More"}, "visible_when": WITH_CODE, "required_when": WITH_CODE, "fields": [{"field": "note"}]}]


def parts(company: Any, **typed: Any) -> tuple[list[str], list[str]]:
    answer = company.harness.client.post("/f/contact-us/parts", data=typed)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return answer.json["hidden"], answer.json["required"]


def test_what_the_form_shows_follows_what_is_typed(company: Any) -> None:
    make(company, sections=SECTIONS)
    assert parts(company) == (["1", "code", "note"], ["name"])
    assert parts(company, region="north") == (["1", "note"], ["name", "phone"])
    assert parts(company, region="north", code="k") == ([], ["name", "note", "phone"])
    assert parts(company, region="east", code="k") == (["1", "code", "note"], ["name"]), "hidden: it has no value"
    assert leads(company) == []


def test_the_page_hides_and_demands_as_the_server_will(company: Any) -> None:
    make(company, sections=SECTIONS)
    shown = page(company)
    assert 'data-live="code region" data-ask="/f/contact-us/parts"' in shown.text
    assert "connect-src 'self'" in shown.headers["Content-Security-Policy"]
    assert re.search(r'<section data-part="1" hidden>', shown.text)
    assert re.search(r'<div class="" data-part="code" hidden>.*?<input id="code"[^>]* disabled>', shown.text)
    refused = send(company, {"name": "A", "region": "north", "code": "k9"}, shown)
    assert refused.status_code == 422
    assert re.search(r'<section data-part="1">', refused.text)
    assert re.search(r'<input id="code"[^>]*value="k9"(?![^>]*disabled)', refused.text)
    assert re.search(r'<input id="phone"[^>]* required>', refused.text)
    assert refused.text.count('class="wrong"') == 2, "phone and note"
    assert leads(company) == []


def test_what_is_hidden_is_not_taken_whatever_was_sent(company: Any) -> None:
    make(company, sections=SECTIONS)
    assert send(company, {"name": "A", "region": "east", "code": "k9", "note": "smuggled"}).status_code == 303
    [made] = leads(company)
    assert (made["region"], made["code"], made["note"]) == ("east", None, None)


def test_a_form_without_conditions_asks_nothing(company: Any) -> None:
    make(company)
    shown = page(company)
    assert "data-live=" not in shown.text.partition("<script>")[0]
    assert "connect-src 'none'" in shown.headers["Content-Security-Policy"]


def test_conditions_look_only_upwards_and_hide_nothing_that_records_need(company: Any) -> None:
    for sections, fault in (
            ([{"fields": [{"field": "code", "visible_when": OTHER}, {"field": "name"}, {"field": "region"}]}],
             ("/sections/0/fields/0/visible_when", "looks_below")),
            ([{"fields": [{"field": "name"}, {"field": "region", "required_when": OTHER}]}],
             ("/sections/0/fields/1/required_when", "looks_below")),
            ([{"visible_when": OTHER, "fields": [{"field": "note"}]}, {"fields": [{"field": "name"}]}],
             ("/sections/0/visible_when", "looks_below")),
            ([{"fields": [{"field": "region"}, {"field": "name", "visible_when": OTHER}]}],
             ("/sections", "form_lacks")),
            ([{"fields": [{"field": "name"}, {"field": "note", "visible_when": {
                "field": "customer_id.name", "op": "is_set"}}]}],
             ("/sections/0/fields/1/visible_when/field", "criteria.unknown_field"))):
        answer = company.call(company.admin, "POST", "/web-forms", {**FORM, "sections": sections})
        assert pointers(answer) == [fault]


def test_a_condition_whose_field_is_gone_counts_as_not_written(company: Any) -> None:
    make(company, sections=SECTIONS)
    assert company.call(company.admin, "DELETE", "/objects/lead/fields/region").status_code in (200, 204)
    assert parts(company) == ([], ["name"])
    assert send(company, {"name": "A", "code": "k", "note": "x"}).status_code == 303


def test_too_much_is_refused_before_it_is_judged(company: Any) -> None:
    make(company, sections=SECTIONS)
    answer = company.harness.client.post("/f/contact-us/parts", data={"note": "x" * 70_000})
    assert answer.status_code == 413
    assert company.harness.client.post("/f/nothing-here/parts").status_code == 404
