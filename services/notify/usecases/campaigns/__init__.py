"""Campaigns: set up, counted, tried, run."""
