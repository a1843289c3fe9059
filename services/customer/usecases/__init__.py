"""What the service does, one verb a module. Each works inside the caller's unit of work."""
