"""The REST surface: a blueprint per noun."""
