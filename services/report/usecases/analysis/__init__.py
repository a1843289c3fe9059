"""Analyses are set up, and trained when it is time."""
