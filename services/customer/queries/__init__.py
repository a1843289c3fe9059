"""The read side: nothing here writes."""
