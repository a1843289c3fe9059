"""Processes with their versions, instances with what they wait for and their history; tasks that are steps of one."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "workflow0005"
down_revision = "workflow0004"


def upgrade() -> None:
    op.create_table(
        "process",
        sa.Column("id", Id(), nullable=False),
        sa.Column("key", PlainText(), nullable=True),
        sa.Column("name", Json(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "process_version",
        sa.Column("process_id", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("xml", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("by_name", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("process_id", "number"),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", Id(), nullable=False),
        sa.Column("process_id", Id(), nullable=False),
        sa.Column("process_version", sa.Integer(), nullable=False),
        sa.Column("process_name", Json(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("record_title", PlainText(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("problem", Json(), nullable=True),
        sa.Column("applicant_id", Id(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("process_instance_of_record", "process_instance", ["record_id", "id"])
    op.create_index("process_instance_of_applicant", "process_instance", ["applicant_id", "id"])
    op.create_index("process_instance_of_process", "process_instance", ["process_id", "id"])
    op.create_table(
        "process_wait",
        sa.Column("instance_id", Id(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("node", PlainText(), nullable=False),
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "token", "node"),
    )
    op.create_index("process_wait_due", "process_wait", ["due_at"])
    op.create_index("process_wait_key", "process_wait", ["key"])
    op.create_table(
        "process_history",
        sa.Column("id", Id(), nullable=False),
        sa.Column("instance_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("node", PlainText(), nullable=True),
        sa.Column("what", PlainText(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("comment", PlainText(), nullable=True),
        sa.Column("detail", Json(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("process_history_of_instance", "process_history", ["instance_id", "id"])
    op.create_index("process_history_of_person", "process_history", ["by_id", "instance_id"])
    op.add_column("task", sa.Column("instance_id", Id(), nullable=True))
    op.add_column("task", sa.Column("step", Json(), nullable=True))
    op.create_index("task_of_instance", "task", ["instance_id", "state"])


def downgrade() -> None:
    op.drop_index("task_of_instance", "task")
    op.drop_column("task", "step")
    op.drop_column("task", "instance_id")
    op.drop_table("process_history")
    op.drop_table("process_wait")
    op.drop_table("process_instance")
    op.drop_table("process_version")
    op.drop_table("process")
