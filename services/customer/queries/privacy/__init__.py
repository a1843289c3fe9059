"""Everything that is kept about one person, and how it is written for people."""
