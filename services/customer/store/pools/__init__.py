"""Pools in the database: what they are, and how records came in and went out."""
