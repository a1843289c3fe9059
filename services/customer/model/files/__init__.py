"""Attached files: what their content is, what they may be called, which kinds may be shown in a browser."""
