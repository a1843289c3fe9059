"""The gateway's tables.

`directory_revision` is one row. Every change of identity takes it first, so such changes happen one after another and
a rule over several rows (an administrator remains, a tree has no cycle) is judged on what is committed. Whoever also
writes the audit log takes `audit_head` after it, never before.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, Table, UniqueConstraint

from chassis.db.types import BigId, Id, Json, PlainText, SortedText, UtcDateTime

metadata = MetaData()

directory_revision = Table(
    "directory_revision", metadata,
    Column("id", Integer, primary_key=True),
    Column("version", BigId(), nullable=False),  # grows with each change of a user, department or role
    Column("sessions", BigId(), nullable=False),  # grows with each revocation
)

department = Table(
    "department", metadata,
    Column("id", Id(), primary_key=True),
    Column("key", PlainText(), unique=True),
    Column("name", SortedText(), nullable=False),
    Column("parent_id", Id(), ForeignKey("department.id", deferrable=True, initially="DEFERRED"), index=True),
    Column("path", PlainText(), nullable=False),  # names from the root, for people
    Column("position", Integer, nullable=False),
    Column("calendar_id", Id()),  # of its own; without one that of the department above, or the company's
    Column("version", BigId(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("department_calendar", "calendar_id"),
)

calendar = Table(
    "calendar", metadata,
    Column("id", Id(), primary_key=True),
    Column("key", PlainText(), unique=True),
    Column("name", Json(), nullable=False),  # by language
    Column("timezone", PlainText(), nullable=False),
    Column("week", Json(), nullable=False),  # for each day from Monday its spans, [["09:00", "18:00"]]
    Column("days", Json(), nullable=False),  # that are different: {"date", "name", "spans"}
    Column("is_default", Boolean, nullable=False),  # the company's
    Column("version", BigId(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

role = Table(
    "role", metadata,
    Column("id", Id(), primary_key=True),
    Column("key", PlainText(), nullable=False, unique=True),
    Column("name", Json(), nullable=False),
    Column("permissions", Json(), nullable=False),
    Column("objects", Json(), nullable=False),
    Column("shipped", Boolean, nullable=False),
    Column("version", BigId(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

user_account = Table(
    "user_account", metadata,
    Column("id", Id(), primary_key=True),
    Column("username", PlainText(), nullable=False, unique=True),
    Column("name", SortedText(), nullable=False),
    Column("email", PlainText()),
    Column("phone", PlainText()),
    Column("department_id", Id(), ForeignKey("department.id"), index=True),
    Column("locale", PlainText()),
    Column("timezone", PlainText()),
    Column("field_rules", Json()),  # object → field → access, in place of what the roles say
    Column("active", Boolean, nullable=False),
    Column("password_hash", PlainText(), nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("password_changed_at", UtcDateTime(), nullable=False),
    Column("last_sign_in_at", UtcDateTime()),
    Column("version", BigId(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("user_account_name", "name", "id"),
)

user_role = Table(
    "user_role", metadata,
    Column("user_id", Id(), ForeignKey("user_account.id"), primary_key=True),
    Column("role_id", Id(), ForeignKey("role.id"), primary_key=True, index=True),
)

session = Table(
    "session", metadata,
    Column("id", Id(), primary_key=True),
    Column("user_id", Id(), ForeignKey("user_account.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("last_used_at", UtcDateTime(), nullable=False),
    Column("idle_until", UtcDateTime(), nullable=False, index=True),
    Column("ends_at", UtcDateTime(), nullable=False),
    Column("ip", PlainText()),
    Column("user_agent", PlainText()),
    Column("revoked_at", UtcDateTime()),
    Column("revoked_because", PlainText()),
)

refresh_token = Table(
    "refresh_token", metadata,
    Column("hash", PlainText(), primary_key=True),
    Column("session_id", Id(), ForeignKey("session.id"), nullable=False, index=True),
    Column("issued_at", UtcDateTime(), nullable=False),
    Column("used_at", UtcDateTime()),
)

revocation = Table(
    "revocation", metadata,
    Column("session_id", Id(), primary_key=True),  # of a sign-in or of an API key
    Column("at", UtcDateTime(), nullable=False, index=True),
)

api_key = Table(
    "api_key", metadata,
    Column("id", Id(), primary_key=True),
    Column("name", SortedText(), nullable=False),
    Column("user_id", Id(), ForeignKey("user_account.id"), nullable=False, index=True),
    Column("secret_hash", PlainText(), nullable=False),
    Column("scopes", Json(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("created_by", Id(), nullable=False),
    Column("expires_at", UtcDateTime()),
    Column("last_used_at", UtcDateTime()),
    Column("revoked_at", UtcDateTime()),
)

sign_in_attempt = Table(
    "sign_in_attempt", metadata,
    Column("subject", PlainText(), primary_key=True),  # digest of a user name or of an address
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime(), nullable=False, index=True),
    Column("locked_until", UtcDateTime()),
)

audit_entry = Table(
    "audit_entry", metadata,
    Column("seq", BigId(), primary_key=True, autoincrement=False),
    Column("id", Id(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("actor_kind", PlainText(), nullable=False),
    Column("actor_id", Id()),
    Column("actor_name", PlainText(), nullable=False),
    Column("action", PlainText(), nullable=False),
    Column("target_kind", PlainText()),
    Column("target_id", Id()),
    Column("target_name", PlainText()),
    Column("ip", PlainText()),
    Column("request_id", PlainText(), nullable=False),
    Column("detail", Json(), nullable=False),
    Column("prev_hash", PlainText(), nullable=False),
    Column("hash", PlainText(), nullable=False),
    UniqueConstraint("id"),
    Index("audit_entry_at", "at", "seq"),
    Index("audit_entry_actor", "actor_id", "seq"),
    Index("audit_entry_action", "action", "seq"),
)

audit_head = Table(
    "audit_head", metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigId(), nullable=False),
    Column("hash", PlainText(), nullable=False),
)

pack = Table(
    "pack", metadata,
    Column("name", PlainText(), primary_key=True),
    Column("version", PlainText(), nullable=False),
    Column("label", Json(), nullable=False),
    Column("items", Json(), nullable=False),  # kind/key → the item as it was installed last
    Column("installed_at", UtcDateTime(), nullable=False),
    Column("requires", Json()),  # names of packs
)

pack_run = Table(
    "pack_run", metadata,
    Column("id", Id(), primary_key=True),
    Column("pack", PlainText(), nullable=False),
    Column("manifest", Json(), nullable=False),
    Column("items", Json(), nullable=False),
    Column("keep", Json(), nullable=False),  # places where people keep what they have; or items that go all the same
    Column("state", PlainText(), nullable=False),  # uploaded, installing, removing, finished, failed
    Column("done", Integer, nullable=False),
    Column("problem", PlainText()),
    Column("created_by", Id(), nullable=False),
    Column("locale", PlainText(), nullable=False),  # in which refusals are told
    Column("created_at", UtcDateTime(), nullable=False),
    Column("finished_at", UtcDateTime()),
    Column("result", Json()),  # what a removal left
)
