"""A sheet of a million rows through the whole product, with a worker that is killed twice on the way.

    python -m bench.import_million [--rows 1000000] [--kills 2]

Prints the rate, the largest memory that any worker had, and then counts: every row of the sheet must have become one
record, with one line of history and its match keys, once in the database and once in the read model.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from bench.import_steps import HEADERS, leads_reported, make_rows
from bench.processor import peak_memory
from freehold.devstack.roles import secret_environment
from tests.support.main_job import ENDED, eventually, upload
from tests.support.product import UNLIMITED, Product, full_product

_WORKER = "customer-worker"
_ROOM = {"FREEHOLD_CUSTOMER_IMPORT_READ_SECONDS": "600"}
_PATIENCE_SECONDS = 4 * 3600


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--kills", type=int, default=2)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as home, full_product(Path(home), env=UNLIMITED | _ROOM) as product:
        sheet = Path(home) / "million.csv"
        write_sheet(sheet, chosen.rows)
        ended, seconds, peak = import_sheet(product, sheet, chosen.rows, chosen.kills)
        print(f"{chosen.rows:,} rows ({sheet.stat().st_size >> 20} MB) in {seconds:.0f} s: "
              f"{chosen.rows / seconds:,.0f} rows/s; workers' peak memory {peak:.0f} MB; {ended['summary']}")
        print(counted(product, ended["summary"]["create"]))


def write_sheet(file: Path, rows: int) -> None:
    """Write plausible leads, every fiftieth one a double."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADERS)
        writer.writerows(make_rows(rows))


def import_sheet(product: Product, sheet: Path, rows: int, kills: int) -> tuple[dict[str, Any], float, float]:
    """The import when it has ended, the seconds it took, and the most memory that a worker had in MB."""
    assert product.stack is not None
    person = product.administrator()
    made = upload(person, sheet)
    print(f"uploaded and read: {made['row_count']:,} rows", flush=True)
    address = f"/api/customer/v1/imports/{made['id']}"
    with watched_memory(product) as peaks:
        began = time.perf_counter()
        person.post(f"{address}/start")
        for number in range(1, kills + 1):
            mark = rows * number // (kills + 1)
            eventually(lambda mark=mark: done(product, address) >= mark, "progress", _PATIENCE_SECONDS)
            product.stack.kill_role(_WORKER)
            print(f"killed the worker behind row {mark:,}", flush=True)
        ended = eventually(lambda: (now := product.administrator().get(address))["state"] in ENDED and now,
                           "the end of the import", _PATIENCE_SECONDS)
        seconds = time.perf_counter() - began
    return ended, seconds, max(peaks)


def done(product: Product, address: str) -> int:
    """How many rows are done; asked seldom, for whoever asks takes time from the import."""
    time.sleep(2)
    return product.administrator().get(address)["progress"]["done"]


@contextmanager
def watched_memory(product: Product) -> Iterator[list[float]]:
    """Collects the peak memory of every worker that lives inside the block, in MB."""
    assert product.stack is not None
    peaks, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            try:
                peaks.append(peak_memory(product.stack.pids()[_WORKER]))
            except (OSError, KeyError, StopIteration):
                continue  # it was just killed

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def counted(product: Product, created: int) -> str:
    """Count everything that the import has left; raises when something is not exact."""
    assert product.stack is not None
    env = secret_environment(product.stack.layout, "customer")
    url = Path(env["FREEHOLD_CUSTOMER_DATABASE_URL_FILE"]).read_text(encoding="utf-8").strip()
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {name: connection.execute(text(query)).scalar_one() for name, query in (
            ("records", "SELECT count(*) FROM r_lead"),
            ("different telephone numbers", "SELECT count(DISTINCT phone) FROM r_lead"),
            ("lines of history", "SELECT count(*) FROM record_change WHERE object = 'lead'"),
            ("records with history", "SELECT count(DISTINCT record_id) FROM record_change WHERE object = 'lead'"))}
        keys = connection.execute(text("SELECT count(*) FROM match_key WHERE object = 'lead'")).scalar_one()
    engine.dispose()
    assert set(found.values()) == {created}, (found, created)
    assert keys == 3 * created, keys
    eventually(lambda: leads_reported(product.administrator()) == created, "the read model follows", _PATIENCE_SECONDS)
    return f"exact: {created:,} {', '.join(found)}, {keys:,} match keys, and as many records in the read model"


if __name__ == "__main__":
    main()
