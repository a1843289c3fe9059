"""What a pack builds on: the product in a version or a later one, other packs, objects.

A pack is required by its name, or by name and least version: `crm>=1.10`. Versions are compared number by number, and
numbers that are not said are zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from gateway.packs.api import OBJECTS, Api
from gateway.packs.model import Pack
from gateway.packs.state import ApiMemory

FREEHOLD = "0.1"  # what packs may ask of this product


def missing(api: Api, memory: ApiMemory, pack: Pack) -> list[str]:
    """What the pack needs and is not there, as a person reads it: `crm`, `crm ≥ 1.10`."""
    return list(_missing(api, memory, pack))


def is_newer(one: str, other: str) -> bool:
    """Whether a version is a later one than another."""
    pairs = zip_longest(_numbers(one), _numbers(other), fillvalue=0)
    return next((mine > theirs for mine, theirs in pairs if mine != theirs), False)


def _missing(api: Api, memory: ApiMemory, pack: Pack) -> Iterator[str]:
    requires = pack.manifest["requires"]
    if is_newer(requires["freehold"], FREEHOLD):
        yield f"Freehold ≥ {requires['freehold']}"
    for name, least in pack.required:
        installed = memory.version(name)
        if not memory.items(name):
            yield f"{name} ≥ {least}" if least else name
        elif least and installed is not None and is_newer(least, installed):
            yield f"{name} ≥ {least}"
    yield from (name for name in requires.get("objects", ()) if api.find(f"{OBJECTS}/{name}") is None)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
