"""What the server refuses, as faults of the pack's files."""

from __future__ import annotations

from gateway.packs.api import ApiError
from gateway.packs.errors import PackError, PackFault
from gateway.packs.model import Item


def refused(error: ApiError, item: Item, pointer: str = "") -> PackError:
    """The server's refusal with pointers into the pack's file; `pointer` is where the sent body stands in it."""
    faults = [PackFault(item.file, item.pointer + pointer + str(one.get("pointer", "")), str(one.get("detail", "")))
              for one in error.errors]
    return PackError(faults or [PackFault(item.file, item.pointer + pointer, str(error))])
