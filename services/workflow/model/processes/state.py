"""What an instance is at one moment: only what lives. What has been is in its history.

A token stands at a node in a frame. A frame is the process itself, a sub-process that has been entered, or the body of
an activity with several instances; all but the first belong to the token that waits for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

ROOT = 0
READY, WAITING, JOINED = "ready", "waiting", "joined"
APPROVED, REJECTED, DONE = "approved", "rejected", "done"


@dataclass(frozen=True)
class Token:
    """`turn` counts the times that a user task was put before people, `people` are those of this turn, `queue` those
    of the next ones; `ref` is what a service task waits for; `fired` are boundary events that have occurred."""

    id: int
    node: str
    frame: int
    via: str | None = None
    state: str = READY
    inner: bool = False  # one of several instances
    item: str | None = None  # the person whom one of several instances is for
    turn: int = 0
    people: tuple[str, ...] = ()
    queue: tuple[tuple[str, ...], ...] = ()
    ref: str | None = None
    fired: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frame:
    """`rest` are the people of instances still to come in turn."""

    id: int
    token: int | None = None
    body: bool = False  # of several instances
    total: int = 0
    done: int = 0
    approved: int = 0
    rejected: int = 0
    rest: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class State:
    """Tokens and frames by id, variables by name."""

    tokens: Mapping[int, Token] = field(default_factory=dict)
    frames: Mapping[int, Frame] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    next_id: int = 1
    agreed: tuple[str, ...] = ()  # who has approved so far

    @property
    def ended(self) -> bool:
        return not self.tokens

    def to_json(self) -> dict[str, Any]:
        """Return the state as it is kept."""
        return {"tokens": [_short(token) for token in self.tokens.values()],
                "frames": [_short(frame) for frame in self.frames.values()],
                "variables": dict(self.variables), "next_id": self.next_id,
                **({"agreed": list(self.agreed)} if self.agreed else {})}


def state_from_json(kept: Mapping[str, Any]) -> State:
    """Return the state that was kept."""
    tokens = [Token(**_tuples(one)) for one in kept["tokens"]]
    frames = [Frame(**_tuples(one)) for one in kept["frames"]]
    return State({token.id: token for token in tokens}, {frame.id: frame for frame in frames}, kept["variables"],
                 kept["next_id"], tuple(kept.get("agreed", ())))


_BARE = {Token: asdict(Token(0, "", 0)), Frame: asdict(Frame(0))}


def _short(thing: Token | Frame) -> dict[str, Any]:
    bare = _BARE[type(thing)]
    return {name: value for name, value in asdict(thing).items()
            if name in ("id", "node", "frame") or value != bare[name]}


def _tuples(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) if isinstance(value, list) else value for name, value in kept.items()}


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuple(value) if isinstance(value, list) else value for value in values)

