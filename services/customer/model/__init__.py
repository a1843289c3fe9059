"""The rules of objects, fields and records; nothing here knows a database or a request."""
