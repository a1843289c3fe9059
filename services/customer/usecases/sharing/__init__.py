"""Sharing single records, sharing by rule, and telling others about both."""
