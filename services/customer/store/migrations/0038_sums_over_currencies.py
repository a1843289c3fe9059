"""Roll-ups over amounts of several currencies are counted anew: they used to leave out all but those of their own."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime
from chassis.ids import new_id

revision = "customer0038"
down_revision = "customer0037"

_FIELD = sa.table("field_def", sa.column("body", Json()))
_JOB = sa.table(
    "job", sa.column("id", Id()), sa.column("kind", PlainText()), sa.column("state", PlainText()),
    sa.column("payload", Json()), sa.column("progress", Json()), sa.column("attempts", sa.Integer()),
    sa.column("cause", Json()), sa.column("created_at", UtcDateTime()), sa.column("updated_at", UtcDateTime()))


def upgrade() -> None:
    rollups = sa.select(sa.literal(1)).select_from(_FIELD).where(_FIELD.c.body["type"].as_string() == "rollup").limit(1)
    if op.get_bind().execute(rollups).first() is None:
        return
    id, now = new_id(), datetime.now(UTC)
    op.execute(_JOB.insert().values(
        id=id, kind="customer.rates", state="queued", attempts=0, progress={}, created_at=now, updated_at=now,
        payload={"currency": None, "since": "0001-01-01T00:00:00Z", "until": None},
        cause={"request_id": id, "origin": ["system", None, None]}))


def downgrade() -> None:
    """What was counted stays as it is."""
