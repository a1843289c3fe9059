"""Settings of the service beside the chassis' ones."""

from __future__ import annotations

from chassis.settings import Setting

SETTINGS = (
    Setting("export_max_rows", int, 1_000_000, "largest number of records in one export"),
)
