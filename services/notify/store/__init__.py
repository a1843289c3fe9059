"""Tables and migrations of the notify service."""
