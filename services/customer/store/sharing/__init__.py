"""Sharing in the database: rules, shares, and what a process has to know about both."""
