"""A large sheet into the customer service alone, by a worker that is killed on the way, counted and summed afterwards.

    python -m bench.import_large [--rows 100000] [--kills 2]

The customer service on a private PostgreSQL; the worker is a process of its own that gets SIGKILL. Prints the rate,
processor time by 1,000 rows, and the largest memory of any worker. Then every row of the sheet must have become one
record with the sheet's own values (a sum over digests of both), one line of history and its match keys, and the events
must tell of each record once. `bench.import_million` does the same with the whole product beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.import_million import write_sheet
from bench.import_steps import alone, make_rows
from bench.processor import ProcessorTime, peak_memory, tree_seconds
from chassis.jobs import JobRunner
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from tests.support.lone_lead import lone_lead

_ROOM = {"FREEHOLD_CUSTOMER_IMPORT_MAX_BYTES": str(1 << 30), "FREEHOLD_CUSTOMER_IMPORT_MAX_ROWS": "2000000",
         "FREEHOLD_CUSTOMER_IMPORT_READ_SECONDS": "3000"}
_DIGITS = 12  # of each digest; a sum over millions of them stays below 2**63
_SUM = text(f"""SELECT sum(('x0' || substr(md5(concat_ws('|', name, company, job_title, phone, email)), 1, {_DIGITS}))
                ::bit({4 * _DIGITS + 4})::bigint) FROM r_lead""")
_COUNTS = {
    "records": "SELECT count(*) FROM r_lead",
    "different telephone numbers": "SELECT count(DISTINCT phone) FROM r_lead",
    "lines of history": "SELECT count(*) FROM record_change WHERE object = 'lead'",
    "records with history": "SELECT count(DISTINCT record_id) FROM record_change WHERE object = 'lead'",
    "records told": """SELECT count(DISTINCT change->>'id')
                       FROM outbox, jsonb_array_elements(body::jsonb->'data'->'changes') AS change
                       WHERE type = 'freehold.customer.record.changed.v1'""",
    "changes told": """SELECT coalesce(sum(jsonb_array_length(body::jsonb->'data'->'changes')), 0) FROM outbox
                       WHERE type = 'freehold.customer.record.changed.v1'""",
}


def main() -> None:
    """Run it; as a worker with `--worker`."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--kills", type=int, default=2)
    options.add_argument("--worker", nargs=2, metavar=("FOLDER", "URL"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.worker:
        work(Path(chosen.worker[0]), chosen.worker[1])
    else:
        with tempfile.TemporaryDirectory() as folder, alone(Path(folder), _ROOM) as (harness, postgres):
            measure(harness, Path(folder), postgres.pid or 0, chosen.rows, chosen.kills)


def work(folder: Path, url: str) -> None:
    """Be a worker of the service until killed."""
    JobRunner(Harness(SPEC, folder, url, env=dict(_ROOM)).service).run(threading.Event())


def measure(harness: Harness, folder: Path, postgres: int, rows: int, kills: int) -> None:
    """Import a sheet while the worker is killed so many times, and count what came of it."""
    user = harness.administrator()
    harness.call(user, "POST", "/v1/objects", lone_lead())
    sheet = folder / "large.csv"
    write_sheet(sheet, rows)
    with sheet.open("rb") as file:
        form = {"file": (file, sheet.name), "object": "lead"}
        id = harness.call(user, "POST", "/v1/imports", data=form).get_json()["id"]
    harness.call(user, "POST", f"/v1/imports/{id}/start")
    spent, began, workers, peak = ProcessorTime(lambda: {"postgres": postgres}), time.perf_counter(), 0.0, 0.0
    for number in range(1, kills + 2):
        mark = rows * number // (kills + 1)
        seconds, memory = one_life(harness, folder, id, mark if number <= kills else None)
        workers, peak = workers + seconds, max(peak, memory)
        print(f"killed the worker behind row {mark:,}" if number <= kills else "ended", flush=True)
    wall, database = time.perf_counter() - began, spent.lap()["postgres"]
    print(f"{rows:,} rows ({sheet.stat().st_size >> 20} MB) in {wall:.0f} s, waiting for two leases included: "
          f"{rows / wall:,.0f} rows/s; ms of processor time per 1,000 rows: worker {1e6 * workers / rows:.0f} "
          f"with its starts, PostgreSQL {1e6 * database / rows:.0f}; workers' peak memory {peak:.0f} MB", flush=True)
    print(counted(harness, harness.call(user, "GET", f"/v1/imports/{id}").get_json(), rows))


def one_life(harness: Harness, folder: Path, id: str, mark: int | None) -> tuple[float, float]:
    """A worker until so many rows are done, or until the end; its processor seconds and its peak memory in MB."""
    command = [sys.executable, "-m", "bench.import_large", "--worker", str(folder), str(harness.database_url)]
    worker = subprocess.Popen(command)
    try:
        while True:
            time.sleep(0.2)
            assert worker.poll() is None, "the worker has died by itself"
            seconds, memory = tree_seconds(worker.pid), peak_memory(worker.pid)
            state, done = progress(harness, id)
            if state != "importing" or (mark is not None and done >= mark):
                return seconds, memory
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()


def progress(harness: Harness, id: str) -> tuple[str, int]:
    """The state of the import, and how many rows are done."""
    with harness.service.db.read() as connection:
        row = connection.execute(text("SELECT state, done FROM import_run WHERE id = :id"), {"id": id}).one()
    return row.state, row.done


def counted(harness: Harness, ended: dict[str, Any], rows: int) -> str:
    """Count and sum everything that the import has left; raises when something is not exact."""
    expected = digests(rows)
    with harness.service.db.read() as connection:
        found = {name: int(connection.execute(text(query)).scalar_one()) for name, query in _COUNTS.items()}
        total = int(connection.execute(_SUM).scalar_one())
        keys = connection.execute(text("SELECT count(*) FROM match_key WHERE object = 'lead'")).scalar_one()
    created = len(expected)
    assert (ended["state"], ended["summary"]["create"]) == ("finished", created), ended
    assert set(found.values()) == {created}, (found, created)
    assert keys == 3 * created, keys
    assert total == sum(expected), "some record has other values than its row"
    return f"exact: {created:,} {', '.join(found)}; {keys:,} match keys; all values as in the sheet"


def digests(rows: int) -> list[int]:
    """A number for each row that is no double, made as the database makes it of a record."""
    return [int(hashlib.md5("|".join((name, company, title, f"+86{phone}", email)).encode(),
                            usedforsecurity=False).hexdigest()[:_DIGITS], 16)
            for place, (name, company, title, phone, email, *_) in enumerate(make_rows(rows)) if place % 50 != 49]


if __name__ == "__main__":
    main()
