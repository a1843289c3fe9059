"""What the gateway does: one verb each, inside the unit of work that it is given."""
