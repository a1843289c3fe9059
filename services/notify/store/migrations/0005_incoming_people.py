"""Whom a message came from, so that it is forgotten with him; and the records that messages became."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id

revision = "notify0005"
down_revision = "notify0004"


def upgrade() -> None:
    op.add_column("incoming_mail", sa.Column("person_id", Id(), nullable=True))
    op.create_index("ix_incoming_mail_person_id", "incoming_mail", ["person_id"])
    op.create_index("ix_incoming_mail_record_id", "incoming_mail", ["record_id"])


def downgrade() -> None:
    op.drop_index("ix_incoming_mail_record_id", "incoming_mail")
    op.drop_index("ix_incoming_mail_person_id", "incoming_mail")
    op.drop_column("incoming_mail", "person_id")
