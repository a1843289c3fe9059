"""How alike two records are: their values in one form, compared by what they are, weighed into a score with reasons."""
