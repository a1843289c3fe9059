"""The tables of the notify service.

`notification` remembers each wish (never twice); `inbox_item` is what a person sees; `delivery` is one message by one
outside channel, with what became of it. What belongs to one bulk operation is one group; `digest_part` counts what is
in it, template by template.

`webhook` is an address of another program; `webhook_message` is one change that it is to be told, with the change as
the event had it: what of it may leave is decided anew at every attempt. `webhook_attempt` is what came of each.

`mail_template` is the text of a message to customers, `customer_mail` one such message; `cause` and `address` together
are unique, so that one rule tells one address of one change once. `opt_out` remembers who wants no more of a purpose,
by a digest of his address. `campaign` is one text to many; its messages are those of `customer_mail`. `engagement`
counts how often a message was opened (the empty link) and each of its links followed, `campaign_link` the same for all
messages; `uncounted` remembers at which addresses nothing is counted, `bounced_address` from which mail came back.

`channel_account` is the account at a provider that carries one channel, `channel_state` how that goes and at which
pace, `channel_address` where a person is found there.

`mailbox` is a mailbox of the company that is read, `incoming_mail` what came in; what a message is known by is unique.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, UniqueConstraint, false

from chassis.db.types import Id, Json, PlainText, UtcDateTime

metadata = MetaData()

notification = Table(
    "notification", metadata,
    Column("id", Id(), primary_key=True),
    Column("user_id", Id(), primary_key=True),
    Column("received_at", UtcDateTime(), nullable=False, index=True),
)

inbox_item = Table(
    "inbox_item", metadata,
    Column("id", Id(), primary_key=True),
    Column("user_id", Id(), nullable=False),
    Column("group_key", PlainText(), nullable=False),  # the bulk operation, or the notification's own id
    Column("template", PlainText(), nullable=False),
    Column("params", Json(), nullable=False),
    Column("link", Json()),
    Column("bulk", PlainText()),
    Column("count", Integer, nullable=False),
    Column("read_at", UtcDateTime()),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    UniqueConstraint("user_id", "group_key", name="inbox_item_group"),
    Index("inbox_item_newest", "user_id", "updated_at", "id"),
    Index("inbox_item_changes", "updated_at"),
)

delivery = Table(
    "delivery", metadata,
    Column("id", Id(), primary_key=True),
    Column("user_id", Id(), nullable=False),
    Column("channel", PlainText(), nullable=False),
    Column("group_key", PlainText(), nullable=False),
    Column("template", PlainText(), nullable=False),
    Column("params", Json(), nullable=False),
    Column("link", Json()),
    Column("bulk", PlainText()),
    Column("count", Integer, nullable=False),
    Column("status", PlainText(), nullable=False),  # waiting, sending, sent, failed, skipped, uncertain
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime(), nullable=False),
    Column("latest_at", UtcDateTime(), nullable=False),  # a digest waits no longer than this
    Column("answer", PlainText()),  # what the other side said
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    UniqueConstraint("user_id", "channel", "group_key", name="delivery_once"),
    Index("delivery_due", "status", "due_at"),
    Index("delivery_bulk", "bulk"),
    Index("delivery_newest", "created_at", "id"),
    Index("delivery_channel_due", "channel", "status", "due_at"),
    Index("delivery_person", "user_id", "channel", "status", "created_at"),
)

channel_account = Table(
    "channel_account", metadata,
    Column("channel", PlainText(), primary_key=True),
    Column("provider", PlainText(), nullable=False),
    Column("address", PlainText()),  # null: where the provider itself is
    Column("settings", Json(), nullable=False),
    Column("secret", PlainText(), nullable=False),  # sealed
    Column("per_second", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

channel_state = Table(
    "channel_state", metadata,
    Column("channel", PlainText(), primary_key=True),
    Column("booked_until", UtcDateTime(), nullable=False),  # the end of what is booked at the pace of the account
    Column("failures", Integer, nullable=False),  # in a row, that were the provider's fault
    Column("paused_until", UtcDateTime(), nullable=False),
    Column("said", PlainText()),  # what the provider said when it failed last
    Column("token", PlainText()),  # sealed
    Column("token_until", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

channel_address = Table(
    "channel_address", metadata,
    Column("user_id", Id(), primary_key=True),
    Column("channel", PlainText(), primary_key=True),
    Column("address", PlainText(), nullable=False),
    Column("origin", PlainText(), nullable=False),  # person, administrator, contacts
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("channel_address_found", "channel", "address"),
)

digest_part = Table(
    "digest_part", metadata,
    Column("user_id", Id(), primary_key=True),
    Column("group_key", PlainText(), primary_key=True),
    Column("template", PlainText(), primary_key=True),
    Column("params", Json(), nullable=False),  # of the first notification
    Column("count", Integer, nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False, index=True),
)

preference = Table(
    "preference", metadata,
    Column("user_id", Id(), primary_key=True),
    Column("body", Json(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

template = Table(
    "template", metadata,
    Column("key", PlainText(), primary_key=True),
    Column("body", Json(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

mail_template = Table(
    "mail_template", metadata,
    Column("key", PlainText(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("body", Json(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

customer_mail = Table(
    "customer_mail", metadata,
    Column("id", Id(), primary_key=True),
    Column("cause", PlainText(), nullable=False),  # rule and version of the record
    Column("address", PlainText()),  # folded; known from the moment of sending on
    Column("object", PlainText(), nullable=False),
    Column("record_id", Id(), nullable=False, index=True),
    Column("recipient", Json(), nullable=False),  # {"object", "id", "field"}
    Column("recipient_id", Id(), nullable=False, index=True),
    Column("template", PlainText(), nullable=False),
    Column("rule", Json(), nullable=False),  # {"id", "name"}
    Column("subject", PlainText()),
    Column("status", PlainText(), nullable=False),  # waiting, sending, sent, failed, skipped, uncertain
    Column("problem", PlainText()),  # why it did not go out, as a code
    Column("answer", PlainText()),  # what the mail server said
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime(), nullable=False),
    Column("campaign_id", Id()),  # null: a rule has ordered it
    Column("left_at", UtcDateTime()),  # when its reader took his consent back by it
    Column("opened_at", UtcDateTime()),  # for the first time, as clicked_at
    Column("clicked_at", UtcDateTime()),
    Column("bounced", PlainText()),  # hard, soft: it came back
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    UniqueConstraint("cause", "address", name="customer_mail_once"),
    Index("customer_mail_due", "status", "due_at"),
    Index("customer_mail_newest", "created_at", "id"),
    Index("customer_mail_campaign", "campaign_id", "status"),
)

campaign = Table(
    "campaign", metadata,
    Column("id", Id(), primary_key=True),
    Column("name", PlainText(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("audience", Json(), nullable=False),  # {"segment": id} or {"criteria": condition}
    Column("field", PlainText(), nullable=False),  # of the address
    Column("template", PlainText(), nullable=False),
    Column("letter", Json()),  # the template as it was at the start
    Column("per_minute", Integer, nullable=False),
    Column("state", PlainText(), nullable=False),  # draft, scheduled, sending, paused, finished, cancelled
    Column("problem", PlainText()),  # why it stopped by itself, as a code
    Column("run_by", Id()),  # it reaches what this person sees
    Column("after", Id()),  # the last recipient that was looked at
    Column("all_taken", Boolean, nullable=False),
    Column("left_out", Json(), nullable=False),  # reason → how many
    Column("tracked", Boolean, nullable=False, server_default=false()),  # openings and clicks are counted
    Column("opened", Integer, nullable=False, server_default="0"),  # messages, as clicked
    Column("clicked", Integer, nullable=False, server_default="0"),
    Column("hard_bounces", Integer, nullable=False, server_default="0"),
    Column("soft_bounces", Integer, nullable=False, server_default="0"),
    Column("turn", Integer, nullable=False),  # counts the workers' turns: a late one changes nothing
    Column("due_at", UtcDateTime(), nullable=False),  # the start, then the next turn
    Column("started_at", UtcDateTime()),
    Column("ended_at", UtcDateTime()),
    Column("created_by", Id()),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("campaign_due", "state", "due_at"),
    Index("campaign_newest", "created_at", "id"),
)

engagement = Table(
    "engagement", metadata,
    Column("message_id", Id(), primary_key=True),
    Column("link", PlainText(), primary_key=True),  # a digest of where it leads; empty: the message was opened
    Column("count", Integer, nullable=False),
    Column("first_at", UtcDateTime(), nullable=False, index=True),
    Column("last_at", UtcDateTime(), nullable=False),
)

campaign_link = Table(
    "campaign_link", metadata,
    Column("campaign_id", Id(), primary_key=True),
    Column("link", PlainText(), primary_key=True),
    Column("url", PlainText(), nullable=False),
    Column("people", Integer, nullable=False),
    Column("clicks", Integer, nullable=False),
)

uncounted = Table(
    "uncounted", metadata,
    Column("digest", PlainText(), primary_key=True),  # of the address, keyed
    Column("at", UtcDateTime(), nullable=False),
)

bounced_address = Table(
    "bounced_address", metadata,
    Column("digest", PlainText(), primary_key=True),  # of the address, keyed
    Column("hard_at", UtcDateTime()),  # null: it may work, messages came back for another reason
    Column("status", PlainText()),  # such as 5.1.1 (RFC 3463)
    Column("softs", Integer, nullable=False),
    Column("last_at", UtcDateTime(), nullable=False),
)

opt_out = Table(
    "opt_out", metadata,
    Column("digest", PlainText(), primary_key=True),  # of the address, keyed
    Column("purpose", PlainText(), primary_key=True),
    Column("at", UtcDateTime(), nullable=False),
)

mailbox = Table(
    "mailbox", metadata,
    Column("id", Id(), primary_key=True),
    Column("name", PlainText(), nullable=False),
    Column("kind", PlainText(), nullable=False, server_default="tickets"),  # tickets, bounces: nothing becomes a ticket
    Column("address", PlainText(), nullable=False),  # what customers write to
    Column("host", PlainText(), nullable=False),
    Column("port", Integer, nullable=False),
    Column("security", PlainText(), nullable=False),  # tls, starttls, none
    Column("username", PlainText(), nullable=False),
    Column("password", PlainText(), nullable=False),  # sealed
    Column("folder", PlainText(), nullable=False),
    Column("presets", Json(), nullable=False),  # values that new tickets get
    Column("active", Boolean, nullable=False),
    Column("uid_validity", BigInteger),  # null: not looked at yet
    Column("last_uid", BigInteger, nullable=False),
    Column("problem", PlainText()),  # why it cannot be read, as a code
    Column("said", PlainText()),  # what the server answered
    Column("failures", Integer, nullable=False),  # in a row
    Column("checked_at", UtcDateTime()),
    Column("due_at", UtcDateTime(), nullable=False),
    Column("lease", Id()),  # of the one worker that reads it
    Column("leased_until", UtcDateTime(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

incoming_mail = Table(
    "incoming_mail", metadata,
    Column("id", Id(), primary_key=True),  # made from its Message-ID, or from its place
    Column("mailbox_id", Id(), nullable=False),
    Column("uid_validity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("message_id", PlainText()),
    Column("sender", PlainText()),  # a digest, to count by
    Column("address", PlainText()),
    Column("subject", PlainText()),
    Column("outcome", PlainText(), nullable=False),  # see usecases.mailboxes.taking
    Column("record_id", Id(), index=True),  # the ticket
    Column("person_id", Id(), index=True),  # the contact or customer whom it came from
    Column("detail", PlainText()),
    Column("at", UtcDateTime(), nullable=False, index=True),
    UniqueConstraint("mailbox_id", "uid_validity", "uid", name="incoming_mail_place"),
    UniqueConstraint("mailbox_id", "message_id", name="incoming_mail_once"),
    Index("incoming_mail_newest", "mailbox_id", "at", "id"),
    Index("incoming_mail_sender", "sender", "at"),
)

webhook = Table(
    "webhook", metadata,
    Column("id", Id(), primary_key=True),
    Column("name", PlainText(), nullable=False),
    Column("url", PlainText(), nullable=False),
    Column("acts_as", Id(), nullable=False),
    Column("kinds", Json(), nullable=False),
    Column("objects", Json()),  # null: all of them
    Column("with_imports", Boolean, nullable=False),
    Column("skip_own", Boolean, nullable=False),
    Column("secrets", Json(), nullable=False),  # newest first: {"sealed", "until"}; until is null for the newest
    Column("state", PlainText(), nullable=False),  # active, off, failed
    Column("off_reason", PlainText()),
    Column("failures", Integer, nullable=False),  # in a row
    Column("failing_since", UtcDateTime()),
    Column("paused_until", UtcDateTime(), nullable=False),
    Column("leased_until", UtcDateTime(), nullable=False),  # one worker at a time serves it
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

webhook_message = Table(
    "webhook_message", metadata,
    Column("id", Id(), primary_key=True),
    Column("webhook_id", Id(), nullable=False),
    Column("kind", PlainText(), nullable=False),
    Column("object", PlainText()),
    Column("record_id", Id(), index=True),
    Column("change", Json()),  # null for a test, and when the person was erased
    Column("status", PlainText(), nullable=False),  # waiting, sent, failed, erased
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False, index=True),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("webhook_message_due", "webhook_id", "status", "due_at"),
    Index("webhook_message_newest", "webhook_id", "created_at", "id"),
)

webhook_attempt = Table(
    "webhook_attempt", metadata,
    Column("id", Id(), primary_key=True),
    Column("message_id", Id(), nullable=False, index=True),
    Column("at", UtcDateTime(), nullable=False, index=True),
    Column("status", Integer),  # of HTTP; null when there was no answer
    Column("milliseconds", Integer, nullable=False),
    Column("answer", PlainText(), nullable=False),
)
