"""The record platform at a million customers: lists, counts, search, a bulk job and its undoing, duplicates.

    python -m bench.million [--customers 1000000] [--home FOLDER] [--seconds 8] [--only lists search …] [--write]

The whole product behind nginx on PostgreSQL. The customers come in by COPY through the product's own code, without
history and events; everything else is asked through the gateway: by a salesperson who sees his department (a tenth of
all) and by the administrator who sees all. `--home` keeps the data for the next run, and what `--only` some parts have
measured. `--write` puts the figures of all parts, of whatever run, into docs/million.md.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from bench.furnish import CUSTOMERS, REGIONS, Furnished, furnished, ten_sellers
from bench.http_load import load
from bench.import_million import watched_memory
from bench.machine import describe_machine
from bench.raw import LIST as RAW_LIST
from bench.search import KINDS_OF_QUESTIONS, fill, part, questions
from chassis.clock import utcnow
from chassis.service import Service, build
from services.customer.bootstrap import SPEC
from tests.support.main_job import eventually
from tests.support.product import UNLIMITED, Person, Product, full_product, new_password

PAGE = Path(__file__).resolve().parents[1] / "docs" / "million.md"
MARK, FIGURES = "million.json", "million-figures.json"
PARTS = ["lists", "search", "bulk", "duplicates"]
ROUNDS, UNCOUNTED, WORTH_A_LINE_MS = 20, 2, 70  # what is not counted brings pages into memory
SETTLED_SECONDS = 45
PATIENCE_SECONDS = 3600
Row = tuple[str, str, str, str, str]  # what, who, p50, p95, budget


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--home", type=Path, help="a folder for the product, used again by the next run")
    options.add_argument("--seconds", type=int, default=8, help="length of each measurement under load")
    options.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these parts alone")
    options.add_argument("--write", action="store_true", help="write docs/million.md")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder)
        with full_product(home, nginx=True, env=UNLIMITED, keep=chosen.home is not None) as product:
            house = furnish(product, home, chosen.customers)
            figures = known_figures(home)
            for part_of_page in chosen.only:
                figures[part_of_page] = [describe_machine(), *shown(measured(house, part_of_page, chosen.seconds))]
                (home / FIGURES).write_text(json.dumps(figures), encoding="utf-8")
    if chosen.write:
        PAGE.write_text(as_markdown(chosen.customers, figures), encoding="utf-8")


def known_figures(home: Path) -> dict[str, list[Any]]:
    """What earlier runs have measured: part → the machine, then its rows and sentences."""
    kept = home / FIGURES
    return json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}


def measured(house: Furnished, name: str, seconds: int) -> Iterator[Any]:
    """The rows or the sentences of one part."""
    return {"lists": lambda: chain(lists(house, seconds), raw(house)), "search": lambda: search(house),
            "bulk": lambda: bulk(house), "duplicates": lambda: duplicates(house)}[name]()


def shown(lines: Iterator[Any]) -> list[Any]:
    """All of these, each printed as soon as it is there."""
    found = []
    for one in lines:
        print(one if isinstance(one, str) else " | ".join(one), flush=True)
        found.append(one)
    return found


def furnish(product: Product, home: Path, customers: int) -> Furnished:
    """Sellers and customers, unless an earlier run has left them in `home`."""
    mark = home / MARK
    if not mark.is_file():
        password = new_password()
        people = ten_sellers(product.administrator(), password)
        service = customer_service(product, home)
        try:
            bring_in(service, customers, [(one["id"], one["department_id"]) for one in people])
        finally:
            service.close()
        mark.touch(0o600)
        mark.write_text(json.dumps({"seller": people[0]["id"], "password": password}), encoding="utf-8")
    kept = json.loads(mark.read_text(encoding="utf-8"))
    return furnished(product, kept["seller"], kept["password"])


def customer_service(product: Product, home: Path) -> Service:
    """The customer service's code on the product's own database, in this process."""
    assert product.stack is not None
    return build(SPEC, env=product.stack.env | {"FREEHOLD_HOME": str(home / "bench")})


def bring_in(service: Service, customers: int, owners: list[tuple[str, str]]) -> None:
    """COPY them; the large index on the tokens is made behind them, as after any move of data."""
    began = time.perf_counter()
    with service.db.engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("DROP INDEX search_entry_tokens"))
        fill(service, service.parts["types"].renewed()["customer"], customers, owners, random.Random(11))
        print(f"brought in {customers:,} customers in {time.perf_counter() - began:.0f} s", flush=True)
        connection.execute(text("SET maintenance_work_mem = '1GB'"))
        connection.execute(text("CREATE INDEX search_entry_tokens ON search_entry USING gin (tokens) "
                                "WITH (gin_pending_list_limit = 1024)"))
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("RESET ALL"))
    print(f"ready after {time.perf_counter() - began:.0f} s", flush=True)


def lists(house: Furnished, seconds: int) -> Iterator[Row]:
    """Pages of a list with filters and a sort, and counts, which nobody has to wait for."""
    two = {"all": [{"field": "region", "op": "eq", "value": REGIONS[0]}, {"field": "level", "op": "eq", "value": "A"}]}
    page = {"criteria": two, "sort": ["-created_at"], "limit": 20}
    by_name = {"criteria": {"field": "region", "op": "eq", "value": REGIONS[1]}, "sort": ["name"], "limit": 20}
    for who, person in callers(house).items():
        for name, body in (("list 20, two filters, newest first", page), ("list 20, one filter, by name", by_name)):
            warm(person, body)
            yield under_load(house, person, who, f"{name}, first page", body, seconds)
            yield under_load(house, person, who, f"{name}, page 30", body | {"cursor": deep(person, body)}, seconds)
        yield timed("the same with an estimated count", who, lambda p=person: query(p, page | {"total": "estimate"}))
        yield timed("the exact count alone", who, lambda p=person: query(p, page | {"limit": 1, "total": "exact"}))


def raw(house: Furnished) -> Iterator[Row]:
    """The first list as the driver alone asks it, with whatever indexes have grown by then."""
    url = house.database_url("customer").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        own = connection.execute("SELECT department_id FROM r_customer WHERE id = %s", (house.ids[0],)).fetchone()
        yield timed("the first of these lists, raw psycopg", "department",
                    lambda: connection.execute(RAW_LIST, own).fetchall())


def callers(house: Furnished) -> dict[str, Person]:
    """Both who ask, signed in anew: a token does not outlive a long measurement."""
    return {"department": seller(house), "all": house.product.administrator()}


def seller(house: Furnished) -> Person:
    """The salesperson, signed in anew."""
    kept = json.loads((house.product.home.parent / MARK).read_text(encoding="utf-8"))
    return house.product.sign_in("bench0", kept["password"])


def warm(person: Person, body: dict[str, Any], rounds: int = 60) -> None:
    """Ask as people do; a list that is asked often gets its index by itself, which takes a moment."""
    for _ in range(rounds):
        query(person, body)
    time.sleep(SETTLED_SECONDS)


def query(person: Person, body: dict[str, Any]) -> Any:
    """One page."""
    return person.post(f"{CUSTOMERS}/query", body)


def deep(person: Person, body: dict[str, Any], pages: int = 29) -> str:
    """The cursor behind so many pages."""
    cursor: dict[str, str] = {}
    for _ in range(pages):
        cursor = {"cursor": query(person, body | cursor)["next_cursor"]}
    return cursor["cursor"]


def under_load(house: Furnished, person: Person, who: str, name: str, body: dict[str, Any], seconds: int) -> Row:
    """One request after the other, and sixteen at once."""
    calls = [("POST", f"{CUSTOMERS}/query", json.dumps(body))]
    alone, many = (load(person, house.product.address, calls, count, seconds) for count in (1, 16))
    return (f"{name} (16 at once: {many.per_second:,.0f}/s, p95 {many.p95_ms:.0f} ms)", who, f"{alone.p50_ms:.1f} ms",
            f"{alone.p95_ms:.1f} ms", "p95 < 60 ms")


def timed(name: str, who: str, work: Callable[[], Any], budget: str = "") -> Row:
    """One after the other, by the clock of the caller."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return name, who, f"{part(times, 0.5):.1f} ms", f"{part(times, 0.95):.1f} ms", budget


