"""A clock for a product in processes of its own, which a test moves ahead instead of sleeping."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FOLDER = Path(__file__).parent / "moved_clock"


class Clock:
    """Only ever moves ahead, like the real one."""

    def __init__(self, folder: Path) -> None:
        self._file, self._ahead = folder / "clock", timedelta()
        self._write()

    @property
    def env(self) -> Mapping[str, str]:
        """What the product's processes need in their environment."""
        path = os.pathsep.join(filter(None, (str(_FOLDER), os.environ.get("PYTHONPATH"))))
        # Keys are dated by their files, on the real clock: after a leap of months every one of them would be too old.
        return {"PYTHONPATH": path, "MOVED_CLOCK": str(self._file), "FREEHOLD_GATEWAY_KEY_ROTATION_DAYS": "0"}

    @property
    def now(self) -> datetime:
        """The moment that the product believes it is."""
        return datetime.now(UTC) + self._ahead

    def move(self, **span: float) -> None:
        """Move ahead, by days, hours and so on."""
        self._ahead += timedelta(**span)
        self._write()

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(str(int(self._ahead.total_seconds())))
        new.rename(self._file)  # nobody reads half a number
