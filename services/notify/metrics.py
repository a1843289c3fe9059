"""Business counters of the notify service."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

NOTIFICATIONS = Counter("freehold_notifications_total", "Wishes to tell somebody, by template", ["template"])
DELIVERIES = Counter("freehold_deliveries_total", "Messages by outside channels, by outcome", ["channel", "status"])
INCOMING = Counter("freehold_incoming_mail_total", "Messages that came into mailboxes, by what became of them",
                   ["outcome"])
WITHDRAWALS = Counter("freehold_mail_opt_outs_total", "Consents that were taken back by a link in a message")
ENGAGEMENTS = Counter("freehold_mail_engagements_total",
                      "Messages of campaigns that were opened, and links of them that were followed", ["kind"])
BOUNCES = Counter("freehold_mail_bounces_total", "Mail to customers that came back, for good (hard) or not (soft)",
                  ["kind"])
CAMPAIGNS = Counter("freehold_campaigns_ended_total", "Campaigns that ended, or stopped by themselves", ["state"])
CAMPAIGN_RECIPIENTS = Counter("freehold_campaign_recipients_total",
                              "Recipients of campaigns, by what was decided: taken, or why not", ["outcome"])
BREAKERS = Gauge("freehold_channel_resting", "1 while a channel is left alone because its provider fails", ["channel"],
                 multiprocess_mode="mostrecent")
CHANNEL_WAITING = Gauge("freehold_channel_waiting", "Messages whose time has come, by channel", ["channel"],
                        multiprocess_mode="mostrecent")
CHANNEL_AGE = Gauge("freehold_channel_oldest_seconds", "For how long the oldest of them is due", ["channel"],
                    multiprocess_mode="mostrecent")
STREAMS = Gauge("freehold_inbox_streams", "Live inboxes open", multiprocess_mode="livesum")
WEBHOOKS = Counter("freehold_webhook_messages_total",
                   "Messages of webhooks, by what became of an attempt: sent, retried, failed, unseen", ["outcome"])
WEBHOOKS_OFF = Counter("freehold_webhooks_switched_off_total", "Webhooks that were switched off, by reason", ["reason"])
WEBHOOK_SECONDS = Histogram("freehold_webhook_attempt_seconds", "How long the other side of a webhook took")
