"""The page of figures: one table, the memory of each process, and how long a start takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.support.product import Product, embedded_product


@dataclass(frozen=True)
class Line:
    """One figure of the table."""

    name: str
    rate: str = ""
    p50: str = ""
    p99: str = ""
    ratio: str = ""
    budget: str = ""


def as_markdown(machine: str, customers: int, lines: Iterable[Line], memory: dict[str, float]) -> str:
    """Render docs/performance.md."""
    rows = [f"| {line.name} | {line.rate} | {line.p50} | {line.p99} | {line.ratio} | {line.budget} |" for line in lines]
    used = [f"| {name} | {mebibytes:.0f} MB |" for name, mebibytes in sorted(memory.items())]
    return "\n".join([
        "# Performance", "", "Written by `make bench`; the budgets are the first marks of the design.", "", machine, "",
        f"{customers:,} customers in ten departments; the caller is a salesperson who sees his own department.", "",
        "| path | rate | p50 | p99 | ratio to raw | budget |", "|---|---|---|---|---|---|", *rows, "",
        "## Memory after the load", "", "Proportional set size, children included.", "",
        "| process | memory |", "|---|---|", *used, f"| all | {sum(memory.values()):.0f} MB |", ""])


def memory_of(product: Product) -> dict[str, float]:
    """Return the memory of each process of a full product, in MB."""
    assert product.stack is not None
    return {name: tree_memory(pid) for name, pid in product.stack.pids().items()}


def tree_memory(pid: int) -> float:
    """Return the proportional set size of a process and all below it, in MB."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return _own_memory(pid) + sum(tree_memory(child) for child in children)


def _own_memory(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:")), 0.0)


def start_up() -> list[Line]:
    """Time the first and the second start of the embedded product with its demo company, and its memory then."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = []
        for _ in range(2):
            began = time.perf_counter()
            with embedded_product(Path(folder), demo=True) as product:
                seconds.append(time.perf_counter() - began)
                assert product.pid is not None
                memory = tree_memory(product.pid)
    return [Line("embedded: first start with the demo company", f"{seconds[0]:.1f} s", budget="≤ 300 s"),
            Line("embedded: second start", f"{seconds[1]:.1f} s", budget="≤ 8 s"),
            Line("embedded: memory", f"{memory:.0f} MB", budget="≤ 450 MB")]
