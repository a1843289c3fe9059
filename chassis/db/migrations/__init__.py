"""Versions of the chassis' own tables."""
