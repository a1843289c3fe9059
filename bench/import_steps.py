"""How many rows a second an import takes in: reading, dry run and import, with timeline, match keys and events.

    python -m bench.import_steps [--rows 20000] [--full] [--profile]

The customer service alone on a private PostgreSQL, with the shipped lead object, or with `--full` the whole product
beside it. Prints a line per step: rows a second, and milliseconds of processor time per 1,000 rows in each process.
"""

from __future__ import annotations

import argparse
import cProfile
import csv
import io
import os
import pstats
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.processor import ProcessorTime, peak_memory
from chassis.jobs import JobRunner
from chassis.testkit.harness import Harness
from chassis.testkit.servers import PrivatePostgres
from services.customer.bootstrap import SPEC
from services.customer.usecases.indexing import index_due
from tests.support.lone_lead import lone_lead
from tests.support.main_job import ENDED, eventually, run_step, upload
from tests.support.product import UNLIMITED, Product, full_product

HEADERS = ("姓名", "公司", "职务", "手机", "邮箱", "来源", "区域", "行业", "预计金额", "预计成交日期", "备注")


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=20_000)
    options.add_argument("--profile", action="store_true", help="print where the processor time of each step goes")
    options.add_argument("--full", action="store_true", help="with every role of the product running")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.full:
            with full_product(Path(folder), env=UNLIMITED) as product:
                measure_product(product, Path(folder), chosen.rows)
        else:
            with alone(Path(folder)) as (harness, postgres):
                measure(harness, postgres, chosen.rows, chosen.profile)


@contextmanager
def alone(folder: Path, env: Mapping[str, str] | None = None) -> Iterator[tuple[Harness, PrivatePostgres]]:
    """The customer service with the lead object, in this process, on a PostgreSQL of its own."""
    with PrivatePostgres() as postgres:
        harness = Harness(SPEC, folder, postgres.createdb("customer"), env=dict(env or {}))
        try:
            yield harness, postgres
        finally:
            harness.close()


class Steps:
    """Prints a line per step."""

    def __init__(self, rows: int, pids: Callable[[], Mapping[str, int]]) -> None:
        self._rows, self._spent, self._began = rows, ProcessorTime(pids), time.perf_counter()

    def done(self, step: str) -> None:
        """The step that began when the last one was done is done."""
        seconds, spent = time.perf_counter() - self._began, self._spent.lap()
        used = "  ".join(f"{name} {1e6 * one / self._rows:.0f}" for name, one in spent.items() if one >= 0.01)
        whole = 1e6 * sum(spent.values()) / self._rows
        print(f"{step:22} {self._rows:8} rows {seconds:7.2f} s {self._rows / seconds:8.0f} rows/s | "
              f"ms per 1,000: {used}  = {whole:.0f}", flush=True)
        self._began = time.perf_counter()


def measure(harness: Harness, postgres: PrivatePostgres, rows: int, profile: bool) -> None:
    """Time each step of one import into the service alone."""
    user = harness.administrator()
    harness.call(user, "POST", "/v1/objects", lone_lead())
    sheet = make_sheet(rows)
    steps = Steps(rows, lambda: {"service": os.getpid(), "postgres": postgres.pid or 0})
    form = {"file": (io.BytesIO(sheet), "bench.csv"), "object": "lead"}
    id = harness.call(user, "POST", "/v1/imports", data=form).get_json()["id"]
    steps.done("upload and read")
    for verb in ("check", "start"):
        harness.call(user, "POST", f"/v1/imports/{id}/{verb}")
        profiled(JobRunner(harness.service).run_one, profile)
        steps.done(verb)
    while index_due(harness.service):
        pass
    steps.done("search follows")
    copy_again(harness)
    steps.done("raw COPY of records")
    summary = harness.call(user, "GET", f"/v1/imports/{id}").get_json()["summary"]
    print(f"summary {summary}; peak memory {peak_memory(os.getpid()):.0f} MB")


def measure_product(product: Product, folder: Path, rows: int) -> None:
    """Time each step of one import into the whole product, and how long the read model takes to follow."""
    assert product.stack is not None
    sheet, admin = folder / "bench.csv", product.administrator()
    sheet.write_bytes(make_sheet(rows))
    steps = Steps(rows, product.stack.pids)
    made = upload(admin, sheet)
    steps.done("upload and read")
    run_step(admin, made["id"], "check", ("checked", *ENDED))
    steps.done("check")
    ended = run_step(admin, made["id"], "start", ENDED)
    steps.done("start")
    created = ended["summary"]["create"]
    eventually(lambda: leads_reported(admin) >= created, "the read model follows", 300)
    steps.done("read model follows")
    path = f"/api/customer/v1/imports/{made['id']}"
    eventually(lambda: not admin.get(path)["search_waiting"], "the search follows", 300)
    steps.done("search follows")
    print(f"summary {ended['summary']}; peak memory of the worker "
          f"{peak_memory(product.stack.pids()['customer-worker']):.0f} MB")


def leads_reported(person: Any) -> int:
    """How many leads the read model knows."""
    answer = person.post("/api/report/v1/query", {"object": "lead", "measures": [{"op": "count"}]})
    return int(answer["rows"][0]["values"][0]) if answer["rows"] else 0


def copy_again(harness: Harness) -> None:
    """Copy the imported records into a table with the same indexes, by the driver alone."""
    with harness.service.db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE bench_lead (LIKE r_lead INCLUDING ALL)")
        driver = connection.connection.driver_connection
        with driver.cursor() as cursor:
            with cursor.copy("COPY r_lead TO STDOUT") as out:
                data = b"".join(bytes(piece) for piece in out)
            with cursor.copy("COPY bench_lead FROM STDIN") as into:
                into.write(data)


def profiled(work: Callable[[], object], profile: bool) -> None:
    """Do the work; with its profile printed when asked for."""
    if not profile:
        work()
        return
    profiler = cProfile.Profile(time.thread_time)  # of this thread alone, whatever else the machine does
    profiler.runcall(work)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def make_sheet(rows: int) -> bytes:
    """A CSV file of plausible leads, every fiftieth one a double."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    writer.writerows(make_rows(rows))
    return text.getvalue().encode()


def make_rows(rows: int) -> Iterator[tuple[str, ...]]:
    """The rows of such a file."""
    source = random.Random(7)
    for row in range(rows):
        number = row - 1 if row % 50 == 49 else row
        yield (f"客户{number}", f"华东机械{number}有限公司", "采购经理", f"138{number:08d}",
               f"lead{number}@example.com", source.choice(("官网", "展会", "转介绍")),
               source.choice(("华东", "华北", "South")),
               source.choice(("机械设备", "新能源")), f"¥{source.randrange(1000, 900000):,}", "2026年5月1日",
               "来自展会的名片")


if __name__ == "__main__":
    main()
