"""What a row of the table of functions is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chassis.formulas.nodes import Call
from chassis.formulas.typed import Typed
from chassis.formulas.types import Type

if TYPE_CHECKING:
    from chassis.formulas.compiler import Compiler

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Param:
    """One value that a function takes: `kind` as in `typed.fits`; the last may be repeated (`many`)."""

    name: str
    kind: str
    optional: bool = False
    many: bool = False


@dataclass(frozen=True)
class Function:
    """One function: what it takes and gives, how it is worked out, and what people read about it.

    `run` gets the values (and the frame before them when `framed`); with `strict` a missing value gives a missing
    result without asking. A function that does not look at all of its values, or at their types, has `build`.
    """

    name: str
    params: tuple[Param, ...]
    result: Type | Callable[[Sequence[Typed]], Type]
    about: Texts
    example: str
    gives: str
    run: Callable[..., Any] | None = None
    framed: bool = False
    strict: bool = True
    build: Callable[[Compiler, Call], Typed] | None = None
    volatile: bool = False

    @property
    def least(self) -> int:
        """How many values it needs."""
        return sum(not one.optional for one in self.params)

    @property
    def most(self) -> int | None:
        """How many values it takes; None for any number."""
        return None if any(one.many for one in self.params) else len(self.params)

    def param(self, place: int) -> Param:
        """What stands at this place."""
        return self.params[min(place, len(self.params) - 1)]

    @property
    def signature(self) -> str:
        """As it is written: `ROUND(number, [digits])`."""
        words = [f"[{one.name}]" if one.optional else one.name for one in self.params]
        return f"{self.name}({', '.join(words)}{', …' if self.most is None else ''})"


def same_as_first(args: Sequence[Typed]) -> Type:
    """The type of the first value."""
    return args[0].type.plain
