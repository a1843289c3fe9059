"""Reading ahead: the next piece is read, by a thread of its own, while the present one is worked on.

What waits for the database does not keep the processor: reading and working overlap, and memory holds two pieces. Two
threads of Python take the processor from each other, so it is the worker who says when reading pays: as soon as the
rest of his work is the database's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Item = TypeVar("Item")
Read = TypeVar("Read")


class ReadingAhead(Generic[Item, Read]):
    """Iterates over the items, each with what `read` makes of it; to be closed."""

    def __init__(self, items: Iterable[Item], read: Callable[[Item], Read]) -> None:
        self._items, self._read = iter(items), read
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reading-ahead")
        self._next: Future[tuple[Item, Read] | None] | None = None

    def __iter__(self) -> Iterator[tuple[Item, Read]]:
        while (found := self._begun().result()) is not None:
            self._next = None
            yield found

    def go_on(self) -> None:
        """Read the next piece from now on; who never says so gets each piece read when he asks for it."""
        self._begun()

    def close(self) -> None:
        """Wait for what is being read, and let the thread go."""
        self._reader.shutdown()

    def _begun(self) -> Future[tuple[Item, Read] | None]:
        if self._next is None:
            self._next = self._reader.submit(self._read_next)
        return self._next

    def _read_next(self) -> tuple[Item, Read] | None:
        item = next(self._items, None)
        return None if item is None else (item, self._read(item))
