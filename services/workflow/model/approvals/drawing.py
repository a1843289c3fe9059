"""Where the shapes of an approval stand: top down, a column for each way, what happens beside a step to its right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.workflow.model.approvals.form import ESCALATE, REMIND, Approve, Choose, Step

COLUMN, GAP = 180, 50
SIZES: Mapping[str, tuple[int, int]] = {
    "startEvent": (36, 36), "endEvent": (36, 36), "boundaryEvent": (36, 36), "exclusiveGateway": (50, 50),
    "userTask": (120, 80), "serviceTask": (120, 80),
}
LABEL = (90, 14)
_BESIDE = 6
Point = tuple[int, int]


@dataclass(frozen=True)
class Box:
    """Where a shape stands."""

    left: int
    top: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.left + self.width // 2

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def center(self) -> int:
        return self.top + self.height // 2


def box(element: str, middle: int, top: int) -> Box:
    """The place of a shape whose middle and top are given."""
    width, height = SIZES[element]
    return Box(middle - width // 2, top, width, height)


def columns(steps: Iterable[Step]) -> int:
    """How many columns steps take side by side."""
    return max((_columns(step) for step in steps), default=1)


def _columns(step: Step) -> int:
    if isinstance(step, Choose):
        return sum(columns(way.steps) for way in step.ways)
    return 2 if isinstance(step, Approve) and step.late is not None and step.late.do in (REMIND, ESCALATE) else 1


def reach_below(step: Approve) -> int:
    """How far what happens beside a step reaches below it: its decision stands lower: the way to the right is free."""
    if _columns(step) == 1:
        return 0
    last = "endEvent" if step.late is not None and step.late.do == REMIND else "exclusiveGateway"
    return sum(SIZES[element][1] + GAP for element in ("userTask", last))


def down(source: Box, target: Box, lane: int | None = None) -> list[Point]:
    """The bends of a flow that leaves below and arrives above, by way of a column."""
    lane = target.middle if lane is None else lane
    leave, arrive = source.bottom + GAP // 3, target.top - GAP // 3
    return _straight([(source.middle, source.bottom), (source.middle, leave), (lane, leave), (lane, arrive),
                      (target.middle, arrive), (target.middle, target.top)])


def aside(source: Box, target: Box) -> list[Point]:
    """The bends of a flow that leaves to the right."""
    if target.left >= source.right and target.top <= source.center <= target.bottom:
        return [(source.right, source.center), (target.left, source.center)]
    return _straight([(source.right, source.center), (target.middle, source.center), (target.middle, target.top)])


def label_of(at: Box, name: str) -> Box:
    """The place of a name beside a shape: flows leave below, and to the right from the middle."""
    return Box(at.right + _BESIDE, at.top - LABEL[1] // 2, _wide(name), LABEL[1])


def label_along(bends: Sequence[Point], name: str) -> Box:
    """The place of a flow's name: above it where it begins to the right, else beside its longest way down."""
    (x, y), (_, level) = bends[0], bends[1]
    if level == y:
        return Box(x + _BESIDE, y - LABEL[1] - 2, _wide(name), LABEL[1])
    ways = [(below - top, left, top) for (left, top), (right, below) in pairwise(bends) if left == right]
    _, x, y = max(ways)
    return Box(x + _BESIDE, y + LABEL[1] // 2, _wide(name), LABEL[1])


def _wide(name: str) -> int:
    """About as wide as a name is written; a longer one goes on in the next line."""
    return max(20, min(LABEL[0], 8 + sum(7 if sign.isascii() else 12 for sign in name)))


def _straight(points: Sequence[Point]) -> list[Point]:
    """Without points that change nothing."""
    kept: list[Point] = []
    for index, point in enumerate(points):
        if kept and point == kept[-1]:
            continue
        following = next((one for one in points[index + 1:] if one != point), None)
        if kept and following and (kept[-1][0] == point[0] == following[0] or kept[-1][1] == point[1] == following[1]):
            continue
        kept.append(point)
    return kept
