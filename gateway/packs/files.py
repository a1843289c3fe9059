"""Reading a pack's files into items; everything read is checked before anybody sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.packs.approvals import whole_process
from gateway.packs.checks import check_items, check_manifest, check_references
from gateway.packs.errors import PackError
from gateway.packs.layouts import whole_layout
from gateway.packs.model import PART_OF, Item, Pack, Part

MAX_FILE_BYTES = 1_048_576
_WHOLE = {"layout": whole_layout, "process": whole_process}


SHIPPED = Path(__file__).resolve().parents[2] / "packs"


def shipped_pack(name: str) -> Path:
    """The folder of a pack that comes with the product."""
    return SHIPPED / name


def shipped_manifests() -> dict[str, dict[str, Any]]:
    """Name → `pack.json` of every pack that comes with the product."""
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(SHIPPED.glob("*/pack.json"))}


def load_pack(folder: Path) -> Pack:
    """Read and check the pack in `folder`; raises PackError with every fault found."""
    places = [folder / "pack.json", *(folder / f"{part.place}.json" for part in PART_OF.values() if part.single),
              *(path for part in PART_OF.values() for path in sorted((folder / part.place).glob("*.json")))]
    return pack_of({path.relative_to(folder).as_posix(): _bytes(folder, path)
                    for path in places if path.exists() or path.name == "pack.json"})


def pack_of(files: Mapping[str, bytes]) -> Pack:
    """The pack that consists of these files, path below its folder → content."""
    manifest = _read(files, "pack.json")
    check_manifest(manifest)
    bodies = [row for place in manifest["order"] for row in _bodies(files, PART_OF[place])]
    check_items(bodies)
    items = tuple(Item(part.kind, body[part.key], file, _WHOLE.get(part.kind, dict)(body), pointer)
                  for part, file, pointer, body in bodies)
    pack = Pack(manifest["name"], manifest["version"], manifest, items)
    check_references(pack)
    return pack


def _bodies(files: Mapping[str, bytes], part: Part) -> Iterator[tuple[Part, str, str, Any]]:
    if part.single is None:
        for file in sorted(files):
            if file.startswith(f"{part.place}/") and file.endswith(".json"):
                yield part, file, "", _read(files, file)
        return
    file = f"{part.place}.json"
    if file in files:
        for place, body in enumerate(_listed(file, part.single, _read(files, file))):
            yield part, file, f"/{part.single}/{place}", body


def _listed(file: str, member: str, content: Any) -> list[Any]:
    if not isinstance(content, dict) or content.keys() != {member} or not isinstance(content[member], list):
        raise PackError.at(file, "", f'must be an object with the one member "{member}", a list', "shape_list",
                           member=member)
    return content[member]


def _bytes(folder: Path, path: Path) -> bytes:
    name = path.relative_to(folder).as_posix()
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise PackError.at(name, "", f"is larger than {MAX_FILE_BYTES} bytes", "too_large", max=MAX_FILE_BYTES)
        return path.read_bytes()
    except OSError as error:
        raise PackError.at(name, "", f"cannot be read: {error.strerror}") from error


def _read(files: Mapping[str, bytes], name: str) -> Any:
    if name not in files:
        raise PackError.at(name, "", "is missing", "file_missing", name=name)
    try:
        return json.loads(files[name].decode("utf-8"))
    except UnicodeDecodeError as error:
        raise PackError.at(name, "", "is not UTF-8", "not_utf8") from error
    except (ValueError, RecursionError) as error:
        raise PackError.at(name, "", f"is not JSON: {error}", "not_json") from error
