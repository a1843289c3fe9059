"""Fields whose values nobody gives: formulas over fields, roll-ups over related records."""
