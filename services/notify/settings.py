"""The notify service's own settings."""

from __future__ import annotations

from chassis.settings import Setting

SETTINGS = (
    Setting("smtp_host", str, "", "mail server; empty switches the email channel off"),
    Setting("smtp_port", int, 587, "port of the mail server"),
    Setting("smtp_security", str, "starttls", "`starttls`, `tls` or `none`"),
    Setting("smtp_user", str, "", "user at the mail server; empty: no sign-in"),
    Setting("smtp_password", str, "", "password at the mail server", secret=True),
    Setting("mail_from", str, "Freehold <freehold@localhost>", "sender of messages"),
    Setting("bounce_address", str, "", "address that reports of failed delivery come back to, read by a mailbox: "
            "`bounces+*@example.com`, with a star where a signed tag stands, or without one; empty: the sender's"),
    Setting("outside_networks", str, "", "networks inside the company that webhooks may reach, as `10.1.0.0/16, "
            "fd00::/8`; all others must be public"),
    Setting("webhook_off_after_days", float, 3.0, "days after which a webhook that takes nothing is switched off"),
    Setting("webhook_log_days", int, 30, "days that the log of webhooks is kept"),
    Setting("streams_per_process", int, 24, "live inboxes that one web process serves; others poll"),
    Setting("stream_seconds", int, 600, "life of one live inbox connection; the browser reconnects"),
)
