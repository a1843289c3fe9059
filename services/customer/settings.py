"""Settings of the service beside the chassis' ones."""

from __future__ import annotations

from chassis.settings import Setting

SETTINGS = (
    Setting("export_max_rows", int, 1_000_000, "largest number of records in one export"),
    Setting("import_max_bytes", int, 50 << 20, "largest sheet that may be uploaded for an import"),
    Setting("import_max_rows", int, 1_000_000, "largest number of rows of an imported sheet"),
    Setting("import_keep_days", int, 30, "days after which uploaded sheets and their wrong rows are removed"),
    Setting("import_read_seconds", int, 60, "longest processor time that reading one uploaded sheet may take"),
    Setting("import_read_memory_mb", int, 1536, "largest memory of the process that reads one uploaded sheet"),
)
