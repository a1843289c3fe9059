"""What the customer service says about related records, asked for a whole batch at once and only where it decides.

A condition over related records depends on one member of the record alone: its reference, or its id. The judge learns
the answers for all rules whose own conditions hold, in one call for 500 values and 100 conditions of a member;
conditions that speak of "me" or of days are asked in the name of the person who made the change.

When nobody answers, nothing has been decided: the messages are tried again, as when a record cannot be changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chassis.criteria import Clause, Has, Scope, clauses, key_of, to_json
from chassis.criteria.resolve import needs_scope
from services.workflow.usecases.links import CustomerSilent

if TYPE_CHECKING:
    from chassis.service import Service

Atom = Clause | Has
Record = Mapping[str, Any]
MOST_CONDITIONS, MOST_VALUES = 100, 500


class Answers:
    """What is around the records of one batch; predicates ask only for what was learned before."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[tuple[Atom, str, str | None], bool] = {}

    def holds(self, atom: Atom, record: Record, scope: Scope) -> bool:
        """Whether the condition holds for the record."""
        return self._known[atom, record[key_of(atom)], _person(atom, scope)]

    def learn(self, wanted: Iterable[tuple[str, Atom, Record, Scope]]) -> None:
        """Ask what these conditions say of these records of an object."""
        questions: dict[tuple[str, str, str | None], tuple[dict[Atom, None], dict[str, None]]] = {}
        for name, atom, record, scope in wanted:
            member = key_of(atom)
            value = record.get(member)
            if isinstance(value, str):
                atoms, values = questions.setdefault((name, member, _person(atom, scope)), ({}, {}))
                atoms[atom] = values[value] = None
        for (name, member, person), (atoms, values) in questions.items():
            for some in _pieces(list(atoms), MOST_CONDITIONS):
                for few in _pieces(list(values), MOST_VALUES):
                    self._ask(name, member, person, some, few)

    def _ask(self, name: str, member: str, person: str | None, atoms: Sequence[Atom], values: Sequence[str]) -> None:
        body = {"conditions": [to_json(atom) for atom in atoms], "records": [{member: value} for value in values],
                **({} if person is None else {"person": person})}
        answer = self._service.calls.request("customer", "POST", f"/v1/records/{name}/judge", json=body)
        if answer.status != 200:
            raise CustomerSilent(f"conditions over what {name} is related to: {answer.status}")
        for value, row in zip(values, answer.json["holds"], strict=True):
            self._known.update({(atom, value, person): holds for atom, holds in zip(atoms, row, strict=True)})


def _person(atom: Atom, scope: Scope) -> str | None:
    """In whose name a condition is asked; None when it says the same to everybody."""
    return scope.user_id if any(needs_scope(clause) for clause in clauses(atom)) else None


def _pieces(every: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(every), most):
        yield every[start:start + most]
