"""The gateway's REST API: a blueprint per noun."""
