"""A worker that is killed in the middle of a hand-over, and of the undoing of a bulk change: exact afterwards.

The worker is the product's own process, on PostgreSQL and RabbitMQ; it dies by kill -9 while chunks are being written,
and its supervisor starts it again. Afterwards each record has changed exactly once, each task has gone with its record,
each receiver has heard once, and the reports say what the records say.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from bench.chaos import rows_of
from chassis.ids import new_id
from tests.support.product import UNLIMITED, Person, Product, full_product, new_password, wait_for

LEADS, TASKS = 6000, 40
RECORDS = "/api/customer/v1"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product, each role a process."""
    with full_product(tmp_path_factory.mktemp("killed"), env=UNLIMITED) as live:
        yield live


def person(admin: Person, name: str) -> str:
    """Somebody who can own leads."""
    roles = admin.get("/api/gateway/v1/roles", limit=100)["items"]
    role = next(one["id"] for one in roles if one["key"] == "sales_rep")
    return str(admin.post("/api/gateway/v1/users", {
        "username": name, "name": name, "email": f"{name}@example.com", "role_ids": [role], "locale": "en",
        "timezone": "UTC", "password": new_password()})["id"])


def leads_of(admin: Person, owner: str) -> None:
    """Very many leads of one person, and tasks about some of them."""
    for _ in range(LEADS // 500):
        operations = [{"action": "create", "values": {"name": f"killed {new_id()}", "owner_id": owner,
                                                      "region": "east"}} for _ in range(500)]
        answer = admin.post(f"{RECORDS}/records/lead/batch", {"operations": operations, "atomic": True})
        assert len(answer["results"]) == 500
    page = admin.post(f"{RECORDS}/records/lead/query", {
        "criteria": {"field": "owner_id", "op": "eq", "value": owner}, "limit": TASKS, "fields": ["id"]})
    for one in page["items"]:
        admin.post("/api/workflow/v1/tasks", {"title": "Call back", "assignee_id": owner,
                                              "link": {"object": "lead", "id": one["id"]}})


def killed_in_the_middle(product: Product, admin: Person, table: str, path: str, done: str) -> None:
    """Kill the worker as soon as some chunks are written and some are not; returns once the job has come to its end."""
    assert product.stack is not None
    id = path.rpartition("/")[2]
    ask = f"SELECT state, {done} AS done FROM {table} WHERE id = '{id}'"
    wait_for(lambda: rows_of(product, "customer", ask)[0].done > 0, 60)
    product.stack.kill_role("customer-worker")
    [stopped] = rows_of(product, "customer", ask)
    assert 0 < stopped.done < LEADS, "the worker was killed in the middle"
    assert stopped.state in ("running", "undoing")
    wait_for(lambda: admin.get(path)["state"] not in ("running", "undoing"), 120)


def state(product: Product) -> dict[str, tuple[Any, ...]]:
    """Lead → owner, region, version, and how many lines its history has."""
    return {row.id: (row.owner, row.region, row.version, row.lines) for row in rows_of(product, "customer", """
        SELECT id::text AS id, owner_id::text AS owner, region, version,
               (SELECT count(*) FROM record_change WHERE record_id = r_lead.id) AS lines
        FROM r_lead WHERE name LIKE 'killed %'""")}


def counted(admin: Person, field: str) -> dict[Any, int]:
    """What the reports say."""
    answer = admin.post("/api/report/v1/query", {
        "object": "lead", "measures": [{"op": "count"}], "dimensions": [{"field": field}],
        "criteria": {"field": "name", "op": "starts_with", "value": "killed "}})
    return {row["keys"][0]: int(row["values"][0]) for row in answer["rows"]}


def received(product: Product, people: list[str]) -> Counter[tuple[str, str, int]]:
    """Who was told of how much."""
    rows = rows_of(product, "notify", "SELECT user_id::text AS person, template, params FROM inbox_item"
                                      " WHERE template IN ('records_received', 'tasks_received')")
    return Counter((row.person, row.template, _plain(row.params)["number"]) for row in rows if row.person in people)


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


@pytest.mark.timeout(600)
def test_a_hand_over_and_the_undoing_of_a_bulk_change_survive_a_kill_of_their_worker(product: Product) -> None:
    admin = product.administrator()
    leaver, *others = (person(admin, name) for name in ("leaver", "ann", "bob"))
    leads_of(admin, leaver)
    _settled(product, admin)
    before = state(product)
    run = admin.post(f"{RECORDS}/handovers", {"person_id": leaver, "plan": [{"object": "lead", "people": others}]})
    killed_in_the_middle(product, admin, "handover", f"{RECORDS}/handovers/{run['id']}", "done")
    shown = admin.get(f"{RECORDS}/handovers/{run['id']}")
    after = state(product)
    assert (shown["state"], shown["progress"]) == ("finished", {"done": LEADS, "total": LEADS})
    half = dict.fromkeys(others, LEADS // 2)
    assert Counter(one[0] for one in after.values()) == half == shown["counts"]["receivers"]
    _changed_once(before, after)
    tasks = rows_of(product, "workflow", "SELECT assignee_id::text AS person, link_id::text AS lead, version FROM task"
                                         " WHERE title::text LIKE '%Call back%'")
    assert [(one.person, one.version) for one in tasks] == [(after[one.lead][0], 2) for one in tasks]
    assert len(tasks) == TASKS == sum(shown["counts"]["tasks"].values())
    told = {(one, "records_received", LEADS // 2) for one in others} | {
        (one, "tasks_received", number) for one, number in shown["counts"]["tasks"].items()}
    wait_for(lambda: set(received(product, others)) == told, 60)
    assert set(received(product, others).values()) == {1}
    wait_for(lambda: counted(admin, "owner_id") == half, 60)

    before = after
    bulk = admin.post(f"{RECORDS}/bulk-jobs", {
        "object": "lead", "action": "update", "values": {"region": "north"},
        "criteria": {"field": "name", "op": "starts_with", "value": "killed "}})
    path = f"{RECORDS}/bulk-jobs/{bulk['id']}"
    wait_for(lambda: admin.get(path)["state"] == "finished", 120)
    between = state(product)
    assert {one[1] for one in between.values()} == {"north"}
    admin.post(f"{path}/undo")
    killed_in_the_middle(product, admin, "bulk_run", path, "COALESCE((undo->>'restored')::int, 0)")
    shown, after = admin.get(path), state(product)
    assert (shown["state"], shown["undo"]) == ("undone", {"restored": LEADS, "kept": 0})
    assert {id: one[:2] for id, one in after.items()} == {id: one[:2] for id, one in before.items()}
    _changed_once(between, after)
    wait_for(lambda: counted(admin, "region") == {"east": LEADS}, 60)


def _settled(product: Product, admin: Person) -> None:
    """What rules of the pack do with new leads is done: their events have been read everywhere, and nothing moves."""
    wait_for(lambda: sum(counted(admin, "owner_id").values()) == LEADS, 120)
    last = None
    while last != (last := Counter(one[2:] for one in state(product).values())):
        time.sleep(2)


def _changed_once(before: dict[str, tuple[Any, ...]], after: dict[str, tuple[Any, ...]]) -> None:
    """Every record has one version and one line of history more."""
    assert before.keys() == after.keys()
    assert {(after[id][2] - one[2], after[id][3] - one[3]) for id, one in before.items()} == {(1, 1)}
