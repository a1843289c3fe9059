"""Whether every program and library of an image finds the libraries that it needs.

Reads the dynamic section of ELF files (System V ABI, 64 bits, little endian) and looks as the dynamic loader does:
along RUNPATH, beside libraries that are loaded together with it, and in the default folders.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import PurePosixPath

from deploy.images.tree import Tree

DEFAULT = ("usr/lib/x86_64-linux-gnu", "usr/lib", "usr/lib64")
NEEDED, STRTAB, STRSZ, RPATH, RUNPATH = 1, 5, 10, 15, 29


def missing_libraries(tree: Tree, optional: frozenset[str] = frozenset()) -> list[str]:
    """One line for each library that a file needs and the image lacks, except the `optional` files' own."""
    return [
        f"{path} needs {name}"
        for path, data in tree.files()
        if data[:5] == b"\x7fELF\x02" and path not in optional
        for name, folders in _needs(path, data)
        if not _found(tree, name, folders)
    ]


def _found(tree: Tree, name: str, folders: list[str]) -> bool:
    return any(tree.find(f"{folder}/{name}") for folder in (*folders, *DEFAULT))


def _needs(path: str, data: bytes) -> Iterator[tuple[str, list[str]]]:
    dynamic = list(_dynamic(data))
    values = dict(dynamic)
    if STRTAB not in values:
        return
    start = _offset_of(data, values[STRTAB])
    names = data[start : start + values[STRSZ]]
    origin = str(PurePosixPath(path).parent)
    folders = [
        _text(names, value).replace("$ORIGIN", f"/{origin}") for tag, value in dynamic if tag in (RPATH, RUNPATH)
    ]
    split = [_plain(one) for text in folders for one in text.split(":")]
    for tag, value in dynamic:
        if tag == NEEDED:
            yield _text(names, value), split


def _dynamic(data: bytes) -> Iterator[tuple[int, int]]:
    for kind, offset, _, size in _segments(data):
        if kind == 2:
            for at in range(offset, offset + size, 16):
                tag, value = struct.unpack_from("<qQ", data, at)
                if tag == 0:
                    return
                yield tag, value


def _segments(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """(type, offset in the file, address, size) of each program header."""
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for number in range(count):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", data, start + number * size)
        yield kind, offset, address, length


def _offset_of(data: bytes, address: int) -> int:
    for kind, offset, begin, length in _segments(data):
        if kind == 1 and begin <= address < begin + length:
            return address - begin + offset
    raise ValueError("the address is in no segment")


def _text(names: bytes, at: int) -> str:
    return names[at : names.index(b"\0", at)].decode()


def _plain(folder: str) -> str:
    parts: list[str] = []
    for part in folder.strip("/").split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)
