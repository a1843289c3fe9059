"""`make bench`: the whole product against the raw driver and broker, in one run on this machine.

Every role runs as its own process behind nginx, with PostgreSQL and RabbitMQ beside it and the load generator (wrk) on
the same cores. The caller is a salesperson whose role sees his own department, not an administrator. Each figure that
has a raw counterpart is printed with its ratio to it. `--write` puts the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.events import event_latency
from bench.furnish import Furnished, furnish
from bench.http_load import http_paths
from bench.imports import import_rate
from bench.machine import describe_machine
from bench.raw import raw_figures
from bench.report_page import Line, as_markdown, memory_of, start_up
from tests.support.product import UNLIMITED, full_product

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"


def main() -> None:
    """Run all measurements and print them."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--customers", type=int, default=100_000)
    options.add_argument("--import-rows", type=int, default=20_000)
    options.add_argument("--seconds", type=int, default=8, help="length of each measurement over HTTP")
    options.add_argument("--write", action="store_true", help="write docs/performance.md")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as home, full_product(Path(home), nginx=True, env=UNLIMITED) as product:
        house = furnish(product, chosen.customers)
        lines = measure(house, chosen.seconds, chosen.import_rows)
        page = as_markdown(describe_machine(), chosen.customers, lines, memory_of(product))
    print(page)
    if chosen.write:
        PAGE.write_text(page + remarks(), encoding="utf-8")


def remarks() -> str:
    """Return what people wrote below the figures; it stays when these are written anew."""
    _, heading, text = PAGE.read_text(encoding="utf-8").partition("\n## Remarks\n")
    return heading + text


def measure(house: Furnished, seconds: int, import_rows: int) -> list[Line]:
    """Return a line for each figure."""
    raw = raw_figures(house)
    return [*http_paths(house, raw, seconds), *event_latency(house), *import_rate(house, import_rows), *raw.lines(),
            *start_up()]


if __name__ == "__main__":
    main()
