"""When a message may go out: quiet hours and daily digests in the reader's own time zone, pauses after failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DEFAULT_PREFERENCES: dict[str, Any] = {
    "channels": {"inbox": True, "email": False, "sms": False, "wecom": False, "dingtalk": False},
    "digest": "immediate", "quiet": None}
DAILY_AT = time(8, 30)

BULK_PAUSE = timedelta(seconds=8)  # a digest goes out when nothing more has come for this long
BULK_LIMIT = timedelta(minutes=5)  # and never later than this


@dataclass(frozen=True)
class Pauses:
    """How long something that fails is left alone: from the `start`-th failure in a row on, doubling."""

    start: int
    first: timedelta
    most: timedelta

    def after(self, failures: int, spread: float) -> timedelta | None:
        """Return the pause after so many failures, None while there is none; `spread` in [0, 1) varies it by a fifth.
        """
        if failures < self.start:
            return None
        pause: timedelta = min(self.first * 2 ** min(failures - self.start, 12), self.most)
        return pause * (0.8 + 0.4 * spread)


def due_at(now: datetime, preferences: Mapping[str, Any], timezone: str, *, bulk: bool) -> datetime:
    """Return when a message that is wished for now goes out by an outside channel."""
    due = now + BULK_PAUSE if bulk else now
    if preferences["digest"] == "daily":
        due = _next_at(due, DAILY_AT, timezone)
    return after_quiet(due, preferences.get("quiet"), timezone)


def after_quiet(moment: datetime, quiet: Mapping[str, str] | None, timezone: str) -> datetime:
    """Return `moment`, or the end of the quiet hours that it falls into; they may run over midnight."""
    if not quiet or quiet["from"] == quiet["to"]:
        return moment
    start, end = time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])
    local = moment.astimezone(ZoneInfo(timezone)).time()
    inside = start <= local < end if start < end else local >= start or local < end
    return _next_at(moment, end, timezone) if inside else moment


def _next_at(moment: datetime, at: time, timezone: str) -> datetime:
    local = moment.astimezone(ZoneInfo(timezone))
    day = local.date() if local.time() <= at else local.date() + timedelta(days=1)
    return datetime.combine(day, at, ZoneInfo(timezone)).astimezone(moment.tzinfo)
