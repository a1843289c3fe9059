"""What the search makes of texts: folding, pinyin, grams. Pure functions, no database."""
