"""Reading imports: their state, what is wrong with their rows, and the files that go back to people."""
