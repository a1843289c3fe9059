"""Bulk jobs: one change, or the removal, of all records that match, in units of work of at most `CHUNK` records.

They go through the same use cases as single writes, so rights, rules of fields and history are the same.
"""

CHUNK = 500
