"""Mailboxes of the company: what comes in becomes tickets."""
