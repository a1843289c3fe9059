"""The report service's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chassis.settings import Setting


def _beside_the_data(known: Mapping[str, Any]) -> Path:
    return Path(known["home"]) / "report.duckdb"


SETTINGS = (
    Setting("read_model_file", Path, _beside_the_data, "file of the read model; one process owns it"),
    Setting("read_model_nodes", str, "", "names of all servers that have a read model, with commas"),
    Setting("read_model_memory", str, "256MB", "memory that the read model may use before it spills to disk"),
    Setting("read_model_threads", int, 2, "threads that work on one question"),
    Setting("read_model_spill", str, "2GB", "disk space that questions may spill to, beside the file"),
    Setting("query_seconds", float, 10.0, "longest time one question may take"),
    Setting("fiscal_year_month", int, 1, "month in which the company's year begins (1 to 12); quarters and years of "
            "reports follow it"),
    Setting("report_font", Path, None, "TrueType font with Chinese letters, for boards as PDF and PNG; found by itself "
            "when empty"),
)
