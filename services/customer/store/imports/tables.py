"""The tables of imports: one row per upload, one per wrong row of a sheet, and what people mapped last.

What an import wrote is kept by chunk, so that it can be undone; what the undoing left alone, by record.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, false

from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

import_run = Table(
    "import_run", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("caller", PlainText(), nullable=False),  # Principal.key of who uploaded it
    Column("started_by", Id()),
    Column("locale", PlainText(), nullable=False),
    Column("state", PlainText(), nullable=False),  # uploaded, checking, checked, importing, finished, failed, cancelled
    Column("filename", PlainText(), nullable=False),
    Column("format", Json(), nullable=False),  # {"kind", "sheet", "encoding", "delimiter"}
    Column("size", BigId(), nullable=False),
    Column("sha256", PlainText(), nullable=False),
    Column("header_row", Integer, nullable=False),
    Column("headers", Json(), nullable=False),
    Column("columns", Json(), nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("empty_rows", Integer, nullable=False),
    Column("mapping", Json(), nullable=False),  # {"0": "name"}
    Column("duplicates", PlainText(), nullable=False),  # skip, update, update_only, create
    Column("match_by", Json()),  # names of the duplicate rules that count; null: all of them
    Column("key", PlainText()),  # what says which record a row means instead of the rules: id, or a field
    Column("run_rules", Boolean, nullable=False),
    Column("look_alike", Boolean, nullable=False, server_default=false()),  # scan for what is merely alike afterwards
    Column("pool_id", Id()),  # where new records without an owner of their own go; null: to the importer
    Column("job_id", Id()),
    Column("done", Integer, nullable=False),
    Column("counts", Json(), nullable=False),  # {"create", "update", "skip", "failed"} of the present or last pass
    Column("preview", Json(), nullable=False),
    Column("problem", Json()),  # {"code", "params"} when it failed
    Column("undo", Json()),  # {"deleted", "restored", "kept"}; null before the import and where nothing is known
    Column("files_removed", Boolean, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Column("started_at", UtcDateTime()),
    Column("finished_at", UtcDateTime()),
    Index("import_run_newest", "caller", "created_at", "id"),
    Index("import_run_age", "created_at", "id"),
)

import_row_error = Table(
    "import_row_error", metadata,
    Column("import_id", Id(), nullable=False),
    Column("number", Integer, nullable=False),  # as the sheet counts its rows
    Column("errors", Json(), nullable=False),  # [{"index", "field", "code", "params"}]
    PrimaryKeyConstraint("import_id", "number"),
)

import_mapping = Table(
    "import_mapping", metadata,
    Column("caller", PlainText(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("header", PlainText(), nullable=False),  # digest of the header row
    Column("mapping", Json(), nullable=False),
    Column("used_at", UtcDateTime(), nullable=False),
    PrimaryKeyConstraint("caller", "object", "header"),
)

import_chunk = Table(
    "import_chunk", metadata,
    Column("import_id", Id(), nullable=False),
    Column("number", Integer, nullable=False),  # the last row of the chunk, as the sheet counts its rows
    Column("written", Json(), nullable=False),  # [[row, id of the record, its version afterwards, another object]]
    PrimaryKeyConstraint("import_id", "number"),
)

import_kept = Table(
    "import_kept", metadata,
    Column("import_id", Id(), nullable=False),
    Column("number", Integer, nullable=False),  # as the sheet counts its rows
    Column("record_id", Id(), nullable=False),
    Column("code", PlainText(), nullable=False),  # why it was left alone
    Column("object", PlainText()),  # null: the imported one
    PrimaryKeyConstraint("import_id", "number", "record_id"),
)

import_upload = Table(
    "import_upload", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("caller", PlainText(), nullable=False),
    Column("filename", PlainText(), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),  # bytes from the beginning that are on the disk
    Column("import_id", Id()),  # what it became
    Column("created_at", UtcDateTime(), nullable=False),
    Column("expires_at", UtcDateTime(), nullable=False),  # moves with every piece
    Index("import_upload_caller", "caller", "expires_at"),
)

TABLES = (import_run, import_row_error, import_mapping, import_chunk, import_kept, import_upload)
