"""What analyses look at, and what they have found, as one caller may see it."""
