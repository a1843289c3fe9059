"""Publishing processes, and running their instances."""
