"""How long the search box takes at a million Chinese customers on PostgreSQL, and what it adds to a write.

    python -m bench.search [--customers 1000000] [--rounds 40] [--keep FOLDER]

Customers and a tenth as many contacts are made by the product's own code and brought in by COPY, without history and
events. Three people ask, each in random order: one who sees everything, one who sees his department (a tenth), one
who sees what is his own (a thousandth). `answer` is the whole request inside the process, `SQL` the part of it that
the driver and the database took, `CPU` what both processes worked for it, whoever else uses the machine. Kept
current: what entries cost per record, one by one and by the thousand.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from bench.furnish import REGIONS
from bench.names import FIRMS, company_name, person_name
from chassis.clock import utcnow
from chassis.context import Cause, with_cause
from chassis.ids import new_id
from chassis.service import Service
from chassis.testkit.harness import Harness
from chassis.testkit.postgres import PrivatePostgres
from services.customer.bootstrap import SPEC
from services.customer.model.values.times import moment_text
from services.customer.store import search_entries
from services.customer.store.match_keys import add_keys
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases import create_records as creating
from services.customer.usecases import indexing
from services.customer.usecases.follow_owner import SYSTEM

OBJECTS = Path(__file__).resolve().parents[1] / "packs" / "crm" / "objects"
PIECE = 1000
BUDGET_MS = 100
OWNERS = 1000
KINDS_OF_QUESTIONS = 16


@dataclass
class Timer:
    """Collects what single questions took, in milliseconds."""

    answer: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--keep", type=Path, help="a folder for the database, used again by the next run")
    chosen = options.parse_args()
    with PrivatePostgres(chosen.keep, settings={"shared_buffers": "1GB"}) as postgres:
        with contextlib.suppress(Exception):
            postgres.createdb("search")
        with tempfile.TemporaryDirectory() as folder, contextlib.closing(
                Harness(SPEC, Path(folder), postgres.url("search"))) as harness:
            people = furnish(harness, chosen.customers)
            for name, person in people.items():
                ask_all(harness, postgres, name, person, chosen.rounds)
            write_costs(harness, postgres)
            sizes(harness)


def furnish(harness: Harness, customers: int) -> dict[str, str]:
    """Objects, people and records; those of an earlier run are kept."""
    chance = random.Random(11)
    admin = harness.administrator()
    if harness.call(admin, "GET", "/v1/objects/customer").status_code == 200:
        return people(harness, admin, chance)
    for name in ("customer", "contact"):
        answer = harness.call(admin, "POST", "/v1/objects", standing_alone(name))
        assert answer.status_code == 201, answer.json
    with harness.service.db.unit_of_work() as uow:
        uow.execute(text("DROP INDEX search_entry_tokens"))
    started = time.perf_counter()
    departments = [new_id() for _ in range(10)]
    owners = [(new_id(), departments[number % 10]) for number in range(OWNERS)]
    for name, count in (("customer", customers), ("contact", customers // 10)):
        fill(harness.service, harness.service.parts["types"].get(name), count, owners, chance)
    print(f"filled {customers:,} customers and {customers // 10:,} contacts in {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    with harness.service.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET maintenance_work_mem = '1GB'"))
        connection.execute(text("CREATE INDEX search_entry_tokens ON search_entry USING gin (tokens) "
                                "WITH (gin_pending_list_limit = 1024)"))
        print(f"index made in {time.perf_counter() - started:.0f} s")
        connection.execute(text("VACUUM ANALYZE"))
    return people(harness, admin, chance)


def standing_alone(name: str) -> dict[str, Any]:
    """An object of the CRM without what needs the others."""
    shipped = json.loads((OBJECTS / f"{name}.json").read_text(encoding="utf-8"))
    fields = [one for one in shipped["fields"] if one["type"] not in ("formula", "rollup")
              and one.get("options", {}).get("object", "customer") == "customer"]
    return {key: shipped[key] for key in ("name", "label", "plural", "title_field", "list_fields")} | {"fields": fields}


def people(harness: Harness, admin: str, chance: random.Random) -> dict[str, str]:
    """One who sees all, one who sees a department, one who sees his own records."""
    with harness.service.db.read() as connection:
        owner, department = connection.execute(text(
            "SELECT owner_id, department_id FROM r_customer ORDER BY id LIMIT 1")).one()
    harness.update("departments", {"id": department, "name": "Bench", "parent_id": None})
    roles = {scope: harness.role({"*": {"actions": ["read"], "scope": scope, "fields": {}}})
             for scope in ("own", "department")}
    harness.update("users", {
        "id": owner, "username": new_id(), "name": "Own", "email": None, "phone": None, "department_id": department,
        "role_ids": [roles["own"]], "active": True, "locale": "en", "timezone": "UTC"})
    return {"all": admin, "department": harness.user("Department", department, (roles["department"],)), "own": owner}


def fill(service: Service, record_type: RecordType, count: int, owners: Sequence[tuple[str, str]],
         chance: random.Random) -> None:
    """Bring records of (owner, department) in turn in by COPY, with match keys and search entries."""
    for start in range(0, count, PIECE):
        records = [record(record_type, start + number, owners, chance) for number in range(min(PIECE, count - start))]
        with service.db.unit_of_work() as uow:
            uow.insert_many(record_type.table, [record_type.params(one) for one in records])
            add_keys(uow, record_type.definition, records)
            search_entries.add_entries(uow, record_type, records)


def record(record_type: RecordType, number: int, owners: Sequence[tuple[str, str]], chance: random.Random) -> Record:
    """One record in wire form."""
    owner, department = owners[number % len(owners)]
    now, latin = moment_text(utcnow()), f"user{chance.randrange(10**6)}"
    values = {
        "name": company_name(chance) if record_type.name == "customer" else person_name(chance),
        "code": f"C{number:06d}", "phone": f"+861{chance.choice('3578')}{chance.randrange(10**9):09d}",
        "email": f"{latin}@{chance.choice(FIRMS)}{chance.randrange(1000)}.com", "level": chance.choice("ABC"),
        "region": chance.choice(REGIONS)}
    fixed = {"id": new_id(), "version": 1, "created_at": now, "created_by": None, "updated_at": now, "updated_by": None,
             "owner_id": owner, "department_id": department}
    return {**fixed, **{name: values.get(name) for name in record_type.fields}}


def questions(service: Service, chance: random.Random) -> Iterator[tuple[str, str]]:
    """(kind, question): pieces of records that stand, and words that very many have."""
    with service.db.read() as connection:
        rows = connection.execute(text(
            "SELECT e.title, c.name, c.phone, c.email, c.code FROM r_customer c TABLESAMPLE SYSTEM (1) "
            "JOIN search_entry e ON e.record_id = c.id LIMIT 2000")).all()
    while True:
        one = chance.choice(rows)
        _, name, spelled, initials, *_ = one.title.split("\x1f")
        at = chance.randrange(max(len(name) - 6, 1))
        yield "two Chinese characters", name[at:at + 2]
        yield "four Chinese characters", name[at:at + 4]
        yield "whole name", one.name
        yield "pinyin initials, four", initials[:4]
        yield "pinyin initials, six", initials[:6]
        yield "full pinyin, ten letters", spelled[:10]
        yield "full pinyin as it is typed, three letters", spelled[:3]
        yield "phone, whole with separators", f"{one.phone[3:6]}-{one.phone[6:10]}-{one.phone[10:]}"
        yield "phone, first four digits", one.phone[3:7]
        yield "phone, last four digits", one.phone[-4:]
        yield "e-mail, whole", one.email
        yield "e-mail, part", one.email[:7]
        yield "number", one.code
        yield "words of very many", chance.choice(("有限公司", "科技", "杭州", "机械", "keji", "user", "138"))
        yield "two words", f"{name[:2]} {name[4:6]}"
        yield "nothing", chance.choice(("量子鲸鱼", "qqqq", "18812345678999"))


def ask_all(harness: Harness, server: PrivatePostgres, who: str, user_id: str, rounds: int) -> None:
    """Ask every kind of question and print what it took."""
    asked = questions(harness.service, random.Random(3))
    kinds: dict[str, list[str]] = {}
    for _ in range((rounds + 2) * KINDS_OF_QUESTIONS):
        kind, question = next(asked)
        kinds.setdefault(kind, []).append(question)
    print(f"\ncaller sees: {who}\n{'question':<42}{'answer p50':>11}{'p95':>8}{'SQL p50':>9}{'p95':>8}"
          f"{'CPU service':>13}{'database':>10}  (ms)")
    spent, everything = sql_time(harness), Timer()
    for kind, texts in kinds.items():
        ask(harness, user_id, texts[:2], Timer(), spent)  # warms up
        timer = Timer()
        cost = cpu_of(server, lambda: ask(harness, user_id, texts[2:], timer, spent))  # noqa: B023
        print(line(kind, timer, [one / rounds * 1000 for one in cost]))
        everything.answer += timer.answer
        everything.sql += timer.sql
    print(line("all kinds", everything, ()))


def ask(harness: Harness, user_id: str, texts: Sequence[str], timer: Timer, spent: list[float]) -> None:
    """Ask questions one after the other."""
    headers = {"Authorization": f"Bearer {harness.token(user_id)}"}
    for question in texts:
        before, started = spent[0], time.perf_counter()
        answer = harness.client.get("/v1/search", query_string={"q": question}, headers=headers)
        timer.answer.append((time.perf_counter() - started) * 1000)
        timer.sql.append((spent[0] - before) * 1000)
        assert answer.status_code == 200, answer.json


def line(kind: str, timer: Timer, cpu: Sequence[float]) -> str:
    """One line of the table."""
    slow = "  over budget" if part(timer.answer, 0.95) > BUDGET_MS else ""
    worked = "".join(f"{one:>{width}.1f}" for one, width in zip(cpu, (13, 10), strict=False))
    return (f"{kind:<42}{part(timer.answer, 0.5):>11.1f}{part(timer.answer, 0.95):>8.1f}"
            f"{part(timer.sql, 0.5):>9.1f}{part(timer.sql, 0.95):>8.1f}{worked:<23}{slow}")


def part(times: Sequence[float], share: float) -> float:
    """The time that this share of all stays below."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def sql_time(harness: Harness) -> list[float]:
    """A running total of the seconds that statements took."""
    total, began = [0.0], [0.0]
    engine = harness.service.db.engine
    event.listen(engine, "before_cursor_execute", lambda *_: began.__setitem__(0, time.perf_counter()))
    event.listen(engine, "after_cursor_execute",
                 lambda *_: total.__setitem__(0, total[0] + time.perf_counter() - began[0]))
    return total


