"""What the service does, one verb each."""
