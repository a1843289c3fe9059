"""What is wrong with an input, before anybody decides how to say it.

The model knows rules, not people: it raises a code and the numbers that belong to it. The API turns each
fault into a sentence of the caller's language (`error.<code>` in the catalogues); the importer
writes the same sentences beside the rows of a sheet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

MAX_STEP = 100


class BadValueError(Exception):
    """One value that its field cannot hold; the field is known by the caller."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Fault:
    """A broken rule at a place: a JSON pointer, a code and what the sentence needs."""

    pointer: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def below(self, prefix: str) -> Fault:
        """The same fault, seen from further outside."""
        return Fault(prefix + self.pointer, self.code, self.params)


class InvalidError(Exception):
    """An input with at least one fault (422)."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(", ".join(f"{fault.pointer}: {fault.code}" for fault in self.faults))

    @classmethod
    def at(cls, pointer: str, code: str, **params: Any) -> InvalidError:
        """An input with exactly one fault."""
        return cls([Fault(pointer, code, params)])


def pointer_to(*steps: str | int) -> str:
    """The JSON pointer (RFC 6901) of the steps; a hostile name is cut."""
    return "".join("/" + str(step)[:MAX_STEP].replace("~", "~0").replace("/", "~1") for step in steps)


def unknown_members(given: Iterable[str], known: Collection[str], pointer: str = "") -> list[Fault]:
    """A fault for each member that nobody knows."""
    return [Fault(pointer + pointer_to(name), "unknown_field", {"field": name[:MAX_STEP]})
            for name in given if name not in known]