def write_costs(harness: Harness, server: PrivatePostgres) -> None:
    """What entries add to creating records, in CPU of the service and of the whole database."""
    record_type, chance = harness.service.parts["types"].get("customer"), random.Random(5)
    rows = [{"name": company_name(chance), "phone": f"138{number:08d}", "email": f"new{number}@example.com"}
            for number in range(20_000)]
    print("\nCPU per record created, ms              service  database")
    for size, count in ((1, 600), (500, 20_000)):
        costs = {}
        for with_entries in (False, True, False, True):
            with without_entries(not with_entries):
                cost = cpu_of(server, lambda: create(harness, record_type, rows[:count], size))  # noqa: B023
            best = costs.get(with_entries, cost)
            costs[with_entries] = tuple(min(pair) for pair in zip(best, cost, strict=True))
        for name, cost in (("without search", costs[False]), ("with search", costs[True])):
            print(f"{f'{size} at a time, {name}':<40}{cost[0] / count * 1000:>7.3f}{cost[1] / count * 1000:>10.3f}")


def create(harness: Harness, record_type: RecordType, rows: Sequence[Record], size: int) -> None:
    """Create records through the use case, so many in a unit of work."""
    with with_cause(Cause(request_id=new_id())):
        for start in range(0, len(rows), size):
            with harness.service.db.unit_of_work() as uow:
                creating.create_records(harness.service, uow, SYSTEM, record_type, rows[start:start + size],
                                        alone=size == 1)


@contextlib.contextmanager
def without_entries(off: bool) -> Iterator[None]:
    """Create records without search entries, for comparison."""
    real = indexing.add_entries
    if off:
        indexing.add_entries = lambda *_: None
    try:
        yield
    finally:
        indexing.add_entries = real


def cpu_of(server: PrivatePostgres, work: Callable[[], Any]) -> tuple[float, float]:
    """CPU seconds of this process and of the database server."""
    mine, theirs = time.process_time(), server_cpu(server)
    work()
    return time.process_time() - mine, server_cpu(server) - theirs


def server_cpu(server: PrivatePostgres) -> float:
    """CPU seconds of the server's processes, those that have ended included."""
    pids = [server.pid, *Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15] if pid == server.pid else fields[11:13]))
    return ticks / 100


def sizes(harness: Harness) -> None:
    """How much room the search takes."""
    with harness.service.db.read() as connection:
        for name in ("search_entry", "search_entry_tokens", "r_customer"):
            size = connection.execute(text("SELECT pg_size_pretty(pg_relation_size(:name))"), {"name": name}).scalar()
            print(f"size of {name}: {size}")


if __name__ == "__main__":
    main()
