"""The command line, and the composition of services into processes."""
