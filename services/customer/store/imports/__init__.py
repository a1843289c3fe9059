"""Uploaded sheets: their files, the rows made of them, and what the database knows of each import."""
