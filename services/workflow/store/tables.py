"""The tables of the service."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table

from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime

metadata = MetaData()

object_copy = Table(
    "object_copy", metadata,
    Column("name", PlainText(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("body", Json(), nullable=False),  # the definition as the customer service publishes it
)

rule = Table(
    "rule", metadata,
    Column("id", Id(), primary_key=True),
    Column("key", PlainText(), unique=True),  # what a pack knows it by
    Column("name", Json(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("trigger", Json(), nullable=False),
    Column("criteria", Json(), nullable=False),
    Column("actions", Json(), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("rule_order", "object", "position", "id"),
)

rule_version = Table(
    "rule_version", metadata,
    Column("rule_id", Id(), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("action", PlainText(), nullable=False),  # created, updated, deleted
    Column("body", Json(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("by_id", Id()),
    Column("by_name", PlainText(), nullable=False),
)

rulebook_state = Table(
    "rulebook_state", metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", BigId(), nullable=False),  # grows with every change of a rule or of an object's definition
)

rule_run = Table(
    "rule_run", metadata,
    Column("id", Id(), primary_key=True),
    Column("rule_id", Id(), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("rule_name", Json(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("record_version", Integer, nullable=False),
    Column("record_title", PlainText(), nullable=False),
    Column("outcome", PlainText(), nullable=False),  # pending, done, failed, stopped
    Column("reason", Json(), nullable=False),  # {"text": by language, "clauses": […]}
    Column("actions", Json(), nullable=False),  # [{"type", "result", "detail": by language}]
    Column("error", Json()),  # by language
    Column("depth", Integer, nullable=False),
    Column("request_id", PlainText(), nullable=False),
    Column("bulk_id", PlainText()),
    Column("intent_id", Id()),  # what it waits for while pending
    Column("at", UtcDateTime(), nullable=False),
    Column("settled_at", UtcDateTime()),
    Index("rule_run_once", "record_id", "rule_id", "record_version", unique=True),
    Index("rule_run_newest", "at", "id"),
    Index("rule_run_of_rule", "rule_id", "at", "id"),
    Index("rule_run_of_record", "record_id", "at", "id"),
    Index("rule_run_intent", "intent_id"),
)

intent_group = Table(
    "intent_group", metadata,
    Column("id", Id(), primary_key=True),  # also the idempotency key of its call
    Column("object", PlainText(), nullable=False),
    Column("cause", Json(), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime(), nullable=False),  # not before; while one works on it, not before its lease ends
    Column("lease_owner", PlainText()),
    Column("error", PlainText()),
    Column("created_at", UtcDateTime(), nullable=False),
    Index("intent_group_due", "due_at"),
)

intent = Table(
    "intent", metadata,
    Column("id", Id(), primary_key=True),
    Column("group_id", Id(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("changes", Json(), nullable=False),  # field → value
    Index("intent_of_group", "group_id", "position"),
    Index("intent_of_record", "record_id", "group_id"),
)

rotation = Table(
    "rotation", metadata,
    Column("rule_id", Id(), primary_key=True),
    Column("department_id", Id(), primary_key=True),
    Column("last_user_id", Id(), nullable=False),  # whose turn it was last
)

task = Table(
    "task", metadata,
    Column("id", Id(), primary_key=True),
    Column("title", Json(), nullable=False),  # by language
    Column("kind", PlainText()),
    Column("state", PlainText(), nullable=False),  # open, done, cancelled
    Column("due_at", UtcDateTime()),
    Column("due_sort", UtcDateTime(), nullable=False),  # due_at, or the end of time
    Column("assignee_id", Id(), nullable=False),
    Column("department_id", Id()),  # the assignee's, kept current
    Column("link_object", PlainText()),
    Column("link_id", Id()),
    Column("link_title", PlainText()),
    Column("link_version", Integer),
    Column("creator_kind", PlainText(), nullable=False),  # person, rule, system
    Column("creator_id", Id()),
    Column("creator_name", Json(), nullable=False),  # by language
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Column("completed_at", UtcDateTime()),
    Column("completed_by", Id()),
    Column("version", Integer, nullable=False),
    Column("source_id", Id()),  # the record that plans it
    Column("source_version", Integer),  # of that record, when it was looked at last
    Index("task_of_source", "source_id", unique=True),
    Index("task_of_assignee", "assignee_id", "state", "due_sort", "id"),
    Index("task_of_department", "department_id", "state", "due_sort", "id"),
    Index("task_of_creator", "creator_id", "state", "due_sort", "id"),
    Index("task_of_record", "link_id", "state"),
    Index("task_due", "state", "due_sort", "id"),
)

task_kind = Table(
    "task_kind", metadata,
    Column("key", PlainText(), primary_key=True),
    Column("name", Json(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
)

task_move = Table(
    "task_move", metadata,
    Column("merge_id", Id(), nullable=False),
    Column("task_id", Id(), nullable=False),
    PrimaryKeyConstraint("merge_id", "task_id"),
)

task_transfer = Table(
    "task_transfer", metadata,
    Column("transfer_id", Id(), nullable=False),  # the hand-over
    Column("task_id", Id(), nullable=False),
    Column("from_id", Id(), nullable=False),
    Column("to_id", Id(), nullable=False),
    Column("undone", PlainText()),  # given_back or kept, once it is being undone
    PrimaryKeyConstraint("transfer_id", "task_id"),
)
