"""Lists: criteria, order, pages, totals, search; the number of statements never grows with the rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

ORDERS = ("name", "-name", "score,-name", "-score", "-expected_amount,name", "visited_on", "called_at,-id",
          "rate,score,-created_at", "vip", "region,-score")


def fill(company: Any) -> list[dict[str, Any]]:
    names = ["王芳", "李雷", "赵六", "阿里", "Bob", "alice", "Carl", "陈一", "周二", "吴三", "钱四", "孙五"]
    rows = []
    for place, name in enumerate(names):
        values: dict[str, Any] = {"name": name, "region": ("east", "north", None)[place % 3]}
        if place % 4:
            values |= {"score": place % 5, "rate": f"{place}.5", "vip": place % 2 == 0,
                       "expected_amount": {"amount": str(place * 10 % 70), "currency": "CNY"},
                       "visited_on": f"2026-01-{place + 1:02d}", "called_at": f"2026-01-{place + 1:02d}T00:00:00Z"}
        rows.append({"action": "create", "values": values})
    answer = company.call(company.admin, "POST", "/records/lead/batch", {"operations": rows}).json
    return [result["record"] for result in answer["results"]]


def pages(company: Any, path: str, limit: int) -> list[dict[str, Any]]:
    items, cursor = [], ""
    while cursor is not None:
        answer = company.call(company.admin, "GET", f"{path}&limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status_code == 200, answer.json
        items += answer.json["items"]
        cursor = answer.json["next_cursor"]
    return items


def test_pages_of_any_order_hold_every_record_once_and_missing_values_come_last(company: Any) -> None:
    made = fill(company)
    for order in ORDERS:
        whole = pages(company, f"/records/lead?sort={order}", 200)
        paged = pages(company, f"/records/lead?sort={order}", 5)
        assert [one["id"] for one in paged] == [one["id"] for one in whole], order
        assert len({one["id"] for one in whole}) == len(made)
        first = order.split(",")[0].lstrip("-")
        missing = [one[first] is None for one in whole]
        assert missing == sorted(missing), order


def test_chinese_names_are_sorted_by_pinyin(company: Any) -> None:
    fill(company)
    names = [one["name"] for one in pages(company, "/records/lead?sort=name", 50)]
    chinese = [name for name in names if not name.isascii()]
    assert chinese == ["阿里", "陈一", "李雷", "钱四", "孙五", "王芳", "吴三", "赵六", "周二"]


def test_filters_criteria_and_search_agree(company: Any) -> None:
    fill(company)
    company.lead(company.admin, name="Phone", phone="13800138000", tags=["a", "c"], note="nothing")

    def names(path: str, body: Any = None) -> list[str]:
        answer = company.call(company.admin, "POST" if body is not None else "GET", f"/records/lead{path}", body)
        assert answer.status_code == 200, answer.json
        return sorted(item["name"] for item in answer.json["items"])

    east = names("?filter[region]=east&filter[score]=1")
    clauses = [{"field": "region", "op": "eq", "value": "east"}, {"field": "score", "op": "eq", "value": 1}]
    assert east == names("/query", {"criteria": {"all": clauses}}) != []
    for search in ("138-0013", "13800138000", "+86138", "PHON"):
        assert names(f"?q={search.replace('+', '%2B')}") == ["Phone"]
    assert names("?filter[phone]=138 0013 8000") == names("?filter[tags]=a") == ["Phone"]
    assert names("?filter[vip]=true")
    assert names("?q=100%25") == []
    assert names("?q=") == names("?q=%20") == names("")
    assert names("/query", {"q": ""}) == names("/query", {"q": None}) == names("")


def test_a_cursor_belongs_to_its_caller_and_its_list(company: Any) -> None:
    fill(company)
    cursor = company.call(company.admin, "GET", "/records/lead?limit=2&sort=name").json["next_cursor"]
    for who, path in ((company.boss, f"?limit=2&sort=name&cursor={cursor}"),
                      (company.admin, f"?limit=2&sort=-name&cursor={cursor}"),
                      (company.admin, f"?limit=2&sort=name&filter[region]=east&cursor={cursor}"),
                      (company.admin, f"?sort=name&cursor={cursor[:-2]}"), (company.admin, "?cursor=%00"),
                      (company.admin, f"?cursor={'A' * 5000}")):
        answer = company.call(who, "GET", f"/records/lead{path}")
        assert answer.status_code == 422, path
    assert company.call(company.admin, "GET", f"/records/contact?sort=name&cursor={cursor}").status_code == 422


def test_wrong_questions_are_refused_with_their_place(company: Any) -> None:
    for path, pointer in (("?limit=0", "?limit"), ("?limit=201", "?limit"), ("?limit=x", "?limit"),
                          ("?nonsense=1", "?nonsense"),
                          ("?sort=note", "?sort"), ("?sort=tags", "?sort"), ("?sort=name,name", "?sort"),
                          ("?total=all", "?total"), ("?sort=a,b,c,d", "?sort"), ("?expand=all", "?expand"),
                          ("?limit=1&limit=2", "?limit"), (f"?q={'x' * 101}", "?q"), ("?filter[nothing]=1", "?filter"),
                          ("?q=%07", "?q")):
        answer = company.call(company.admin, "GET", f"/records/lead{path}")
        assert answer.status_code == 422, path
        assert answer.json["errors"][0]["pointer"].startswith(pointer), (path, answer.json)
    for body in ({"sort": "name"}, {"fields": 5}, {"limit": "5"}, {"limit": True}, {"cursor": 5}, {"q": 5}, {"more": 1},
                 {"criteria": []}, {"criteria": {"field": "name", "op": "like", "value": "x"}}, {"expand": "labels"},
                 {"sort": [5]}, {"sort": [None]}, {"fields": [{}]}, {"total": 5}):
        answer = company.call(company.admin, "POST", "/records/lead/query", body)
        assert answer.status_code == 422, body


def test_totals_say_how_sure_they_are(company: Any, monkeypatch: Any) -> None:
    fill(company)
    counted = company.call(company.admin, "GET", "/records/lead?limit=1&total=exact").json
    assert (counted["total"], counted["total_is"]) == (12, "exact")
    assert company.call(company.admin, "GET", "/records/lead?total=estimate").json["total"] == 12
    monkeypatch.setattr("services.customer.queries.list_records.COUNTED_EXACTLY", 5)
    counted = company.call(company.admin, "GET", "/records/lead?limit=1&total=exact").json
    assert (counted["total"], counted["total_is"]) == (5, "at_least")


def test_the_fields_of_a_list_can_be_chosen(company: Any) -> None:
    fill(company)
    item = company.call(company.admin, "GET", "/records/lead?fields=name,region&limit=1").json["items"][0]
    assert item.keys() == {"id", "version", "name", "region"}


@contextmanager
def statements(company: Any) -> Iterator[list[str]]:
    said: list[str] = []
    engine = company.harness.service.db.engine

    def note(*args: Any) -> None:
        if not any(word in args[2] for word in ("BEGIN", "NOTIFY", "revision", "directory", "revoked")):
            said.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_number_of_statements_does_not_grow_with_the_rows(company: Any) -> None:
    customer = company.call(company.admin, "POST", "/records/customer", {"name": "ACME"}).json["id"]
    counts = {}
    for rows in (10, 60):
        values = [{"name": f"n{rows}", "customer_id": customer, "phone": f"138001{30000 + rows * 100 + place}"}
                  for place in range(rows)]
        with statements(company) as creating:
            results = batch(company, [{"action": "create", "values": row} for row in values])
        with statements(company) as listing:
            company.call(company.admin, "GET", "/records/lead?expand=labels&limit=100&total=exact")
        with statements(company) as changing:
            batch(company, [{"action": "update", "id": one["record"]["id"], "values": {"score": 1}} for one in results])
        with statements(company) as deleting:
            batch(company, [{"action": "delete", "id": one["record"]["id"]} for one in results])
        counts[rows] = [len(said) for said in (creating, listing, changing, deleting)]
    assert counts[60] == counts[10]
    assert max(counts[10]) <= 10


def batch(company: Any, operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = company.call(company.admin, "POST", "/records/lead/batch", {"operations": operations}).json["results"]
    assert {result["status"] for result in answer} <= {200, 201, 204}
    return answer
