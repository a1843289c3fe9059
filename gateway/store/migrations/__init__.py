"""Versions of the gateway's tables."""
