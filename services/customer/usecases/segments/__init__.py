"""Segments: their definitions, and how their members are kept current.

A write judges its records before and after by the segments of their object, in the same transaction: who enters or
leaves is one row, one passage and part of an event. What only time changes is found by asking the table, in pieces,
under the locks of the records (`settle`); the same work fills a new segment and puts a changed one right.
"""
