"""Versions of the report service's tables."""
