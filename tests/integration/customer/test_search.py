"""The search box over all objects, on both databases: what is found, in which order, by whom."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, event, select

from chassis.jobs import JobRunner
from services.customer.queries import global_search
from services.customer.queries.search_rarity import RarityBook
from services.customer.store.tables import search_entry, search_state
from services.customer.usecases.rebuild_search import settle_search

from .conftest import grant


def found(company: Any, who: str, question: str, **more: Any) -> dict[str, list[str]]:
    """Object → titles, in the order of the answer."""
    answer = company.harness.call(who, "GET", "/v1/search", query_string={"q": question, **more})
    assert answer.status_code == 200, answer.json
    return {group["object"]: [item["title"] for item in group["items"]] for group in answer.json["items"]}


def customer(company: Any, name: str, **values: Any) -> str:
    answer = company.call(company.admin, "POST", "/records/customer", {"name": name, **values})
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def test_one_question_asks_all_objects(company: Any) -> None:
    id = customer(company, "杭州恒科机械有限公司", phone="13857101234")
    company.lead(company.wang, name="王芳", company="杭州恒科", phone="13900001111", email="wang.fang@hengke.cn")
    company.call(company.admin, "POST", "/records/contact", {"name": "李雷", "customer_id": id})
    assert found(company, company.admin, "恒科") == {"customer": ["杭州恒科机械有限公司"], "lead": ["王芳"]}
    assert found(company, company.admin, "hzhk") == {"customer": ["杭州恒科机械有限公司"], "lead": ["王芳"]}
    assert found(company, company.admin, "+86 138-5710-1234") == {"customer": ["杭州恒科机械有限公司"]}
    assert found(company, company.admin, "1111") == {"lead": ["王芳"]}
    assert found(company, company.admin, "wang.fang@heng") == {"lead": ["王芳"]}
    assert found(company, company.admin, "機械") == {"customer": ["杭州恒科机械有限公司"]}
    assert found(company, company.admin, "ＬＬ") == {"contact": ["李雷"]}
    assert found(company, company.admin, "恒科", objects="lead") == {"lead": ["王芳"]}
    assert found(company, company.admin, "没有这个") == {}
    assert found(company, company.admin, "  ") == {}


def test_objects_that_have_nothing_to_say_cost_no_question_of_their_own(company: Any) -> None:
    customer(company, "杭州恒科机械有限公司")
    company.lead(company.wang, name="王芳", company="杭州恒科")
    alone = statements_of(company, "恒科")
    for number in range(4):
        definition = {"name": f"thing_{number}", "fields": [{"name": "name", "type": "text"}]}
        assert company.call(company.admin, "POST", "/objects", definition).status_code == 201
    assert statements_of(company, "恒科") == alone
    assert statements_of(company, "没有这个") < alone


def statements_of(company: Any, question: str) -> int:
    """How many statements to the search the second answer to a question takes."""
    found(company, company.admin, question)
    seen: list[str] = []
    engine = company.harness.service.db.engine
    note = lambda _conn, _cursor, statement, *_: seen.append(statement)  # noqa: E731
    event.listen(engine, "before_cursor_execute", note)
    found(company, company.admin, question)
    event.remove(engine, "before_cursor_execute", note)
    return sum("search_" in statement for statement in seen)


def test_the_answer_says_what_matched_and_shows_a_line(company: Any) -> None:
    company.lead(company.wang, name="王芳", company="恒科", phone="13900001111", region="east")
    answer = company.harness.call(company.wang, "GET", "/v1/search", query_string={"q": "0000-1111"}).json
    [group] = answer["items"]
    assert (group["object"], group["more"]) == ("lead", False)
    [hit] = group["items"]
    assert (hit["title"], hit["matched"]) == ("王芳", "phone")
    assert hit["record"]["phone"] == "+8613900001111"
    assert hit["record"].keys() == {"id", "version", "name", "company", "region", "phone", "_labels"}


def test_equal_comes_before_beginning_before_within_and_titles_before_other_fields(company: Any) -> None:
    for name, firm in (("上海恒科", None), ("张三", "恒科"), ("恒科电子", None), ("李四", "恒科物流"), ("恒科", None),
                       ("王五", "新恒科"), ("北京恒科", None)):
        company.lead(company.wang, name=name, company=firm)
    assert found(company, company.wang, "恒科", limit="20") == {
        "lead": ["恒科", "张三", "恒科电子", "李四", "北京恒科", "上海恒科", "王五"]}


def test_changes_and_deletions_are_seen_at_once(company: Any) -> None:
    lead = company.lead(company.wang, name="王芳", company="恒科")
    company.call(company.wang, "PATCH", f"/records/lead/{lead['id']}", {"company": "大华"})
    assert found(company, company.wang, "恒科") == {}
    assert found(company, company.wang, "大华") == {"lead": ["王芳"]}
    batch = {"operations": [{"action": "create", "values": {"name": f"批量{number}"}} for number in range(30)]}
    assert company.call(company.wang, "POST", "/records/lead/batch", batch).status_code == 200
    assert len(found(company, company.wang, "批量", limit="20")["lead"]) == 20
    assert company.call(company.wang, "DELETE", f"/records/lead/{lead['id']}").status_code == 204
    assert found(company, company.wang, "大华") == {}


def test_an_address_is_searched_like_a_text(company: Any) -> None:
    company.call(company.admin, "POST", "/objects/lead/fields", {"name": "seat", "type": "address"})
    fields = ["name", "seat"]
    assert company.call(company.admin, "PATCH", "/objects/lead", {"list_fields": fields}).status_code == 200
    company.lead(company.wang, name="王芳", seat={"city": "杭州市", "street": "江南大道100号"})
    assert found(company, company.wang, "江南大道") == {"lead": ["王芳"]}


def test_a_scope_decides_who_finds_what(company: Any) -> None:
    company.lead(company.wang, name="恒科王")
    company.lead(company.li, name="恒科李")
    company.lead(company.admin, name="恒科东", owner_id=company.boss)
    assert found(company, company.wang, "恒科") == {"lead": ["恒科王"]}
    assert found(company, company.boss, "恒科") == {"lead": ["恒科东", "恒科王"]}
    assert found(company, company.admin, "恒科") == {"lead": ["恒科东", "恒科李", "恒科王"]}
    moved = company.call(company.admin, "GET", "/records/lead?q=恒科李").json["items"][0]["id"]
    company.call(company.admin, "PATCH", f"/records/lead/{moved}", {"owner_id": company.wang})
    assert found(company, company.wang, "恒科") == {"lead": ["恒科李", "恒科王"]}
    assert found(company, company.li, "恒科") == {}


def test_a_narrow_scope_loses_nothing_to_the_many_records_of_others(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(global_search, "CANDIDATES", 5)
    monkeypatch.setattr(global_search, "NEWEST", 3)
    company.lead(company.wang, name="恒科王")
    batch = {"operations": [{"action": "create", "values": {"name": f"恒科{number}"}} for number in range(20)]}
    assert company.call(company.li, "POST", "/records/lead/batch", batch).status_code == 200
    assert found(company, company.wang, "恒科") == {"lead": ["恒科王"]}


def test_a_broad_question_gives_what_is_equal_and_then_the_newest(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(global_search, "CANDIDATES", 5)
    monkeypatch.setattr(global_search, "NEWEST", 3)
    names = ["恒科", "恒科一", *(f"大恒科{number}" for number in range(20))]
    batch = {"operations": [{"action": "create", "values": {"name": name}} for name in names]}
    company.call(company.wang, "POST", "/records/lead/batch", batch)
    answer = company.harness.call(company.wang, "GET", "/v1/search", query_string={"q": "恒科"}).json["items"][0]
    assert [item["title"] for item in answer["items"]] == ["恒科", "恒科一", "大恒科19", "大恒科18", "大恒科17"]
    assert answer["more"]
    company.lead(company.wang, name="恒远有限公司")
    assert found(company, company.wang, "有限公司") == {"lead": ["恒远有限公司"]}


def test_what_most_entries_have_is_left_out_of_the_question_and_nothing_is_lost(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(global_search, "CANDIDATES", 5)
    names = ["恒科", "远大恒科泵业", *(f"恒科机械{number:02}" for number in range(30))]
    batch = {"operations": [{"action": "create", "values": {"name": name, "email": f"user{place}@hengke.com"}}
                            for place, name in enumerate(names)]}
    company.call(company.wang, "POST", "/records/lead/batch", batch)
    words = ("恒科", "恒科机械", "恒科机械07", "恒科泵业", "hkjx", "user11@hengke", "hengke.com", "ke", "恒科 17", "无")
    asked = [(who, word) for who in (company.wang, company.admin) for word in words]
    before = [found(company, *one) for one in asked]
    assert sum(map(bool, before)) > len(words)
    service = company.harness.service
    if not service.db.is_sqlite:
        with service.db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE search_entry")
    service.parts["rarity"] = RarityBook()
    with service.db.read() as connection:
        rarity = service.parts["rarity"].known(connection)
    assert (rarity.entries >= len(names) and max(rarity.shares.values()) > 0.9) or service.db.is_sqlite
    assert before == [found(company, *one) for one in asked]


def test_a_field_that_may_not_be_read_finds_nothing(company: Any) -> None:
    company.lead(company.wang, name="王芳", company="恒科", phone="13900001111")
    blind = company.seller(company.east_team, grant("all", None, phone="none"))
    assert found(company, blind, "1111") == {}
    assert found(company, blind, "wf") == {"lead": ["王芳"]}
    assert found(company, blind, "hk") == {"lead": ["王芳"]}
    assert found(company, blind, "恒科 1111") == {}
    nameless = company.seller(company.east_team, grant("all", None, name="none"))
    assert found(company, nameless, "王芳") == {}
    assert found(company, nameless, "13900001111") == {"lead": [None]}
    writer = company.seller(company.east_team, grant("all", ["create"]))
    assert found(company, writer, "恒科") == {}


def test_a_question_that_makes_no_sense_is_refused(company: Any) -> None:
    unreading = company.seller(company.east_team, grant("all", ["create"]))
    for who, query, status, code in (
            (company.wang, {"q": "x" * 101}, 422, "bad_search"),
            (company.wang, {"q": "a\u0007"}, 422, "control_characters"),
            (company.wang, {"q": "x", "objects": "nonsense"}, 422, "unknown_object"),
            (company.wang, {"q": "x", "limit": "21"}, 422, "bad_limit"),
            (company.wang, {"q": "x", "limit": "a"}, 422, "bad_limit"),
            (company.wang, {"q": "x", "sort": "name"}, 422, "unknown_field"),
            (company.wang, {"q": "x", "objects": ",".join(["lead"] * 61)}, 422, "bad_list")):
        answer = company.harness.call(who, "GET", "/v1/search", query_string=query)
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (status, code), query
    told = company.harness.call(company.wang, "GET", "/v1/search", query_string={"q": "x", "limit": "21"}).json
    assert "1 to 20" in told["errors"][0]["detail"]
    answer = company.harness.call(unreading, "GET", "/v1/search", query_string={"q": "x", "objects": "lead"})
    assert (answer.status_code, answer.json["code"]) == (403, "action_not_granted")


def work_off(company: Any) -> None:
    settle_search(company.harness.service)
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass


def test_entries_are_made_again_when_the_searched_fields_change(company: Any) -> None:
    work_off(company)
    company.lead(company.wang, name="王芳", site="https://hengke.example")
    company.lead(company.wang, name="李四", code="QX77")
    assert found(company, company.wang, "qx77") == {}
    answer = company.call(company.admin, "PATCH", "/objects/lead/fields/code", {"indexed": True})
    assert answer.status_code == 200, answer.json
    work_off(company)
    assert found(company, company.wang, "qx77") == {"lead": ["李四"]}


def test_records_older_than_the_search_are_found_after_the_schedule_has_run(company: Any) -> None:
    company.lead(company.wang, name="王芳")
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(delete(search_entry))
        uow.execute(delete(search_state))
    assert found(company, company.wang, "王芳") == {}
    work_off(company)
    assert found(company, company.wang, "王芳") == {"lead": ["王芳"]}
    settle_search(company.harness.service)
    assert JobRunner(company.harness.service).run_one() is False


def test_a_deleted_object_leaves_no_entries(company: Any) -> None:
    work_off(company)
    contact = company.call(company.admin, "POST", "/records/contact", {"name": "x"}).json
    company.call(company.admin, "DELETE", f"/records/contact/{contact['id']}")
    company.call(company.admin, "DELETE", "/objects/contact")
    work_off(company)
    with company.harness.service.db.read() as connection:
        assert "contact" not in connection.execute(select(search_state.c.object)).scalars().all()
