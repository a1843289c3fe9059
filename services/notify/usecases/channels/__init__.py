"""Channels to people: their accounts, the pace, and one message handed over."""
