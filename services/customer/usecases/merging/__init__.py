"""Making one record of two, and two of one again."""
