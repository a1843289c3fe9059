"""The lowest point of a function of a few variables, without derivatives: the simplex method of Nelder and Mead.

J. A. Nelder and R. Mead, "A simplex method for function minimization", The Computer Journal 7 (1965), 308-313, with the
usual coefficients (reflection 1, expansion 2, contraction and shrinking one half). The likelihoods that are fitted here
have two to four parameters and one top, so a few hundred looks at the function are enough. A second start from where
the first one ended frees a simplex that has become flat.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Point = list[float]
Function = Callable[[Sequence[float]], float]
_LIMIT = 1e300


@dataclass
class _Corner:
    point: Point
    value: float


def minimise(function: Function, start: Sequence[float], *, step: float = 0.5, tolerance: float = 1e-9,
             most: int = 2000) -> Point:
    """Where `function` is lowest, near `start`; `most` bounds how often it is looked at in each of two rounds."""
    found = _descend(function, start, step, tolerance, most)
    return _descend(function, found, step / 5, tolerance, most)


def _descend(function: Function, start: Sequence[float], step: float, tolerance: float, most: int) -> Point:
    corners = [_looked(function, [one + step * (place == at) for at, one in enumerate(start)])
               for place in range(-1, len(start))]
    for _ in range(most):
        corners.sort(key=lambda corner: corner.value)
        if _is_small(corners, tolerance):
            break
        _move(function, corners)
    return min(corners, key=lambda corner: corner.value).point


def _looked(function: Function, point: Point) -> _Corner:
    try:
        value = function(point)
    except (OverflowError, ValueError, ZeroDivisionError):
        value = _LIMIT
    return _Corner(point, value if math.isfinite(value) else _LIMIT)


def _is_small(corners: Sequence[_Corner], tolerance: float) -> bool:
    best, worst = corners[0], corners[-1]
    wide = max(abs(one - other) for corner in corners[1:] for one, other in zip(corner.point, best.point, strict=True))
    return wide < math.sqrt(tolerance) and abs(worst.value - best.value) <= tolerance * (abs(best.value) + tolerance)


def _move(function: Function, corners: list[_Corner]) -> None:
    """Replace the worst corner by a better one, or draw all of them towards the best."""
    *kept, worst = corners
    middle = [sum(corner.point[place] for corner in kept) / len(kept) for place in range(len(worst.point))]

    def beyond(times: float) -> _Corner:
        return _looked(function, [one + times * (one - bad) for one, bad in zip(middle, worst.point, strict=True)])

    mirrored = beyond(1.0)
    if mirrored.value < kept[0].value:
        further = beyond(2.0)
        corners[-1] = further if further.value < mirrored.value else mirrored
    elif mirrored.value < kept[-1].value:
        corners[-1] = mirrored
    else:
        nearer = beyond(0.5 if mirrored.value < worst.value else -0.5)
        if nearer.value < min(mirrored.value, worst.value):
            corners[-1] = nearer
        else:
            best = corners[0].point
            corners[1:] = [_looked(function, [(one + good) / 2 for one, good in zip(corner.point, best, strict=True)])
                           for corner in corners[1:]]
