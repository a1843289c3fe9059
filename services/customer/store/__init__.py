"""How objects and records are kept: the service's own tables, and a real table for every object."""
