"""The tables of the service."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, text

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
    Column("action", PlainText()),  # create; None for a change
    Column("run_id", Id()),  # whose action at this place creates the record
    Column("place", Integer),
    Column("order_id", Id()),  # what a process waits for, with this
    Index("intent_of_group", "group_id", "position"),
    Index("intent_of_record", "record_id", "group_id"),
    Index("intent_of_order", "order_id"),
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
    Column("creator_kind", PlainText(), nullable=False),  # person, rule, process, system
    Column("creator_id", Id()),
    Column("creator_name", Json(), nullable=False),  # by language
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Column("completed_at", UtcDateTime()),
    Column("completed_by", Id()),
    Column("version", Integer, nullable=False),
    Column("source_id", Id()),  # the record that plans it
    Column("source_version", Integer),  # of that record, when it was looked at last
    Column("instance_id", Id()),  # of the process that it is a step of
    Column("step", Json()),  # {"token", "turn", "node", "decision"} there
    Column("for_id", Id()),  # who is absent, when the assignee stands in for somebody
    Column("due_in", PlainText()),  # `3wd` from its creation on, when its time is counted in working time
    Index("task_of_source", "source_id", unique=True),
    Index("task_of_assignee", "assignee_id", "state", "due_sort", "id"),
    Index("task_of_department", "department_id", "state", "due_sort", "id"),
    Index("task_of_creator", "creator_id", "state", "due_sort", "id"),
    Index("task_of_record", "link_id", "state"),
    Index("task_due", "state", "due_sort", "id"),
    Index("task_of_instance", "instance_id", "state"),
    Index("task_for_somebody", "for_id", "state", "due_sort", "id"),
    Index("task_counted", "id", sqlite_where=text("due_in IS NOT NULL"), postgresql_where=text("due_in IS NOT NULL")),
)

calendar_stand = Table(  # the one row says by which calendars what waits was counted last
    "calendar_stand", metadata,
    Column("id", Integer, primary_key=True),
    Column("stand", PlainText(), nullable=False),
    Column("again", Boolean, nullable=False),  # whether it is to be counted once more
)

absence = Table(
    "absence", metadata,
    Column("id", Id(), primary_key=True),
    Column("person_id", Id(), nullable=False),
    Column("deputy_id", Id(), nullable=False),
    Column("starts_at", UtcDateTime(), nullable=False),
    Column("ends_at", UtcDateTime(), nullable=False),
    Column("by_id", Id()),  # who has said so: he himself, or an administrator
    Column("created_at", UtcDateTime(), nullable=False),
    Index("absence_of_person", "person_id", "ends_at"),
    Index("absence_of_deputy", "deputy_id", "ends_at"),
    Index("absence_now", "ends_at", "starts_at"),
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

process = Table(
    "process", metadata,
    Column("id", Id(), primary_key=True),
    Column("key", PlainText(), unique=True),
    Column("name", Json(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("active", Boolean, nullable=False),  # whether instances may be started
    Column("latest", Integer, nullable=False),  # the version that new instances follow
    Column("version", Integer, nullable=False),  # of this row
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

process_version = Table(
    "process_version", metadata,
    Column("process_id", Id(), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("xml", PlainText(), nullable=False),  # as its author wrote it
    Column("at", UtcDateTime(), nullable=False),
    Column("by_id", Id()),
    Column("by_name", PlainText(), nullable=False),
)
process_draft = Table(  # the next version while it is drawn; nothing runs it
    "process_draft", metadata,
    Column("process_id", Id(), primary_key=True),
    Column("base", Integer, nullable=False),  # the version that it was begun from
    Column("xml", PlainText(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("by_id", Id()),
    Column("by_name", PlainText(), nullable=False),
    Column("version", Integer, nullable=False),
)

process_instance = Table(
    "process_instance", metadata,
    Column("id", Id(), primary_key=True),
    Column("process_id", Id(), nullable=False),
    Column("process_version", Integer, nullable=False),
    Column("process_name", Json(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("record_title", PlainText(), nullable=False),
    Column("state", PlainText(), nullable=False),  # running, completed, withdrawn, cancelled
    Column("body", Json(), nullable=False),  # tokens, frames and variables: what lives
    Column("problem", Json()),  # by language: why it does not go on
    Column("applicant_id", Id(), nullable=False),
    Column("started_at", UtcDateTime(), nullable=False),
    Column("ended_at", UtcDateTime()),
    Column("version", Integer, nullable=False),
    Column("parent_id", Id()),  # the instance that has called it
    Column("parent_token", Integer),  # and its token that waits for it
    Column("root_id", Id()),  # the first one of all that call each other
    Column("depth", Integer, nullable=False, server_default="0"),
    Index("process_instance_of_parent", "parent_id", "parent_token"),
    Index("process_instance_of_root", "root_id"),
    Index("process_instance_of_record", "record_id", "id"),
    Index("process_instance_of_applicant", "applicant_id", "id"),
    Index("process_instance_of_process", "process_id", "id"),
    Index("process_instance_runs", "process_id", "process_version", "id",
          sqlite_where=text("state = 'running'"), postgresql_where=text("state = 'running'")),
)

process_wait = Table(
    "process_wait", metadata,
    Column("instance_id", Id(), nullable=False),
    Column("token", Integer, nullable=False),
    Column("node", PlainText(), nullable=False),
    Column("kind", PlainText(), nullable=False),  # timer, message, change
    Column("key", PlainText(), nullable=False),  # the name of the message, the intent of the change
    Column("since", UtcDateTime(), nullable=False),
    Column("due_at", UtcDateTime()),  # when it occurs; None until it is known
    Column("attempts", Integer, nullable=False),
    Column("correlation", PlainText()),  # what the message is about
    Column("counted", PlainText()),  # of a timer in working time: its length, `3wd`
    Column("department_id", Id()),  # by whose calendar
    PrimaryKeyConstraint("instance_id", "token", "node"),
    Index("process_wait_due", "due_at"),
    Index("process_wait_key", "key"),
    Index("process_wait_message", "correlation", "key"),
    Index("process_wait_counted", "instance_id", "token", "node",
          sqlite_where=text("counted IS NOT NULL"), postgresql_where=text("counted IS NOT NULL")),
)

process_message = Table(
    "process_message", metadata,
    Column("id", Id(), primary_key=True),
    Column("name", PlainText(), nullable=False),
    Column("correlation", PlainText(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("due_at", UtcDateTime(), nullable=False),  # when it is looked at again
    Column("attempts", Integer, nullable=False),
    Index("process_message_due", "due_at"),
    Index("process_message_about", "correlation", "name", "id"),
)

process_signal = Table(
    "process_signal", metadata,
    Column("id", Id(), primary_key=True),
    Column("name", PlainText(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),  # whoever began to wait later does not hear it
)

process_raised = Table(  # escalations and errors of called processes that their callers have still to hear
    "process_raised", metadata,
    Column("id", Id(), primary_key=True),
    Column("instance_id", Id(), nullable=False),
    Column("token", Integer, nullable=False),
    Column("what", PlainText(), nullable=False),
    Column("code", PlainText(), nullable=False),
    Column("due_at", UtcDateTime(), nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("process_raised_due", "due_at"),
    Index("process_raised_of_instance", "instance_id", "token"),
)

process_order = Table(
    "process_order", metadata,
    Column("id", Id(), primary_key=True),
    Column("process", PlainText(), nullable=False),  # its id, or its key
    Column("record_id", Id(), nullable=False),
    Column("applicant_id", Id(), nullable=False),
    Column("run_id", Id(), nullable=False),
    Column("position", Integer, nullable=False),  # of the action in the run
    Column("cause", Json(), nullable=False),
    Column("due_at", UtcDateTime(), nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("process_order_due", "due_at"),
)

process_history = Table(
    "process_history", metadata,
    Column("id", Id(), primary_key=True),
    Column("instance_id", Id(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("node", PlainText()),
    Column("what", PlainText(), nullable=False),
    Column("by_id", Id()),
    Column("comment", PlainText()),
    Column("detail", Json()),
    Index("process_history_of_instance", "instance_id", "id"),
    Index("process_history_of_person", "by_id", "instance_id"),
)