def search(house: Furnished) -> Iterator[Row]:
    """Every kind of question that the search box is asked, then each kind that takes long."""
    service = customer_service(house.product, house.product.home)
    try:
        asked = questions(service, random.Random(3))
        words = [next(asked) for _ in range(KINDS_OF_QUESTIONS * (UNCOUNTED + ROUNDS))]
    finally:
        service.close()
    for who, person in callers(house).items():
        times: dict[str, list[float]] = {}
        for number, (kind, word) in enumerate(words):
            began = time.perf_counter()
            person.get("/api/customer/v1/search", q=word)
            if number >= KINDS_OF_QUESTIONS * UNCOUNTED:
                times.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
        yield answered(f"search box, {KINDS_OF_QUESTIONS} kinds of questions", who, [*chain(*times.values())])
        yield from (answered(f"of these: {kind}", who, some) for kind, some in times.items()
                    if part(some, 0.95) > WORTH_A_LINE_MS)


def answered(what: str, who: str, times: list[float]) -> Row:
    """A row of what questions took."""
    return what, who, f"{part(times, 0.5):.1f} ms", f"{part(times, 0.95):.1f} ms", "p95 < 100 ms"


def bulk(house: Furnished) -> Iterator[str]:
    """The seller changes all customers of his department, and takes it back."""
    address = f"a note of {utcnow():%H:%M:%S}"
    with watched_memory(house.product) as peaks:
        began = time.perf_counter()
        run = seller(house).post("/api/customer/v1/bulk-jobs", {
            "object": "customer", "action": "update", "values": {"address": address}})
        asked = time.perf_counter() - began
        ended = job_ended(house, run["id"], "finished")
        done = time.perf_counter() - began
        seller(house).post(f"/api/customer/v1/bulk-jobs/{run['id']}/undo")
        undone = job_ended(house, run["id"], "undone")
        back = time.perf_counter() - began - done
    yield (f"Bulk edit of {ended['counts']['changed']:,} records: asked in {asked * 1000:.0f} ms, done in {done:.0f} s "
           f"({ended['counts']['changed'] / done:,.0f} records/s), {ended['counts']['refused']} refused; undone in "
           f"{back:.0f} s: {undone['undo']['restored']:,} restored, {undone['undo']['kept']:,} kept. "
           f"The worker's peak memory: {max(peaks):.0f} MB.")


