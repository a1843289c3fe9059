"""The REST surface: one module with a blueprint per noun."""

from services.notify.api.addresses import addresses
from services.notify.api.campaigns import campaigns
from services.notify.api.channels import channels
from services.notify.api.correspondence import blueprint as correspondence
from services.notify.api.deliveries import deliveries
from services.notify.api.inbox import inbox
from services.notify.api.mail_templates import mail_templates
from services.notify.api.mailboxes import mailboxes
from services.notify.api.mails import mails
from services.notify.api.preferences import preferences
from services.notify.api.templates import templates
from services.notify.api.undeliverable import blueprint as undeliverable
from services.notify.api.webhooks import webhooks

BLUEPRINTS = (inbox, preferences, templates, deliveries, webhooks, mail_templates, mails, mailboxes,
              correspondence, channels, addresses, campaigns, undeliverable)

__all__ = ["BLUEPRINTS"]
