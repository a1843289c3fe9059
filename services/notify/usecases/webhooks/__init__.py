"""Outgoing webhooks: managed, fed by events, sent, replayed."""
