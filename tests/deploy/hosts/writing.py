"""Somebody who goes on writing while a playbook runs: what was answered with 201 must be there afterwards, once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.deploy.hosts.nodes import Installed
from tests.deploy.hosts.working import ASK, PYTHON

STOP = "/tmp/freehold-test-stop"
# A lead about three times a second. One that was not answered is sent again under the same idempotency key.
WRITE = ASK + f"""
import uuid
accepted, refused, longest, last, number, token = [], [], 0.0, time.monotonic(), 0, None
while not os.path.exists("{STOP}"):
    lead = {{"name": f"{{sys.argv[1]}} {{number}}", "company": "In Between"}}
    once = {{"Idempotency-Key": str(uuid.uuid4())}}
    while not os.path.exists("{STOP}"):
        try:
            token = token or sign_in()
            ask("POST", "/api/customer/v1/records/lead", lead, token, once)
        except (OSError, ValueError) as error:
            token = None if getattr(error, "code", 0) == 401 else token
            refused.append(f"{{time.strftime('%T')}} {{error}}")
            time.sleep(0.2)
            continue
        now = time.monotonic()
        longest, last, number = max(longest, now - last), now, number + 1
        accepted.append(lead["name"])
        break
    time.sleep(0.3)
print(json.dumps({{"accepted": accepted, "refused": refused, "longest": longest}}))
"""


@dataclass
class Written:
    """Names of the leads that were accepted, why one was sent again, and the longest seconds between two."""

    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    longest: float = 0.0


@contextmanager
def writing(server: Installed, title: str, python: str = PYTHON, *ways: str) -> Iterator[Written]:
    """Write leads named `title N` on the server until the block ends; the result is filled in then."""
    written = Written()
    server.node.sh(f"rm -f {STOP}; cat >/tmp/write.py", stdin=WRITE)
    writer = subprocess.Popen(["docker", "exec", *ways, server.node.name, python, "/tmp/write.py", title],
                              stdout=subprocess.PIPE, text=True)
    try:
        yield written
    finally:
        server.node.sh(f"touch {STOP}")
        said, _ = writer.communicate(timeout=120)
    found = json.loads(said)
    written.accepted, written.refused, written.longest = found["accepted"], found["refused"], found["longest"]


def times_stored(server: Installed, title: str) -> dict[str, int]:
    """How often each lead of a title is in the database."""
    asked = f"select name, count(*) from r_lead where name like '{title} %' group by name"
    said = server.node.sh("runuser -u postgres -- psql -d customer -Atq -v ON_ERROR_STOP=1", stdin=asked)
    return {name: int(count) for name, count in (line.split("|") for line in said.splitlines())}
