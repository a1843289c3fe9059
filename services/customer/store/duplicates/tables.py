"""The tables of duplicates and merges."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, false

from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

duplicate_setup = Table(
    "duplicate_setup", metadata,
    Column("object", PlainText(), primary_key=True),
    Column("body", Json(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

duplicate_scan = Table(
    "duplicate_scan", metadata,
    Column("object", PlainText(), primary_key=True),  # the latest one of each object
    Column("id", Id(), nullable=False),
    Column("job_id", Id(), nullable=False),
    Column("state", PlainText(), nullable=False),  # running, finished, failed
    Column("records", Integer, nullable=False),
    Column("pairs", Integer, nullable=False),
    Column("started_at", UtcDateTime(), nullable=False),
    Column("finished_at", UtcDateTime()),
    Column("again", Boolean, nullable=False, server_default=false()),  # another one shall follow
)

duplicate_block = Table(
    "duplicate_block", metadata,
    Column("scan_id", Id(), nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("record_id", Id(), nullable=False),
    PrimaryKeyConstraint("scan_id", "key", "record_id"),
)

duplicate_pair = Table(
    "duplicate_pair", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("one", Id(), nullable=False),  # the smaller id of the two
    Column("other", Id(), nullable=False),
    Column("score", Integer, nullable=False),  # of 1000
    Column("reasons", Json(), nullable=False),  # [[field, reason, likeness of 100]]
    Column("state", PlainText(), nullable=False),  # open, same, different, later
    Column("decided_by", Id()),
    Column("decided_at", UtcDateTime()),
    Column("scan_id", Id(), nullable=False),
    Index("duplicate_pair_once", "object", "one", "other", unique=True),
    Index("duplicate_pair_queue", "object", "state", "score", "id"),
    Index("duplicate_pair_other", "other"),
    Index("duplicate_pair_one", "one"),
)

record_merge = Table(
    "record_merge", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("survivor_id", Id(), nullable=False),
    Column("merged_id", Id(), nullable=False),
    Column("merged", Json(), nullable=False),  # the whole record that went
    Column("before", Json(), nullable=False),  # field → value of the survivor before, for what the merge changed
    Column("after", Json(), nullable=False),  # the same after
    Column("moved", Json(), nullable=False),  # [[object, record id, field]] that pointed at the merged record
    Column("pairs", Json()),  # the pairs of the merged record, see store.duplicates.pairs
    Column("stage_work", Json()),  # {"tasks", "ticks"} that the survivor has taken over, see store.stage_work
    Column("at", UtcDateTime(), nullable=False),
    Column("by_id", Id()),
    Column("by_name", PlainText()),
    Column("undone_at", UtcDateTime()),
    Column("undone_by", Id()),
    Index("record_merge_survivor", "survivor_id"),
    Index("record_merge_merged", "merged_id"),
    Index("record_merge_newest", "object", "at", "id"),
)
