"""Where the built console lies: the wheel's copy and that of the source tree have the same place beside the code."""

from __future__ import annotations

from pathlib import Path

_BUILT = Path(__file__).parents[1] / "console" / "dist"


def built_console(setting: Path | None = None) -> Path | None:
    """The folder of the built console, or the one named; None when there is none."""
    place = Path(setting) if setting and str(setting) not in ("", ".") else _BUILT
    return place if (place / "index.html").is_file() else None
