"""How many rows a second an import takes in: reading, dry run and import, with timeline, match keys and events.

    python bench/import_steps.py [--rows 20000] [--profile]

Runs on a private PostgreSQL with the shipped lead object; prints one line per step.
"""

from __future__ import annotations

import argparse
import cProfile
import csv
import io
import json
import pstats
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from chassis.jobs import JobRunner
from chassis.testkit.harness import Harness
from chassis.testkit.servers import postgres_server
from services.customer.bootstrap import SPEC

ROOT = Path(__file__).resolve().parents[1]
HEADERS = ("姓名", "公司", "职务", "手机", "邮箱", "来源", "区域", "行业", "预计金额", "预计成交日期", "备注")


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=20_000)
    options.add_argument("--profile", action="store_true")
    chosen = options.parse_args()
    with postgres_server() as postgres, tempfile.TemporaryDirectory() as folder:
        harness = Harness(SPEC, Path(folder), postgres.createdb("customer"))
        try:
            measure(harness, chosen.rows, chosen.profile)
        finally:
            harness.close()


def measure(harness: Harness, rows: int, profile: bool) -> None:
    """Time each step of one import."""
    user = harness.administrator()
    harness.call(user, "POST", "/v1/objects", lead())
    sheet = make_sheet(rows)
    started = time.perf_counter()
    form = {"file": (io.BytesIO(sheet), "bench.csv"), "object": "lead"}
    answer = harness.call(user, "POST", "/v1/imports", data=form)
    report("upload and read", rows, time.perf_counter() - started)
    id = answer.get_json()["id"]
    for verb in ("check", "start"):
        harness.call(user, "POST", f"/v1/imports/{id}/{verb}")
        report(verb, rows, timed(JobRunner(harness.service).run_one, profile))
    report("raw COPY", rows, timed(lambda: copy_again(harness), False))
    summary = harness.call(user, "GET", f"/v1/imports/{id}").get_json()["summary"]
    print(f"summary {summary}; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB")


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


def timed(work: Callable[[], object], profile: bool) -> float:
    """Seconds that `work` takes; with a profile printed when asked for."""
    profiler = cProfile.Profile()
    started, cpu = time.perf_counter(), time.process_time()
    if profile:
        profiler.runcall(work)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(32)
    else:
        work()
    print(f"{'':16} own processor time {time.process_time() - cpu:.2f} s")
    return time.perf_counter() - started


def report(step: str, rows: int, seconds: float) -> None:
    """Print one line."""
    print(f"{step:16} {rows:8} rows {seconds:8.2f} s {rows / seconds:10.0f} rows/s", flush=True)


def lead() -> dict[str, object]:
    """The shipped lead without its links to objects that are not here."""
    definition = json.loads((ROOT / "packs/crm/objects/lead.json").read_text(encoding="utf-8"))
    definition["fields"] = [one for one in definition["fields"] if one["type"] != "reference"]
    return {name: value for name, value in definition.items() if name not in ("conversion", "form_sections")}


def make_sheet(rows: int) -> bytes:
    """A CSV file of plausible leads, every fiftieth one a double."""
    source, text = random.Random(7), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    for row in range(rows):
        number = row - 1 if row % 50 == 49 else row
        writer.writerow((
            f"客户{number}", f"华东机械{number}有限公司", "采购经理", f"138{number:08d}", f"lead{number}@example.com",
            source.choice(("官网", "展会", "转介绍")), source.choice(("华东", "华北", "South")),
            source.choice(("机械设备", "新能源")), f"¥{source.randrange(1000, 900000):,}", "2026年5月1日",
            "来自展会的名片"))
    return text.getvalue().encode()


if __name__ == "__main__":
    main()
