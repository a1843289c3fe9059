"""Reading ahead: the next piece is read, by a thread of its own, while the present one is worked on.

What waits for the database does not keep the processor: reading and working overlap, and memory holds two pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Read = TypeVar("Read")


def one_by_one(items: Iterable[Item], read: Callable[[Item], Read]) -> Generator[tuple[Item, Read], None, None]:
    """Each item with what `read` makes of it, once the one before is done."""
    for item in items:
        yield item, read(item)


def ahead(items: Iterable[Item], read: Callable[[Item], Read]) -> Generator[tuple[Item, Read], None, None]:
    """Each item with what `read` makes of it; the next one is read while the present one is worked on."""
    source = iter(items)

    def read_next() -> tuple[Item, Read] | None:
        item = next(source, None)
        return None if item is None else (item, read(item))

    with ThreadPoolExecutor(1, thread_name_prefix="reading-ahead") as readers:
        waiting = readers.submit(read_next)
        while (found := waiting.result()) is not None:
            waiting = readers.submit(read_next)
            yield found
