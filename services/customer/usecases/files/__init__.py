"""Attached files: taken in, tied to records, removed when nobody names them any more."""
