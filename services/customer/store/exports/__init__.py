"""Exports that are written in the background: what is known of each, and their files."""
