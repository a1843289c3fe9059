"""Importing a sheet: upload, mapping, dry run, import; each step leaves a state from which the next one starts.

A dry run and an import judge rows by the same rules (`rows`, `doubles`); the import then goes through the same use
cases as every other write, in units of work of at most `CHUNK` rows that also hold the job's progress.
"""

CHUNK = 2000
