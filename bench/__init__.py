"""Measurements of the whole product: speed against raw driver and broker, and survival of every process."""
