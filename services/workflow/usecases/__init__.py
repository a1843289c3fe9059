"""What can be done: one verb each, inside a unit of work."""
