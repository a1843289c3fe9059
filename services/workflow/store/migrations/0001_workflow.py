"""Rules, runs, intents, tasks."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime
from services.workflow.store.tables import rulebook_state

revision = "workflow0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "intent",
        sa.Column("id", Id(), nullable=False),
        sa.Column("group_id", Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("changes", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("intent_of_group", "intent", ["group_id", "position"], unique=False)
    op.create_index("intent_of_record", "intent", ["record_id", "group_id"], unique=False)
    op.create_table(
        "intent_group",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("cause", Json(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("lease_owner", PlainText(), nullable=True),
        sa.Column("error", PlainText(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("intent_group_due", "intent_group", ["due_at"], unique=False)
    op.create_table(
        "object_copy",
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "rotation",
        sa.Column("rule_id", Id(), nullable=False),
        sa.Column("department_id", Id(), nullable=False),
        sa.Column("last_user_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "department_id"),
    )
    op.create_table(
        "rule",
        sa.Column("id", Id(), nullable=False),
        sa.Column("key", PlainText(), nullable=True),
        sa.Column("name", Json(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("trigger", Json(), nullable=False),
        sa.Column("criteria", Json(), nullable=False),
        sa.Column("actions", Json(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("rule_order", "rule", ["object", "position", "id"], unique=False)
    op.create_table(
        "rule_run",
        sa.Column("id", Id(), nullable=False),
        sa.Column("rule_id", Id(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("rule_name", Json(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("record_version", sa.Integer(), nullable=False),
        sa.Column("record_title", PlainText(), nullable=False),
        sa.Column("outcome", PlainText(), nullable=False),
        sa.Column("reason", Json(), nullable=False),
        sa.Column("actions", Json(), nullable=False),
        sa.Column("error", Json(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("request_id", PlainText(), nullable=False),
        sa.Column("bulk_id", PlainText(), nullable=True),
        sa.Column("intent_id", Id(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("rule_run_intent", "rule_run", ["intent_id"], unique=False)
    op.create_index("rule_run_newest", "rule_run", ["at", "id"], unique=False)
    op.create_index("rule_run_of_record", "rule_run", ["record_id", "at", "id"], unique=False)
    op.create_index("rule_run_of_rule", "rule_run", ["rule_id", "at", "id"], unique=False)
    op.create_index("rule_run_once", "rule_run", ["record_id", "rule_id", "record_version"], unique=True)
    op.create_table(
        "rule_version",
        sa.Column("rule_id", Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", PlainText(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("by_name", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "version"),
    )
    op.create_table(
        "rulebook_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", BigId(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "task",
        sa.Column("id", Id(), nullable=False),
        sa.Column("title", Json(), nullable=False),
        sa.Column("kind", PlainText(), nullable=True),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("due_sort", UtcDateTime(), nullable=False),
        sa.Column("assignee_id", Id(), nullable=False),
        sa.Column("department_id", Id(), nullable=True),
        sa.Column("link_object", PlainText(), nullable=True),
        sa.Column("link_id", Id(), nullable=True),
        sa.Column("link_title", PlainText(), nullable=True),
        sa.Column("link_version", sa.Integer(), nullable=True),
        sa.Column("creator_kind", PlainText(), nullable=False),
        sa.Column("creator_id", Id(), nullable=True),
        sa.Column("creator_name", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("completed_by", Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("task_due", "task", ["state", "due_sort", "id"], unique=False)
    op.create_index("task_of_assignee", "task", ["assignee_id", "state", "due_sort", "id"], unique=False)
    op.create_index("task_of_creator", "task", ["creator_id", "state", "due_sort", "id"], unique=False)
    op.create_index("task_of_department", "task", ["department_id", "state", "due_sort", "id"], unique=False)
    op.create_index("task_of_record", "task", ["link_id", "state"], unique=False)
    op.create_table(
        "task_kind",
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("name", Json(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.execute(rulebook_state.insert().values(id=1, revision=1))


def downgrade() -> None:
    op.drop_table("task_kind")
    op.drop_table("task")
    op.drop_table("rulebook_state")
    op.drop_table("rule_version")
    op.drop_table("rule_run")
    op.drop_table("rule")
    op.drop_table("rotation")
    op.drop_table("object_copy")
    op.drop_table("intent_group")
    op.drop_table("intent")
