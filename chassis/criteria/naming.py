"""Where the names in a criterion lead: whose field `customer_id.level` is, and what people call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from chassis.criteria.nodes import Clause, Criterion, atoms


class Place(NamedTuple):
    """A member of the records of an object."""

    object: str
    member: str


def places_of(criterion: Criterion, object: str) -> Iterator[tuple[str, Place]]:
    """Each name as `describe` asks for it, and the place that it means; a group stands for its whole object."""
    for atom in atoms(criterion):
        if isinstance(atom, Clause):
            yield atom.field, Place(atom.path[-1].object if atom.path else object, atom.inner.root)
        else:
            name = f"{atom.step.object}.{atom.step.reference}"
            for inner, place in places_of(atom.part, atom.step.object):
                yield f"{name}.{inner}", place


def names_of(criterion: Criterion, object: str, labels: Callable[[str], Mapping[str, str]],
             title: Callable[[str], str]) -> dict[str, str]:
    """What people call all that a criterion speaks of: `customer_id.level` is "Customer › Level".

    `labels` gives the names of an object's members, `title` what its records are called.
    """
    found = dict(labels(object))
    for atom in atoms(criterion):
        if isinstance(atom, Clause) and atom.path:
            found[atom.field] = _path_name(atom, object, labels)
        elif not isinstance(atom, Clause):
            name = f"{atom.step.object}.{atom.step.reference}"
            inner = names_of(atom.part, atom.step.object, labels, title)
            found[name] = title(atom.step.object)
            found |= {f"{name}.{member}": label for member, label in inner.items()}
    return found


def _path_name(clause: Clause, object: str, labels: Callable[[str], Mapping[str, str]]) -> str:
    words, inner = [], clause.inner
    for step in clause.path:
        words.append(labels(object).get(step.reference, step.reference))
        object = step.object
    known = labels(object)
    return " › ".join([*words, known.get(inner.field) or known.get(inner.root, inner.field)])
