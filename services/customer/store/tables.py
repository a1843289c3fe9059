"""The tables of the service itself. The tables of objects are made at run time by `store.schema`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table

from chassis.db.types import BigId, Id, Json, Numbers, PlainText, UtcDateTime

metadata = MetaData()

object_def = Table(
    "object_def", metadata,
    Column("name", PlainText(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", PlainText(), nullable=False),  # adding, ready
    Column("body", Json(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

field_def = Table(
    "field_def", metadata,
    Column("object", PlainText(), primary_key=True),
    Column("column", PlainText(), primary_key=True),  # the name may come back while an old column still goes
    Column("name", PlainText(), nullable=False),
    Column("state", PlainText(), nullable=False),  # adding, ready, removing
    Column("body", Json(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

layout_def = Table(
    "layout_def", metadata,
    Column("object", PlainText(), primary_key=True),
    Column("key", PlainText(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Json(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

web_form = Table(
    "web_form", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("slug", PlainText(), nullable=False),  # its public address
    Column("version", Integer, nullable=False),
    Column("body", Json(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("web_form_slug", "slug", unique=True),
)

web_form_message = Table(
    "web_form_message", metadata,
    Column("nonce", PlainText(), primary_key=True),  # of the page that was sent; good for one message
    Column("form_id", Id(), nullable=False),
    Column("address", PlainText(), nullable=False),  # a keyed digest of the visitor's
    Column("at", UtcDateTime(), nullable=False),
    Column("record_id", Id()),  # null: the riddle was not solved
    Column("sources", Json(), nullable=False),
    Index("web_form_message_sent", "form_id", "address", "at"),
    Index("web_form_message_at", "at"),
)

schema_revision = Table(
    "schema_revision", metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", BigId(), nullable=False),  # grows with every change of a definition
)

record_change = Table(
    "record_change", metadata,
    Column("record_id", Id(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("id", Id(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", PlainText(), nullable=False),
    Column("by_id", Id()),
    Column("by_name", PlainText()),
    Column("origin", Json(), nullable=False),
    Column("request_id", PlainText(), nullable=False),
    Column("changes", Json(), nullable=False),  # {field: [before, after]}
    PrimaryKeyConstraint("record_id", "at", "id"),
    Index("record_change_at", "at"),  # it grows at its end only, so writing pays next to nothing for it
)

timeline_entry = Table(
    "timeline_entry", metadata,
    Column("record_id", Id(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("id", Id(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("kind", PlainText(), nullable=False),  # run, message, task
    Column("action", PlainText(), nullable=False),
    Column("by_id", Id()),
    Column("by_name", PlainText()),
    Column("origin", Json(), nullable=False),
    Column("text", Json(), nullable=False),  # language → sentence
    Column("about", PlainText(), nullable=False),  # what the other service calls it; said once
    PrimaryKeyConstraint("record_id", "at", "id"),
    Index("timeline_entry_about", "about", unique=True),
)

match_key = Table(
    "match_key", metadata,
    Column("record_id", Id(), nullable=False),
    Column("rule", PlainText(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("key", PlainText(), nullable=False),
    PrimaryKeyConstraint("record_id", "rule"),
    Index("match_key_lookup", "object", "rule", "key"),
)

search_entry = Table(
    "search_entry", metadata,
    Column("record_id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("title", PlainText(), nullable=False),  # folded texts, see model.search.entries
    Column("rest", PlainText(), nullable=False),
    Column("tokens", Numbers(), nullable=False),  # indexed: GIN on PostgreSQL, FTS5 on SQLite
)

search_state = Table(
    "search_state", metadata,
    Column("object", PlainText(), primary_key=True),
    Column("signature", PlainText(), nullable=False),  # of what all entries were, or are just being, made for
    Column("job_id", Id()),
    Column("updated_at", UtcDateTime(), nullable=False),
)

search_due = Table(
    "search_due", metadata,
    Column("id", BigId(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("bulk", Id(), nullable=False),  # the import that wrote the records
    Column("count", Integer, nullable=False),
    Column("records", Json(), nullable=False),  # ids of records whose entries are to be made
    Column("created_at", UtcDateTime(), nullable=False),
)

number_counter = Table(
    "number_counter", metadata,
    Column("object", PlainText(), primary_key=True),
    Column("column", PlainText(), primary_key=True),  # with `@2026` or `@202603` behind it when it begins anew
    Column("last", BigId(), nullable=False),
)

calculation_due = Table(
    "calculation_due", metadata,
    Column("id", BigId(), primary_key=True),
    Column("object", PlainText(), nullable=False),  # whose records are to be calculated anew
    Column("path", PlainText(), nullable=False),  # empty: the record itself; else those that reach it along this path
    Column("key", Id(), nullable=False),
    Column("child", PlainText()),  # only the roll-ups over records of this object; null: formulas alone
    Column("matching", PlainText()),  # instead of a path: the roll-up and the values by which one of `child` matches
    Column("after", Id()),  # how far a long path has come
    Column("depth", Integer, nullable=False),  # of the cause, so that rules and roll-ups cannot go in circles
    Column("rules", Boolean, nullable=False),  # false when an import asked that no rule acts
)

calculation_day = Table(
    "calculation_day", metadata,
    Column("object", PlainText(), primary_key=True),
    Column("day", PlainText(), nullable=False),  # the day for which formulas with TODAY() stand
    Column("tree", PlainText()),  # the departments for which roll-ups that look below them stand
)
