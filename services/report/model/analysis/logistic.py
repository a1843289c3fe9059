"""The probability of an outcome, from features that may matter: logistic regression with a ridge, in plain Python.

Every feature is a column of zeros and few other numbers, so a row keeps only what is not zero. Newton's method
(iterated reweighted least squares) finds the weights; a penalty on their squares draws those that few records speak for
towards nothing (S. le Cessie and J. C. van Houwelingen, "Ridge estimators in logistic regression", Applied Statistics
41 (1992), 191-201). Told probabilities are calibrated by a second regression of the outcomes on the log-odds that
models told of records they had not seen (J. Platt, "Probabilistic outputs for support vector machines", 1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[tuple[int, float]]  # column and value; column 0 is the constant
Matrix = list[list[float]]

_ROUNDS, _SMALL, _FAR = 25, 1e-7, 35.0
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Weights:
    """A weight per column; `slope` and `shift` calibrate the log-odds."""

    values: tuple[float, ...]
    slope: float = 1.0
    shift: float = 0.0

    def odds(self, row: Row) -> float:
        """The logarithm of the odds, before calibration."""
        return sum(self.values[column] * value for column, value in row)

    def chance(self, row: Row) -> float:
        """The calibrated probability."""
        return sigmoid(self.slope * self.odds(row) + self.shift)


def sigmoid(odds: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-_FAR, min(_FAR, odds))))


def fit_weights(rows: Sequence[Row], outcomes: Sequence[bool], columns: int, ridge: float) -> Weights:
    """The most likely weights under the penalty; the constant is not penalised."""
    values = [0.0] * columns
    for _ in range(_ROUNDS):
        gradient, curve = _slopes(rows, outcomes, values, ridge)
        step = _solved(curve, gradient)
        values = [one + change for one, change in zip(values, step, strict=True)]
        if max(abs(change) for change in step) < _SMALL:
            break
    return Weights(tuple(values))


def fit_calibrated(rows: Sequence[Row], outcomes: Sequence[bool], columns: int, ridge: float) -> Weights:
    """Weights of all records, calibrated by what models told of folds that they had not seen."""
    unseen: list[float] = [0.0] * len(rows)
    for fold in range(FOLDS):
        kept = [place for place in range(len(rows)) if place % FOLDS != fold]
        part = fit_weights([rows[place] for place in kept], [outcomes[place] for place in kept], columns, ridge)
        for place in range(fold, len(rows), FOLDS):
            unseen[place] = part.odds(rows[place])
    calibration = fit_weights([((0, 1.0), (1, odds)) for odds in unseen], outcomes, 2, 1.0)
    shift, slope = calibration.values
    whole = fit_weights(rows, outcomes, columns, ridge)
    return Weights(whole.values, max(slope, 0.0), shift)


def _slopes(rows: Sequence[Row], outcomes: Sequence[bool], values: Sequence[float],
            ridge: float) -> tuple[list[float], Matrix]:
    size = len(values)
    gradient = [0.0] + [-ridge * value for value in values[1:]]
    curve = [[ridge * (place == other and place > 0) for other in range(size)] for place in range(size)]
    for row, won in zip(rows, outcomes, strict=True):
        told = sigmoid(sum(values[column] * value for column, value in row))
        off, weight = won - told, max(told * (1.0 - told), 1e-9)
        for column, value in row:
            gradient[column] += off * value
            line = curve[column]
            for other, beside in row:
                line[other] += weight * value * beside
    return gradient, curve


def _solved(curve: Matrix, gradient: Sequence[float]) -> list[float]:
    """Gauss's elimination with pivots; a column that says nothing stays at zero."""
    size = len(gradient)
    lines = [[*line, right] for line, right in zip(curve, gradient, strict=True)]
    for place in range(size):
        best = max(range(place, size), key=lambda at: abs(lines[at][place]))
        lines[place], lines[best] = lines[best], lines[place]
        if abs(lines[place][place]) < 1e-12:
            lines[place] = [0.0] * place + [1.0] + [0.0] * (size - place)
        for below in range(place + 1, size):
            times = lines[below][place] / lines[place][place]
            if times:
                lines[below] = [one - times * above for one, above in zip(lines[below], lines[place], strict=True)]
    found = [0.0] * size
    for place in range(size - 1, -1, -1):
        rest = sum(lines[place][at] * found[at] for at in range(place + 1, size))
        found[place] = (lines[place][size] - rest) / lines[place][place]
    return found


def area_under_curve(told: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """How often one that was won was told a higher chance than one that was lost (AUC); None without both."""
    won = sum(outcomes)
    if not won or won == len(outcomes):
        return None
    order, rank, place = sorted(range(len(told)), key=lambda at: told[at]), 0.0, 0
    while place < len(order):
        same = place
        while same < len(order) and told[order[same]] == told[order[place]]:
            same += 1
        rank += (place + same + 1) / 2 * sum(outcomes[order[at]] for at in range(place, same))
        place = same
    return (rank - won * (won + 1) / 2) / (won * (len(told) - won))


def brier(told: Sequence[float], outcomes: Sequence[bool]) -> float:
    """The mean square of how far off the chances were."""
    return sum((chance - won) ** 2 for chance, won in zip(told, outcomes, strict=True)) / len(told)
