"""What is around records in hand: conditions over related records, judged for a form or a change that is under way.

The records in hand count as they will be, those around them as they are stored. Each condition is asked of the table
when the first record needs it, for all records at once (500 in one statement), so the number of statements grows with
the conditions of the form and never with the records of a batch.

Whose eyes look is said by the scope (its tables) and by `may_ask`: what the caller may not ask does not hold for him.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select

from chassis.criteria import Clause, Has, Scope, key_of, to_sql
from chassis.ids import is_id

Atom = Clause | Has
_AT_ONCE = 500


class TablesAround:
    """The records around some records in hand, asked of the tables as far as somebody wants to know."""

    def __init__(self, connection: Connection, records: Sequence[Mapping[str, Any]],
                 may_ask: Callable[[Atom], bool] = lambda _: True) -> None:
        self._connection, self._records, self._may_ask = connection, records, may_ask
        self._known: dict[Atom, frozenset[str]] = {}

    def holds(self, atom: Atom, record: Mapping[str, Any], scope: Scope) -> bool:
        """Whether the condition holds for one of the records in hand."""
        known = self._known.get(atom)
        if known is None:
            known = self._known[atom] = frozenset(self._meeting(atom, scope)) if self._may_ask(atom) else frozenset()
        return record[key_of(atom)] in known

    def _meeting(self, atom: Atom, scope: Scope) -> Iterator[str]:
        """The references, or ids, of the records in hand for which the condition holds."""
        name = key_of(atom)
        keys = sorted({key for record in self._records if isinstance(key := record.get(name), str) and is_id(key)})
        for start in range(0, len(keys), _AT_ONCE):
            yield from self._connection.execute(_statement(atom, keys[start:start + _AT_ONCE], scope)).scalars()


def _statement(atom: Atom, keys: Sequence[str], scope: Scope) -> Select[tuple[str]]:
    assert scope.tables is not None
    step = atom.step if isinstance(atom, Has) else atom.path[0]
    table, columns, condition = scope.tables(step.object)
    near = columns[step.reference] if isinstance(atom, Has) else columns["id"]
    part = to_sql(atom.part if isinstance(atom, Has) else atom.beyond, columns, scope)
    query = select(near).where(near.in_(keys), part, *([] if condition is None else [condition]))
    if isinstance(atom, Has):
        query = query.group_by(near).having(func.count() >= atom.least)
    return query.select_from(table)
