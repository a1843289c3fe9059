"""Seeded chance: everything random in the demo comes from here, so equal seeds make equal companies.

Days are weighted: working days only, busy springs and autumns, a quiet February, and a business that grows.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")

DAYS = 548
GROWTH = 0.6
MONTHS = (0.8, 0.4, 1.2, 1.25, 1.15, 1.0, 0.85, 0.85, 1.2, 1.1, 1.2, 0.9)
HOURS = {9: 3, 10: 5, 11: 3, 13: 1, 14: 4, 15: 5, 16: 4, 17: 2}
_SHANGHAI = ZoneInfo("Asia/Shanghai")


class Chance:
    """A source of chance for one company; `today` is the last day of its history."""

    def __init__(self, seed: int, today: date) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a demo, not a secret
        self.today = today
        self.start = today - timedelta(days=DAYS)
        self._weights = list(accumulate(self._weight(self.start + timedelta(days=n)) for n in range(DAYS)))
        self._hours = tuple(HOURS)
        self._hour_weights = list(accumulate(HOURS.values()))

    def one(self, choices: Sequence[T]) -> T:
        """One of them, each as likely."""
        return choices[int(self.random.random() * len(choices))]

    def weighted(self, weights: Mapping[str, float]) -> str:
        """One of the keys, as likely as its weight says."""
        return self.random.choices(tuple(weights), tuple(weights.values()))[0]

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self.random.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        return self.random.randint(low, high)

    def amount(self, median: float, spread: float = 0.8, step: int = 1000) -> str:
        """A log-normal amount of money, rounded to `step`."""
        value = self.random.lognormvariate(math.log(median), spread)
        return f"{max(1, round(value / step)) * step}.00"

    def day(self) -> date:
        """A day of the history, as likely as business was lively."""
        return self.start + timedelta(days=self.random.choices(range(DAYS), cum_weights=self._weights)[0])

    def moment(self, day: date) -> datetime:
        """A moment within the office hours of a day; never in the future of `today`."""
        hour = self.random.choices(self._hours, cum_weights=self._hour_weights)[0]
        clock = time(hour, self.between(0, 59), self.between(0, 59))
        return datetime.combine(min(day, self.today - timedelta(days=1)), clock, _SHANGHAI).astimezone(UTC)

    def later(self, day: date, low: int, high: int) -> date:
        """A working day `low` to `high` days after `day`."""
        return workday(day + timedelta(days=self.between(low, high)))

    def _weight(self, day: date) -> float:
        if day.weekday() > 4:
            return 0.0
        return MONTHS[day.month - 1] * (1 + GROWTH * (day - self.start).days / DAYS)


def workday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)
