"""Packs that come as a zip: read within bounds, entirely in memory, nothing is ever unpacked onto a disk.

A hostile archive may be huge when unpacked, hold endless members, name files outside of itself, or be encrypted;
each is refused before more than the bound has been read.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath

from gateway.packs.errors import PackError
from gateway.packs.files import MAX_FILE_BYTES, pack_of
from gateway.packs.model import Pack

MAX_ARCHIVE_BYTES = 4_194_304
MAX_MEMBERS = 2_000
MAX_UNPACKED_BYTES = 33_554_432


def load_archive(data: bytes) -> Pack:
    """Read and check the pack in a zip; raises PackError with every fault found."""
    if len(data) > MAX_ARCHIVE_BYTES:
        raise PackError.at("", "", f"the archive is larger than {MAX_ARCHIVE_BYTES} bytes", "too_large",
                           max=MAX_ARCHIVE_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return pack_of(_members(archive))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise PackError.at("", "", "this is not a zip archive that can be read", "no_zip") from error


def _members(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [one for one in archive.infolist() if not one.is_dir()]
    if len(entries) > MAX_MEMBERS:
        raise PackError.at("", "", f"the archive has more than {MAX_MEMBERS} files", "too_many_files", max=MAX_MEMBERS)
    files: dict[str, bytes] = {}
    left = MAX_UNPACKED_BYTES
    for entry in entries:
        _check(entry, files)
        with archive.open(entry) as member:  # what the entry says about its size may be a lie
            content = member.read(min(left, MAX_FILE_BYTES) + 1)
        if len(content) > MAX_FILE_BYTES:
            raise PackError.at(entry.filename[:200], "", f"is larger than {MAX_FILE_BYTES} bytes", "too_large",
                               max=MAX_FILE_BYTES)
        left -= len(content)
        if left < 0:
            raise PackError.at("", "", f"the archive unpacks to more than {MAX_UNPACKED_BYTES} bytes", "too_large",
                               max=MAX_UNPACKED_BYTES)
        files[entry.filename] = content
    return _below_their_folder(files)


def _check(entry: zipfile.ZipInfo, files: dict[str, bytes]) -> None:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
        raise PackError.at(entry.filename[:200], "", "names a place outside of the archive", "outside")
    if entry.flag_bits & 0x1:
        raise PackError.at(entry.filename[:200], "", "is encrypted", "encrypted")
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        raise PackError.at(entry.filename[:200], "", "is a link", "link")
    if entry.filename in files:
        raise PackError.at(entry.filename[:200], "", "stands in the archive twice", "twice", name=entry.filename[:200])


def _below_their_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """Archives made of a folder have its name before every path."""
    tops = {name.partition("/")[0] for name in files}
    if "pack.json" in files or len(tops) != 1:
        return files
    top = tops.pop() + "/"
    return {name.removeprefix(top): content for name, content in files.items()}
