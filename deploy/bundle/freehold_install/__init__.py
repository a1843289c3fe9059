"""The program of a bundle. It runs before anything is installed, so it uses Python's standard library alone."""
