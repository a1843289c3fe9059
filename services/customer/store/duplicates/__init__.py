"""Pairs that look alike, the scans that found them, and what was merged."""
