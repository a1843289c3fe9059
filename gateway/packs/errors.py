"""What is wrong with a pack: every fault names its file and a JSON pointer into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, order=True)
class PackFault:
    """One fault: the file below the pack's folder, the place in it, a sentence; `code` is its word in catalogues."""

    file: str
    pointer: str
    message: str
    code: str = field(default="fault", compare=False)
    params: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}: {self.message}"


class PackError(Exception):
    """A pack that cannot be read or installed; `faults` is never empty."""

    def __init__(self, faults: Iterable[PackFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))

    @classmethod
    def at(cls, file: str, pointer: str, message: str, code: str = "fault", **params: Any) -> PackError:
        """An error with exactly one fault."""
        return cls([PackFault(file, pointer, message, code, params)])
