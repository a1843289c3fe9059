"""Work in stages: key tasks when a record comes into one, ticks of its check list."""
