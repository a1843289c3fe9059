"""Versions of the notify service's tables."""
