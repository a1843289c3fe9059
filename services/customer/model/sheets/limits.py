"""How large a sheet may be. What a file promises is compared with these before anything is unpacked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Limits of one installation; sizes in bytes, `seconds` and `memory` bound the process that reads."""

    rows: int = 1_000_000
    columns: int = 500
    cell: int = 32_767
    entries: int = 5_000
    unpacked: int = 1 << 30
    ratio: int = 200
    seconds: int = 60
    memory: int = 1536 << 20

    def to_json(self) -> dict[str, Any]:
        """The limits as plain values, for the reading process."""
        return asdict(self)
