"""Public pools: keeping them, and how records are claimed, returned, assigned and moved."""
