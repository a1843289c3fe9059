"""The ledger of effects: what many rules must have done to many changes, worked out by a program of its own.

Writers change records at a steady rate while processes, the broker and the database are killed in turn. Every change
that was accepted goes into a ledger with the version that it made. `expected` reads rules and ledger and says which
rule acts on which version of which record, without a line of the product; `booked` reads from the databases what has
happened. The two must be equal: no effect is missing, none is there twice, none is there that nothing called for.
"""
