"""The command line, and the composition of services into processes."""

__version__ = "0.1.0"