def job_ended(house: Furnished, id: str, state: str) -> Any:
    """The bulk job in this state."""
    def look() -> Any:
        time.sleep(1)
        run = seller(house).get(f"/api/customer/v1/bulk-jobs/{id}")
        assert run["state"] not in ("failed", "cancelled"), run
        return run["state"] == state and run

    return eventually(look, f"the bulk job is {state}", PATIENCE_SECONDS)


def duplicates(house: Furnished) -> Iterator[str]:
    """A scan of all customers for doubles."""
    path = "/api/customer/v1/duplicates/customer/scan"
    with watched_memory(house.product) as peaks:
        began = time.perf_counter()
        house.product.administrator().post(path)

        def look() -> Any:
            time.sleep(2)
            scan = house.product.administrator().get(path)["scan"]
            assert scan["state"] != "failed", scan
            return scan["state"] == "finished" and scan

        scan = eventually(look, "the scan has ended", PATIENCE_SECONDS)
    yield (f"Duplicates: {scan['records']:,} records compared in {time.perf_counter() - began:.0f} s "
           f"(budget: 900 s for 1,000,000), {scan['pairs']:,} pairs to look at. "
           f"The worker's peak memory: {max(peaks):.0f} MB.")


def as_markdown(customers: int, figures: dict[str, list[Any]]) -> str:
    """The page of figures."""
    lines = [one for name in PARTS for one in figures.get(name, [])[1:]]
    machines = [f"- {name}: {figures[name][0]}" for name in PARTS if name in figures]
    return "\n".join([
        f"# {customers:,} customers", "", "Written by `python -m bench.million --write`.", "",
        "Everything goes through the gateway. *department*: the caller sees a tenth of the customers; *all*: an",
        "administrator. p50 and p95 are of one request after the other.", "",
        "| what | who | p50 | p95 | budget |", "|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in lines if row and not isinstance(row, str)), "",
        *(f"- {sentence}" for sentence in lines if isinstance(sentence, str)), "", "## Machine", "", *machines, ""])


if __name__ == "__main__":
    main()
