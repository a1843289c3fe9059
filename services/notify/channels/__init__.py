"""Clients of providers that carry messages to people: one module each, all with the same `send`."""
