"""Packing the bundle: everything scrubbed, and read again before it is given out."""

from __future__ import annotations

import io
import os
import tarfile
import time
from pathlib import Path

from freehold.support.facts import Server, everything
from freehold.support.scrubbing import Scrubber, secrets_below

ABOUT = """What support needs to know of a server. Collected is what is named here, nothing else:
versions.json     versions of the program, the system and its servers
machine.json      processors, memory, load, room on disks
settings.json     numbers and switches by value; of texts only that they are set
units.txt         states of the units
queues.txt        lengths of the queues
backup.txt        when a backup was made and verified last
databases.json    versions and sizes of tables, counts of dead letters
logs/             when, where and how bad; no messages
health/, metrics/ answers and numbers of the processes
Secrets of this server were replaced by their values; addresses and telephone numbers by their form.
"""


class LeakError(Exception):
    """A secret was found in what should be given out."""


def pack(server: Server, output: Path, hours: int) -> list[str]:
    """Write the bundle, readable for its owner alone; returns the names of its files. Raises LeakError."""
    scrubber = Scrubber(secrets_below(server.secrets))
    files = {"README.txt": ABOUT.encode()}
    for name, text in everything(server, hours):
        files[name] = scrubber.clean(text).encode()
    if leaks := [name for name, body in files.items() if scrubber.finds(body)]:
        raise LeakError(f"a secret was found in {', '.join(leaks)}; nothing was written")
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream, tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, body in files.items():
            member = tarfile.TarInfo(f"freehold-support/{name}")
            member.size, member.mtime = len(body), int(time.time())
            archive.addfile(member, io.BytesIO(body))
    return list(files)
