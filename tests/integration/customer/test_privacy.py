"""Consents, the report about a person and his erasure: nothing of him is left in any table; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, inspect, select

from chassis.clock import to_wire, utcnow
from chassis.ids import new_id
from chassis.jobs import JobRunner
from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from services.customer.consumers import CONSENT_WITHDRAWN, RUN_RECORDED
from services.customer.events import AUDIT_RECORDED, PERSON_ERASED, RECORD_CHANGED
from services.customer.store.tables import match_key
from services.customer.usecases.privacy.retention import run_rules

from .conftest import grant
from .test_sharing import share

WORDS = ("欧阳娜娜", "13857109876", "nana@example.com", "喜欢深夜电话", "Musterallee")


def everything(company: Any) -> dict[str, list[str]]:
    """Table → all its rows as text, as they are in the database; without what is on its way to other services."""
    service = company.harness.service
    found = {}
    with service.db.read() as connection:
        for name in inspect(connection).get_table_names():
            if name == "outbox" or name.startswith(("alembic", "search_words")):
                continue
            metadata = MetaData()
            metadata.reflect(connection, only=[name], resolve_fks=False)
            found[name] = [repr(tuple(row)) for row in connection.execute(select(metadata.tables[name]))]
    return found


def where_it_stands(company: Any, words: tuple[str, ...]) -> set[str]:
    return {name for name, rows in everything(company).items() for row in rows for word in words if word in row}


@pytest.fixture
def person(company: Any) -> dict[str, Any]:
    """A lead with a history, merged with another one, told about by a rule, created with a remembered answer."""
    answer = company.call(company.wang, "POST", "/records/lead", {
        "name": WORDS[0], "phone": WORDS[1], "email": WORDS[2], "note": WORDS[3], "region": "east", "score": 40,
        "expected_amount": {"amount": "1200.00", "currency": "CNY"}}, headers={"Idempotency-Key": "once"})
    made = answer.json
    company.call(company.wang, "PATCH", f"/records/lead/{made['id']}", {"note": f"{WORDS[3]}!", "score": 60})
    other = company.lead(company.wang, name=f"{WORDS[0]} 2", phone=WORDS[1])
    merged = company.call(company.admin, "POST", f"/records/lead/{made['id']}/merge", {"merged": other["id"]})
    assert merged.status_code == 200, merged.json
    company.harness.deliver(company.harness.message(RUN_RECORDED, {"runs": [{
        "id": new_id(), "rule_id": new_id(), "rule_name": {"en": f"About {WORDS[0]}"}, "object": "lead",
        "record_id": made["id"], "outcome": "done", "actions": [], "detail": None, "at": to_wire(utcnow())}]}))
    return company.call(company.admin, "GET", f"/records/lead/{made['id']}").json


def erase(company: Any, id: str, who: str | None = None, **given: Any) -> Any:
    return company.call(who or company.admin, "POST", f"/privacy/lead/{id}/erase", given)


def test_nothing_of_an_erased_person_is_left_in_any_table(company: Any, person: dict[str, Any]) -> None:
    before = where_it_stands(company, WORDS)
    assert {"r_lead", "record_change", "record_merge", "search_entry", "match_key", "timeline_entry",
            "idempotency"} <= before
    sent = len(company.harness.published())
    answer = erase(company, person["id"])
    assert answer.status_code == 200, answer.json
    assert where_it_stands(company, WORDS) == set()
    folded = ("nana", "57109876")
    assert where_it_stands(company, folded) == set()
    told = company.harness.published()[sent:]
    assert [violations(loads(message.to_json())) for message in told] == [[]] * len(told)
    assert [word for message in told for word in WORDS if word in str(message.to_json())] == []
    [erased] = [message for message in told if message.type == PERSON_ERASED]
    assert erased.data["ids"][0] == person["id"]
    assert len(erased.data["ids"]) == 2
    [entry] = [message.data for message in told if message.type == AUDIT_RECORDED]
    assert (entry["action"], entry["target"]["id"]) == ("person.erased", person["id"])
    [changed] = [message for message in told if message.type == RECORD_CHANGED]
    assert changed.data["rules"] is False


def test_amounts_counts_and_everybody_else_stay(company: Any, person: dict[str, Any]) -> None:
    other = company.lead(company.wang, name="Somebody else", phone="13900001111", note="bleibt")
    before = {name: sorted(row for row in rows if person["id"].replace("-", "") not in row.replace("-", ""))
              for name, rows in everything(company).items() if name in ("r_lead", "r_customer", "record_change")}
    answer = erase(company, person["id"]).json["record"]
    kept = ("region", "score", "expected_amount", "owner_id", "created_at", "status")
    assert {name: answer[name] for name in kept} == {name: person[name] for name in kept}
    assert (answer["name"], answer["phone"], answer["email"], answer["note"]) == ("[erased]", None, None, None)
    after = {name: sorted(row for row in rows if person["id"].replace("-", "") not in row.replace("-", ""))
             for name, rows in everything(company).items() if name in before}
    for name in ("r_lead", "r_customer"):
        assert after[name] == before[name]
    found = company.call(company.admin, "GET", "/records/lead?q=Somebody").json["items"]
    assert [one["id"] for one in found] == [other["id"]]
    lines = company.call(company.admin, "GET", f"/records/lead/{person['id']}/timeline").json["items"]
    scores = [change for line in lines for change in line["changes"] if change["field"] == "score"]
    assert {"field": "score", "before": 40, "after": 60} in scores
    assert lines[0]["origin"]["erased"] is True


def test_only_named_fields_are_emptied_when_some_are_named(company: Any, person: dict[str, Any]) -> None:
    answer = erase(company, person["id"], fields=["note"])
    assert (answer.json["fields"], answer.json["record"]["note"]) == (["note"], None)
    assert answer.json["record"]["phone"] == person["phone"]
    wrong = erase(company, person["id"], fields=["note", "nonsense"])
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/fields/1")
    assert erase(company, person["id"], who=company.wang).status_code == 403
    assert erase(company, new_id()).status_code == 404


def test_who_is_known_by_name_and_company_is_erased_like_everybody(company: Any) -> None:
    made = company.lead(company.wang, name=WORDS[0], company="Works Ltd", phone=WORDS[1])
    answer = erase(company, made["id"])
    assert answer.status_code == 200, answer.json
    assert (answer.json["record"]["name"], answer.json["record"]["company"]) == ("[erased]", "Works Ltd")
    assert where_it_stands(company, WORDS) == set()
    again = erase(company, made["id"])
    assert again.status_code == 200, again.json


def test_a_preview_says_what_an_erasure_would_take_and_takes_nothing(company: Any, person: dict[str, Any]) -> None:
    path = f"/privacy/lead/{person['id']}/erasure"
    preview = company.call(company.admin, "GET", path).json
    assert {"name", "phone", "email", "note"} <= set(preview["fields"])
    assert "expected_amount" not in preview["fields"]
    assert (preview["merged"], preview["told"], preview["files"]) == (1, 1, 0)
    assert preview["history"] >= 3
    assert company.call(company.admin, "GET", f"/records/lead/{person['id']}").json["version"] == preview["version"]
    assert company.call(company.wang, "GET", path).status_code == 403
    assert company.call(company.admin, "GET", f"/privacy/lead/{new_id()}/erasure").status_code == 404
    assert erase(company, person["id"]).json["fields"] == preview["fields"]


def test_the_report_holds_everything_that_is_kept(company: Any, person: dict[str, Any]) -> None:
    path = f"/records/lead/{person['id']}/consents"
    company.call(company.wang, "POST", path, {"purpose": "newsletter", "granted": True, "source": "web form"})
    company.harness.neighbours["workflow", "GET", "/v1/tasks"] = lambda _: (200, {"items": [{"title": "Call"}]})
    letter = {"direction": "out", "at": "2026-03-02T08:15:30Z", "address": "ou@example.com", "subject": "Your pump",
              "status": "sent", "template": "solved", "object": "lead", "record_id": person["id"]}
    asked: list[Any] = []
    company.harness.neighbours["notify", "POST", "/v1/correspondence"] = lambda body: (
        asked.append(body) or (200, {"items": [letter]}))
    report = company.call(company.admin, "GET", f"/privacy/lead/{person['id']}/report").json
    assert report["record"]["phone"] == person["phone"]
    assert [line["purpose"] for line in report["consents"]] == ["newsletter"]
    assert (len(report["merged"]), report["tasks"], report["unreachable"]) == (1, [{"title": "Call"}], [])
    assert (report["mails"], asked) == ([letter], [{"ids": [person["id"], *report["merged"]]}])
    assert {line["action"] for line in report["history"]} == {"created", "updated", "deleted"}
    page = company.call(company.admin, "GET", f"/privacy/lead/{person['id']}/report?format=html")
    assert page.content_type.startswith("text/html")
    assert all(word in page.text for word in ("欧阳娜娜", "newsletter", "Call", "Your pump"))
    assert "<script" not in page.text
    refused = company.call(company.admin, "GET", f"/privacy/lead/{person['id']}/report?format=xml")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "?format")
    assert "json, html" in refused.json["errors"][0]["detail"]
    assert company.call(company.wang, "GET", f"/privacy/lead/{person['id']}/report").status_code == 403
    role = company.harness.role({"lead": grant("all", phone="none")}, ("objects.manage",))
    less = company.call(company.harness.user("Less", roles=(role,)), "GET", f"/privacy/lead/{person['id']}/report").json
    assert (less["complete"], less["mails"]) == (False, [{name: value for name, value in letter.items()
                                                          if name not in ("address", "subject")}])
    company.harness.neighbours.clear()
    again = company.call(company.admin, "GET", f"/privacy/lead/{person['id']}/report").json
    assert again["unreachable"] == ["workflow", "notify"]
    page = company.call(company.admin, "GET", f"/privacy/lead/{person['id']}/report?format=html").text
    assert "The service notify did not answer" in page


def test_who_may_only_read_a_record_writes_down_no_consent(company: Any, person: dict[str, Any]) -> None:
    given, id = {"purpose": "newsletter", "granted": True, "source": "call"}, person["id"]
    share(company, company.admin, id, f"user:{company.li}", "read")
    assert company.call(company.li, "GET", f"/records/lead/{id}/consents").status_code == 200
    refused = company.call(company.li, "POST", f"/records/lead/{id}/consents", given)
    assert (refused.status_code, refused.json["code"]) == (403, "only_shared")
    share(company, company.admin, id, f"user:{company.li}", "write")
    assert company.call(company.li, "POST", f"/records/lead/{id}/consents", given).status_code == 201


def test_the_latest_word_of_a_purpose_counts(company: Any, person: dict[str, Any]) -> None:
    path = f"/records/lead/{person['id']}/consents"
    for purpose, granted in (("newsletter", True), ("survey", True), ("newsletter", False)):
        given = {"purpose": purpose, "granted": granted, "source": "call"}
        assert company.call(company.wang, "POST", path, given).status_code == 201
    lines = company.call(company.boss, "GET", path).json["items"]
    assert [(line["purpose"], line["granted"], line["current"]) for line in lines] == [
        ("newsletter", False, True), ("survey", True, True), ("newsletter", True, False)]
    assert company.call(company.li, "GET", path).status_code == 404
    reader = company.seller(company.east_team, grant("all", ["read"]))
    assert company.call(reader, "POST", path, given).status_code == 403
    wrong = company.call(company.wang, "POST", path, {"purpose": " ", "granted": 1, "at": "gestern", "source": "x"})
    assert wrong.status_code == 422
    ahead = to_wire(utcnow() + timedelta(days=1))  # taking it back today would count for nothing until then
    early = company.call(company.wang, "POST", path, given | {"granted": True, "at": ahead})
    assert (early.status_code, early.json["errors"][0]["pointer"]) == (422, "/at")


OLD = {"object": "lead", "criteria": {"field": "region", "op": "eq", "value": "east"}, "field": "called_at",
       "days": 30}


def retain(company: Any, **more: Any) -> str:
    answer = company.call(company.admin, "POST", "/retention", {**OLD, "active": True, **more})
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def carry_out(company: Any) -> None:
    run_rules(company.harness.service)
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass


def aged(company: Any, days: int, **values: Any) -> dict[str, Any]:
    return company.lead(company.wang, name=WORDS[0], called_at=to_wire(utcnow() - timedelta(days=days)), **values)


def test_retention_takes_what_is_old_enough_and_nothing_else(company: Any) -> None:
    old, young, north = aged(company, 40, region="east"), aged(company, 20, region="east"), aged(company, 40)
    id = retain(company, action="anonymise")
    tried = company.call(company.admin, "POST", f"/retention/{id}/dry-run").json
    assert tried == {"count": 1, "count_is": "exact", "examples": [{"id": old["id"], "title": WORDS[0]}]}
    carry_out(company)
    names = {one["id"]: one["name"] for one in company.call(company.admin, "GET", "/records/lead").json["items"]}
    assert names == {old["id"]: "[erased]", young["id"]: WORDS[0], north["id"]: WORDS[0]}
    version = company.call(company.admin, "GET", f"/records/lead/{old['id']}").json["version"]
    carry_out(company)
    assert company.call(company.admin, "GET", f"/records/lead/{old['id']}").json["version"] == version
    [rule] = company.call(company.admin, "GET", "/retention").json["items"]
    assert rule["last_run"] == {"done": 0, "kept": 1}


def test_what_is_empty_now_but_stands_in_the_history_is_erased_too(company: Any) -> None:
    old = aged(company, 40, region="east", note=WORDS[3])
    company.call(company.admin, "PATCH", f"/records/lead/{old['id']}", {"name": "[erased]", "note": None})
    assert where_it_stands(company, WORDS) != set()
    retain(company, action="anonymise")
    carry_out(company)
    assert where_it_stands(company, WORDS) == set()
    carry_out(company)
    [rule] = company.call(company.admin, "GET", "/retention").json["items"]
    assert rule["last_run"] == {"done": 0, "kept": 1}, "once is enough"


def test_retention_deletes_for_good_and_leaves_no_word(company: Any) -> None:
    aged(company, 40, region="east", note=WORDS[3])
    stays = company.lead(company.wang, region="east")
    resting = retain(company, action="delete", active=False)
    carry_out(company)
    assert len(company.call(company.admin, "GET", "/records/lead").json["items"]) == 2
    changed = company.call(company.admin, "PUT", f"/retention/{resting}", {**OLD, "action": "delete", "active": True})
    assert changed.status_code == 200, changed.json
    carry_out(company)
    assert [one["id"] for one in company.call(company.admin, "GET", "/records/lead").json["items"]] == [stays["id"]]
    assert company.call(company.admin, "GET", "/bin/lead").json["items"] == []
    assert where_it_stands(company, WORDS) == set()
    assert company.call(company.admin, "DELETE", f"/retention/{resting}").status_code == 204


def test_a_rule_is_tried_before_it_is_kept(company: Any) -> None:
    old = aged(company, 40, region="east")
    aged(company, 20, region="east")
    tried = company.call(company.admin, "POST", "/retention/dry-run", {**OLD, "action": "delete"}).json
    assert (tried["count"], [one["id"] for one in tried["examples"]]) == (1, [old["id"]])
    assert company.call(company.admin, "GET", "/retention").json["items"] == []
    wrong = company.call(company.admin, "POST", "/retention/dry-run", {**OLD, "action": "burn"})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/action")


@pytest.mark.parametrize(("more", "pointer"), [
    ({"field": "name"}, "/field"), ({"days": 0}, "/days"), ({"action": "burn"}, "/action"), ({"active": 1}, "/active"),
    ({"criteria": {"field": "x", "op": "eq", "value": 1}}, "/criteria/field"), ({"object": None}, "/object")])
def test_a_wrong_rule_of_retention_is_refused_with_its_place(company: Any, more: dict[str, Any], pointer: str) -> None:
    answer = company.call(company.admin, "POST", "/retention", {**OLD, "action": "delete", **more})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer), answer.json


def test_two_erased_people_of_one_company_do_not_look_like_one(company: Any) -> None:
    people = [company.lead(company.wang, name=name, company="恒科机械", region="east") for name in ("王芳", "李伟")]
    for one in people:
        assert erase(company, one["id"]).json["record"]["company"] == "恒科机械"
    with company.harness.service.db.read() as connection:
        assert connection.execute(select(match_key).where(match_key.c.rule == "name+company")).all() == []
    values = company.call(company.admin, "GET", f"/records/lead/{people[0]['id']}").json
    asked = {"values": {name: values[name] for name in ("name", "company")}}
    assert company.call(company.admin, "POST", "/records/lead/duplicates", asked).json == {"items": [], "others": None}
    assert company.call(company.admin, "POST", "/duplicates/lead/scan").status_code == 202
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass
    assert company.call(company.admin, "GET", "/duplicates/lead").json["items"] == []


def test_a_mark_says_what_an_erasure_empties(company: Any) -> None:
    def mark(field: str, personal: bool | None) -> Any:
        return company.call(company.admin, "PATCH", f"/objects/lead/fields/{field}", {"personal": personal})

    for field, personal in (("visited_on", True), ("company", False), ("code", True), ("note", False)):
        answer = mark(field, personal)
        assert answer.status_code == 200, answer.json
        assert answer.json["personal"] is personal
    lead = company.lead(company.wang, name=WORDS[0], company="恒科", phone=WORDS[1], code="WX-1", note="stays",
                        visited_on="1990-05-06", score=40)
    shown = company.call(company.admin, "GET", f"/privacy/lead/{lead['id']}/erasure").json
    assert {"visited_on", "code", "name", "phone"} < set(shown["fields"])
    assert {"company", "note", "score"}.isdisjoint(shown["fields"])
    report = company.call(company.admin, "GET", f"/privacy/lead/{lead['id']}/report").json
    assert set(report["personal_fields"]) == set(shown["fields"])
    page = company.call(company.admin, "GET", f"/privacy/lead/{lead['id']}/report?format=html").get_data(as_text=True)
    assert page.index("1990-05-06") < page.index("Other values") < page.index("恒科")
    record = erase(company, lead["id"]).json["record"]
    assert (record["visited_on"], record["code"], record["phone"]) == (None, None, None)
    assert (record["company"], record["note"], record["score"]) == ("恒科", "stays", 40)
    mark("note", None)
    assert "note" in company.call(company.admin, "GET", f"/privacy/lead/{lead['id']}/erasure").json["fields"]


@pytest.mark.parametrize(("field", "personal"), [("number", True), ("note", "yes")])
def test_a_mark_that_cannot_be_is_refused(company: Any, field: str, personal: Any) -> None:
    answer = company.call(company.admin, "PATCH", f"/objects/lead/fields/{field}", {"personal": personal})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/personal")


def test_a_link_in_a_message_takes_a_consent_back_once_also_from_who_took_the_record_in(company: Any) -> None:
    merged, survivor = (company.call(company.wang, "POST", "/records/customer", {"name": name}).json["id"]
                        for name in ("ACME", "ACME AG"))
    said = {"purpose": "newsletter", "granted": True, "source": "form", "at": "2026-01-02T08:00:00Z"}
    for id in (merged, survivor):
        assert company.call(company.wang, "POST", f"/records/customer/{id}/consents", said).status_code == 201
    answer = company.call(company.admin, "POST", f"/records/customer/{survivor}/merge", {"merged": merged})
    assert answer.status_code == 200, answer.json
    one = {"object": "customer", "record_id": merged, "purpose": "newsletter", "message_id": new_id()}
    for second in (1, 2):
        company.harness.deliver(company.harness.message(CONSENT_WITHDRAWN, {"withdrawals": [
            one | {"id": new_id(), "at": f"2026-03-02T08:15:0{second}.000Z"}]}))
    latest, first = company.call(company.wang, "GET", f"/records/customer/{survivor}/consents").json["items"]
    assert (latest["granted"], latest["source"], latest["by_id"], first["granted"]) == (
        False, "Unsubscribe link", None, True)
    lines = company.call(company.wang, "GET", f"/records/customer/{survivor}/timeline").json["items"]
    [told] = [line["text"] for line in lines if line["kind"] == "message"]
    assert "newsletter" in told
