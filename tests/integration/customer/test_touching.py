"""Follow-ups bring "last followed up" of what they are about forward, without rights there and without conflicts."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from chassis.clock import from_wire, utcnow
from services.customer.events import RECORD_CHANGED

from .conftest import grant

TOUCHES = [{"reference": "lead_id", "sets": "called_at", "from": "happened_at"}]
NOTE = {
    "name": "note", "label": {"en": "Follow-up", "zh-CN": "跟进"}, "title_field": "subject", "touches": TOUCHES,
    "fields": [{"name": "subject", "type": "text"}, {"name": "happened_at", "type": "datetime", "default": "$now"},
               {"name": "lead_id", "type": "reference", "options": {"object": "lead"}}]}
EARLY, LATE, LATER = (f"2026-03-0{day}T08:00:00.000Z" for day in (1, 2, 3))


@pytest.fixture
def lead(company: Any) -> dict[str, Any]:
    assert company.call(company.admin, "POST", "/objects", NOTE).status_code == 201
    return company.lead(company.wang)


@pytest.fixture
def writer(company: Any, lead: dict[str, Any]) -> str:
    """Somebody who writes follow-ups and may only read leads, without the field that is touched."""
    return company.seller(company.east, grant("all", ["read"], called_at="none"), note=grant("own"))


def write(company: Any, who: str, lead: dict[str, Any], at: str | None = None, **values: Any) -> dict[str, Any]:
    said = {"subject": "Call", "lead_id": lead["id"], **({"happened_at": at} if at else {}), **values}
    answer = company.call(who, "POST", "/records/note", said)
    assert answer.status_code == 201, answer.json
    return answer.json


def show(company: Any, lead: dict[str, Any]) -> dict[str, Any]:
    return company.call(company.admin, "GET", f"/records/lead/{lead['id']}").json


def test_a_follow_up_moves_the_moment_of_its_lead(company: Any, lead: dict[str, Any], writer: str) -> None:
    write(company, writer, lead, EARLY)
    after = show(company, lead)
    assert (after["called_at"], after["version"], after["updated_by"]) == (EARLY, 2, writer)
    change = company.harness.published(RECORD_CHANGED)[-1].data
    assert (change["object"], change["changes"][0]["changed"]) == ("lead", ["called_at"])


def test_it_moves_forward_only(company: Any, lead: dict[str, Any], writer: str) -> None:
    for at in (LATE, EARLY, LATE):
        write(company, writer, lead, at)
    assert (show(company, lead)["called_at"], show(company, lead)["version"]) == (LATE, 2)


def test_it_never_moves_beyond_the_present(company: Any, lead: dict[str, Any], writer: str) -> None:
    write(company, writer, lead, "2962-03-01T08:00:00Z")
    assert from_wire(show(company, lead)["called_at"]) <= utcnow()


def test_the_history_says_who_and_because_of_what(company: Any, lead: dict[str, Any], writer: str) -> None:
    note = write(company, writer, lead, EARLY)
    line = company.call(company.admin, "GET", f"/records/lead/{lead['id']}/timeline").json["items"][0]
    assert line["by"]["id"] == writer
    assert line["origin"]["because"] == {"object": "note", "id": note["id"]}
    assert line["changes"] == [{"field": "called_at", "before": None, "after": EARLY}]


def test_changing_the_moment_or_the_link_touches_too(company: Any, lead: dict[str, Any], writer: str) -> None:
    other, note = company.lead(company.li), write(company, writer, lead, EARLY)
    path = f"/records/note/{note['id']}"
    company.call(writer, "PATCH", path, {"subject": "Long call"})
    assert show(company, lead)["version"] == 2, "another title touches nothing"
    company.call(writer, "PATCH", path, {"happened_at": LATE})
    company.call(writer, "PATCH", path, {"lead_id": other["id"]})
    assert [show(company, one)["called_at"] for one in (lead, other)] == [LATE, LATE]
    assert company.call(writer, "DELETE", path).status_code == 204
    assert show(company, other)["called_at"] == LATE, "what has happened does not unhappen"


def test_a_batch_touches_each_lead_once_with_its_latest(company: Any, lead: dict[str, Any], writer: str) -> None:
    other = company.lead(company.li)
    values = [{"subject": "x", "lead_id": id, "happened_at": at} for id, at in (
        (lead["id"], EARLY), (other["id"], LATER), (lead["id"], LATE), (other["id"], EARLY))]
    wrong = {"subject": "x", "lead_id": lead["id"], "happened_at": "soon"}
    answer = company.call(writer, "POST", "/records/note/batch", {
        "operations": [{"action": "create", "values": one} for one in (*values, wrong)]})
    assert [one["status"] for one in answer.json["results"]] == [201] * 4 + [422]
    assert [(show(company, one)["called_at"], show(company, one)["version"]) for one in (lead, other)] == [
        (LATE, 2), (LATER, 2)]


def test_a_follow_up_does_not_void_a_form_that_is_being_filled_in(company: Any, lead: dict[str, Any],
                                                                  writer: str) -> None:
    write(company, writer, lead, EARLY)
    write(company, writer, lead, LATE)
    path, seen = f"/records/lead/{lead['id']}", {"If-Match": '"1"'}
    saved = company.call(company.wang, "PATCH", path, {"note": "knows us"}, headers=seen)
    assert (saved.status_code, saved.json["version"], saved.json["called_at"]) == (200, 4, LATE)
    again = company.call(company.wang, "PATCH", path, {"note": "knows us well"}, headers=seen)
    assert again.status_code == 412, "since then a person has written"


def test_who_changes_the_touched_field_himself_has_to_look_first(company: Any, lead: dict[str, Any],
                                                                 writer: str) -> None:
    write(company, writer, lead, LATE)
    answer = company.call(company.wang, "PATCH", f"/records/lead/{lead['id']}", {"called_at": EARLY},
                          headers={"If-Match": '"1"'})
    assert answer.status_code == 412
    assert company.call(company.wang, "DELETE", f"/records/lead/{lead['id']}",
                        headers={"If-Match": '"1"'}).status_code == 412


def test_many_follow_ups_on_one_lead_at_the_same_moment(company: Any, lead: dict[str, Any], writer: str) -> None:
    statuses: list[int] = []

    def send(number: int) -> None:
        client = company.harness.app.test_client()
        headers = {"Authorization": f"Bearer {company.harness.token(writer)}"}
        said = {"subject": "x", "lead_id": lead["id"], "happened_at": f"2026-03-{number:02d}T08:00:00Z"}
        statuses.append(client.post("/v1/records/note", json=said, headers=headers).status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 8
    assert show(company, lead)["called_at"] == "2026-03-08T08:00:00.000Z"


@pytest.mark.parametrize(("touch", "pointer", "code"), [
    ({"reference": "subject", "sets": "called_at"}, "/touches/0/reference", "wrong_kind_of_field"),
    ({"reference": "lead_id", "sets": "company"}, "/touches/0/sets", "not_a_moment_there"),
    ({"reference": "lead_id", "sets": "nix"}, "/touches/0/sets", "not_a_moment_there"),
    ({"reference": "lead_id", "sets": "called_at", "from": "subject"}, "/touches/0/from", "wrong_kind_of_field"),
    ({"reference": "lead_id", "sets": "called_at", "x": 1}, "/touches/0", "bad_touch"),
    ({"sets": "called_at"}, "/touches/0/reference", "unknown_field")])
def test_a_touch_that_leads_nowhere_is_refused(company: Any, lead: dict[str, Any], touch: dict[str, Any],
                                               pointer: str, code: str) -> None:
    answer = company.call(company.admin, "PATCH", "/objects/note", {"touches": [touch]})
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [(pointer, code)]
    assert answer.json["errors"][0]["detail"]


def test_a_field_that_touches_is_not_taken_away(company: Any, lead: dict[str, Any]) -> None:
    assert company.call(company.admin, "DELETE", "/objects/note/fields/happened_at").json["code"] == "field_in_use"
