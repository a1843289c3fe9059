"""Hand-overs: everything that a leaver or mover owns goes to others, in the background and with a way back."""
