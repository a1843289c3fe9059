"""Counters of imports."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

IMPORT_ROWS = Counter("freehold_import_rows_total", "Rows of sheets imported", ["object", "outcome"])
IMPORTS_ENDED = Counter("freehold_imports_total", "Imports ended", ["object", "state"])
IMPORT_SECONDS = Histogram("freehold_import_seconds", "Time of one pass over a sheet", ["state"],
                           buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900))
