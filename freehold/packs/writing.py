"""An export as a folder or a zip."""

from __future__ import annotations

import shutil
from pathlib import Path

from gateway.packs.export import Exported, zipped
from gateway.packs.model import PARTS


def write_files(made: Exported, out: Path) -> None:
    """Write an export; in a folder, files of parts that are no longer there go, and nothing else does."""
    if out.suffix == ".zip":
        out.write_bytes(zipped(made.files))
        return
    for part in PARTS:
        if part.single is None and (out / part.place).is_dir():
            shutil.rmtree(out / part.place)
    for path, text in made.files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, encoding="utf-8")
