"""The sealed bundle: one archive with everything that an installation needs, checked before use: `make bundle`."""
