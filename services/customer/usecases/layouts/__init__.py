"""Layouts: defining them, and holding people to the one that applies."""
