"""What an installation remembers of its packs: the items as they were last installed, in `<home>/packs/<name>.json`.

Only a merge needs it (see `merge`); without the file a pack still installs, and then the pack's values count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.packs.model import Pack

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


def _path(home: Path, name: str) -> Path:
    return home / "packs" / f"{name}.json"
