"""What an installation remembers of its packs: the items as they were last installed.

The gateway keeps it (`ApiMemory`); the file `<home>/packs/<name>.json` is where older installations kept it. Only a
merge needs it (see `merge`); without it a pack still installs, and then the pack's values count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from gateway.packs.api import Api
from gateway.packs.model import Pack

PACKS = "/api/gateway/v1/packs"
Baseline = Mapping[str, Any]


def read_baseline(home: Path, name: str) -> Baseline:
    """The items of the pack when it was last installed here (`Item.name` → body); empty when that is not known."""
    try:
        return json.loads(_path(home, name).read_text(encoding="utf-8"))["items"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write_baseline(home: Path, pack: Pack) -> None:
    """Remember the pack after it has been installed; the file is replaced as a whole."""
    path = _path(home, pack.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    content = {"name": pack.name, "version": pack.version, "items": {item.name: item.body for item in pack.items}}
    draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


def forget_baseline(home: Path, name: str) -> None:
    """Forget a pack that was taken away."""
    _path(home, name).unlink(missing_ok=True)


class Memory(Protocol):
    """Where an installation remembers its packs."""

    def items(self, name: str) -> Baseline:
        """The pack's items as they were last installed; empty when that is not known."""

    def keep(self, pack: Pack) -> None:
        """Remember a pack after it has been installed."""


class NoMemory:
    """Remembers nothing."""

    def items(self, name: str) -> Baseline:
        """Nothing is known."""
        return {}

    def keep(self, pack: Pack) -> None:
        """Forget it."""


@dataclass(frozen=True)
class HomeMemory:
    """Remembers in files of a home folder."""

    home: Path

    def items(self, name: str) -> Baseline:
        """What the file says."""
        return read_baseline(self.home, name)

    def keep(self, pack: Pack) -> None:
        """Write the file."""
        write_baseline(self.home, pack)


@dataclass(frozen=True)
class ApiMemory:
    """Remembers at the gateway; what it does not know may stand in a file of the home folder."""

    api: Api
    home: Path | None = None

    def items(self, name: str) -> Baseline:
        """What the gateway knows, else what the file says."""
        found = self.api.find(f"{PACKS}/{name}/installed")
        if found is not None:
            return found["items"]
        return read_baseline(self.home, name) if self.home else {}

    def version(self, name: str) -> str | None:
        """The version that is installed; None when that is not known."""
        found = self.api.find(f"{PACKS}/{name}/installed")
        return found["version"] if found else None

    def keep(self, pack: Pack) -> None:
        """Tell the gateway."""
        self.api.call("PUT", f"{PACKS}/{pack.name}/installed", {
            "version": pack.version, "label": pack.manifest["label"],
            "requires": [name for name, _ in pack.required],
            "items": {item.name: item.body for item in pack.items}})


def _path(home: Path, name: str) -> Path:
    return home / "packs" / f"{name}.json"
