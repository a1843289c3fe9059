"""Calculated fields: worked out with every write, and again when something that they read elsewhere has changed.

1. `values`: what a record's formulas give, from its own fields and those that its references lead to; this happens
   within the write itself.
2. `due`: the same write leaves a row for everything elsewhere that depends on what it changed: the roll-ups of parents,
   the formulas that look at this record. Rows are only added, so writes of children never wait for their parents. What
   matches by fields (`model.calculated.matches`) leaves its values before and after, and `matches` finds who has them.
3. `work`: a loop takes due rows, counts anew what they name, and writes what has become different. It passes over
   records that somebody holds and comes back to them, so it is never part of a deadlock.
4. `recalculate`: the job that goes through all records when a definition changed, when a new day has come, or when
   departments have moved.
5. `check`: what is wrong with a calculated field is said when a definition changes.
"""
