"""Whether a machine can carry Freehold, asked before anything is changed on it.

The only trace is a temporary file of a few MB in the data folder, written to measure the disk and removed at once.
"""
