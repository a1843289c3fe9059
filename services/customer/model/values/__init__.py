"""One module per family of field types: how a value is checked, kept and shown.

Every family knows three forms of a value. *Wire* is what JSON carries and what events, history and answers hold.
*Column* is what the database driver takes and gives. *Cell* is what people type into spreadsheets. `coerce` makes
canonical wire values of whatever a caller sent, `bind` and `load` go between wire and column, `cell` makes
a wire value (still to be coerced) of a cell.
"""
