"""What the tests measure by the way: seconds of each playbook, seconds without service, memory; printed at the end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    value: float
    unit: str


TAKEN: list[Figure] = []


def note(what: str, value: float, unit: str) -> None:
    """Keep a figure for the table at the end of the run."""
    TAKEN.append(Figure(what, value, unit))


def table() -> list[str]:
    """The lines to print, in the order in which things happened."""
    return [f"{one.what:<70} {one.value:>9.1f} {one.unit}" for one in TAKEN]
