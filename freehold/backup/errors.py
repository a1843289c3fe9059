"""What goes wrong with a backup, said so that an operator knows what to do."""

from __future__ import annotations


class BackupError(Exception):
    """A backup, a restoration or a drill did not succeed; the text says why."""
