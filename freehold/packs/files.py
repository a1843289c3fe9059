"""Reading a pack's folder into items; everything read is checked before anybody sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from freehold.packs.checks import check_items, check_manifest, check_references
from freehold.packs.errors import PackError
from freehold.packs.layouts import whole_layout
from freehold.packs.model import PART_OF, Item, Pack, Part

MAX_FILE_BYTES = 1_048_576


def shipped_pack(name: str) -> Path:
    """The folder of a pack that comes with the product."""
    return Path(__file__).resolve().parents[2] / "packs" / name


def load_pack(folder: Path) -> Pack:
    """Read and check the pack in `folder`; raises PackError with every fault found."""
    manifest = _read(folder, folder / "pack.json")
    check_manifest(manifest)
    bodies = [row for place in manifest["order"] for row in _bodies(folder, PART_OF[place])]
    check_items(bodies)
    items = tuple(Item(part.kind, body[part.key], file, whole_layout(body) if part.kind == "layout" else body, pointer)
                  for part, file, pointer, body in bodies)
    pack = Pack(manifest["name"], manifest["version"], manifest, items)
    check_references(pack)
    return pack


def _bodies(folder: Path, part: Part) -> Iterator[tuple[Part, str, str, Any]]:
    if part.single is None:
        for path in sorted((folder / part.place).glob("*.json")):
            yield part, f"{part.place}/{path.name}", "", _read(folder, path)
        return
    file = f"{part.place}.json"
    if (folder / file).exists():
        for place, body in enumerate(_listed(file, part.single, _read(folder, folder / file))):
            yield part, file, f"/{part.single}/{place}", body


def _listed(file: str, member: str, content: Any) -> list[Any]:
    if not isinstance(content, dict) or content.keys() != {member} or not isinstance(content[member], list):
        raise PackError.at(file, "", f'must be an object with the one member "{member}", a list')
    return content[member]


def _read(folder: Path, path: Path) -> Any:
    name = path.relative_to(folder).as_posix()
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise PackError.at(name, "", f"is larger than {MAX_FILE_BYTES} bytes")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PackError.at(name, "", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PackError.at(name, "", "is not UTF-8") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise PackError.at(name, "", f"is not JSON: {error}") from error
