"""What machine a benchmark ran on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path


def describe_machine() -> str:
    """Say it in one sentence."""
    cpu = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.processor() or "unknown processor")
    memory = int(next(line for line in Path("/proc/meminfo").read_text().splitlines()
                      if line.startswith("MemTotal")).split()[1]) / 1024 / 1024
    load = os.getloadavg()[0]
    return (f"Measured on {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores ({cpu}), {memory:.0f} GiB, "
            f"Linux {platform.release()}, Python {platform.python_version()}; load before the run {load:.1f}. "
            "The load generator, PostgreSQL, RabbitMQ, nginx and all roles share these cores.")
