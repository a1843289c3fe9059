"""What the coming months will bring: exponential smoothing with a season, and how wrong it has been so far.

C. C. Holt (1957) and P. R. Winters, "Forecasting sales by exponentially weighted moving averages", Management Science 6
(1960), 324-342: a level and a slope follow the months, later ones more than earlier ones; the slope is damped (E. S.
Gardner and E. McKenzie, "Forecasting trends in time series", Management Science 31 (1985), 1237-1246), so that no trend
goes on for ever. With two years of months or more the usual size of each month of the year is taken off before and put
back after. Weights are those that would have foretold each known month best from the months before it. The interval is
made of the errors of those tellings at the same distance: eight of ten lay in it. A season that is known from few years
fits them better than it will fit the next one, by what their mean is unsure; the interval is wider by it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from statistics import mean
from typing import Any

LEAST, SEASON, LONGEST = 12, 12, 120
_WARM, _SHARE, _LEAST_ERRORS = 6, 0.8, 6
_LEVELS, _SLOPES, _DAMPINGS = (0.1, 0.2, 0.35, 0.5, 0.8), (0.0, 0.05, 0.15, 0.3), (0.85, 0.95)


@dataclass(frozen=True, slots=True)
class Told:
    """A month to come: what it will bring, and between what it will probably lie."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Weights:
    level: float
    slope: float
    damping: float


@dataclass(frozen=True)
class Forecast:
    """The coming months, and the check: each of the last three months as foretold from what was known before it."""

    months: Sequence[Told]
    check: Sequence[tuple[float, float]]  # foretold, real
    seasonal: bool


def forecast(known: Sequence[float], ahead: int) -> Forecast | None:
    """The months after `known`, oldest first; None for less than a year."""
    known = known[-LONGEST:]
    if len(known) < LEAST:
        return None
    weights = _best(known)
    expected = _tell(known, ahead, weights)
    errors = _errors(known, ahead, weights)
    sign = all(value >= 0 for value in known)
    months = [_with_interval(value, errors[place], sign) for place, value in enumerate(expected)]
    check = [(_tell(known[:place], 1, _best(known[:place]))[0], known[place])
             for place in range(len(known) - 3, len(known)) if place >= LEAST]
    return Forecast(months, check, _is_seasonal(known))


def check_error(check: Sequence[tuple[float, float]]) -> float | None:
    """How far off the months of the check were, added up without signs, as a share of what they brought."""
    real = sum(abs(value) for _, value in check)
    return sum(abs(told - value) for told, value in check) / real if real else None


def _is_seasonal(known: Sequence[float]) -> bool:
    return len(known) >= 2 * SEASON


def _season(known: Sequence[float]) -> list[float]:
    """What each month of the year adds to the usual month, by its place from the first one; whole years count."""
    if not _is_seasonal(known):
        return [0.0] * SEASON
    whole = known[len(known) % SEASON:]
    shift = len(known) % SEASON
    years = [whole[start:start + SEASON] for start in range(0, len(whole), SEASON)]
    added = [mean(year[place] - mean(year) for year in years) for place in range(SEASON)]
    return [added[(place - shift) % SEASON] for place in range(SEASON)]


def _tell(known: Sequence[float], ahead: int, weights: _Weights) -> list[float]:
    season = _season(known)
    level, slope = _followed([value - season[place % SEASON] for place, value in enumerate(known)], weights)[-1]
    found, damped = [], 0.0
    for step in range(1, ahead + 1):
        damped += weights.damping ** step
        found.append(level + damped * slope + season[(len(known) + step - 1) % SEASON])
    return found


def _followed(values: Sequence[float], weights: _Weights) -> list[tuple[float, float]]:
    """Level and slope after each month."""
    level, slope = mean(values[:3]), 0.0
    found = []
    for value in values:
        before = level
        level = weights.level * value + (1.0 - weights.level) * (level + weights.damping * slope)
        slope = weights.slope * (level - before) + (1.0 - weights.slope) * weights.damping * slope
        found.append((level, slope))
    return found


def _best(known: Sequence[float]) -> _Weights:
    """The weights with the smallest squares of errors one month ahead."""
    season = _season(known)
    values = [value - season[place % SEASON] for place, value in enumerate(known)]
    return min((_Weights(*one) for one in product(_LEVELS, _SLOPES, _DAMPINGS)),
               key=lambda weights: sum(error * error for error in _ahead_errors(values, 1, weights)))


def _ahead_errors(values: Sequence[float], step: int, weights: _Weights) -> list[float]:
    """Of every month that can be: what it brought less what was foretold so many months before."""
    damped = sum(weights.damping ** place for place in range(1, step + 1))
    followed = _followed(values, weights)
    return [values[place + step] - (level + damped * slope)
            for place, (level, slope) in enumerate(followed[:len(values) - step]) if place >= _WARM - 1]


def _errors(known: Sequence[float], ahead: int, weights: _Weights) -> list[list[float]]:
    """The errors by distance; where there are too few, those of the distance before."""
    season = _season(known)
    values = [value - season[place % SEASON] for place, value in enumerate(known)]
    years = len(known) // SEASON
    wider = math.sqrt((years + 1) / (years - 1)) if _is_seasonal(known) else 1.0
    found: list[list[float]] = []
    for step in range(1, ahead + 1):
        errors = [error * wider for error in _ahead_errors(values, step, weights)]
        found.append(errors if len(errors) >= _LEAST_ERRORS or not found else found[-1])
    return found


def _with_interval(expected: float, errors: Sequence[float], sign: bool) -> Told:
    """Errors are taken without their sign, so that a forecast lies inside of its interval."""
    sizes = sorted(abs(error) for error in errors)
    wide = sizes[min(len(sizes) - 1, int(_SHARE * len(sizes)))] if sizes else 0.0
    low, high = expected - wide, expected + wide
    if sign:
        expected, low, high = max(expected, 0.0), max(low, 0.0), max(high, 0.0)
    return Told(expected, low, high)


def to_wire(found: Forecast) -> dict[str, Any]:
    """As the API shows it, without the names of the months."""
    error = check_error(found.check)
    return {"seasonal": found.seasonal, "error": None if error is None else round(error, 4),
            "check": [{"expected": round(told, 2), "actual": round(real, 2)} for told, real in found.check],
            "months": [{"expected": round(one.expected, 2), "low": round(one.low, 2), "high": round(one.high, 2)}
                       for one in found.months]}
