"""Alembic versions of the workflow service."""
