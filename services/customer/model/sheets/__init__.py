"""What a sheet is, whatever file it came in: rows of cells, a header among them, columns with letters."""
