"""`freehold soak`: watch processes that were started with a new version, before the version is believed.

Once a second each process is asked whether it is ready. One that is not, several times in a row, ends the watch: it may
come back, but something is wrong with it. At the end the requests that were answered meanwhile are counted in the
metrics: when too many of them failed, the version is not believed either. Few requests say little, so a few failures
are always allowed. An answer 503 asks to come again later, as while the read model is built anew, and does not count at
all: a process that cannot work, for want of its database or of migrations, is not ready, and that is watched already.
"""

from __future__ import annotations

import re
import time
from collections import Counter

import click

PAUSE = 1.0
MISSES = 5
ALWAYS_ALLOWED = 3
_REQUESTS = re.compile(r'^freehold_http_requests_total\{([^}]*)\} (\S+)$', re.MULTILINE)
_STATUS = re.compile(r'status="(\d+)"')
_LATER = "503"


@click.command()
@click.argument("addresses", nargs=-1, required=True)
@click.option("--seconds", default=120.0, show_default=True, help="How long.")
@click.option("--errors", default=0.01, show_default=True, help="Share of requests that may fail.")
def soak(addresses: tuple[str, ...], seconds: float, errors: float) -> None:
    """Watch the processes with these admin addresses (HOST:PORT); ends with 1 when one is not well."""
    before = requests_of(addresses)
    _watch(addresses, time.monotonic() + seconds)
    answered = requests_of(addresses)
    total, failed = (_grown(before, answered, failed=only) for only in (False, True))
    if failed > max(ALWAYS_ALLOWED, errors * total):
        raise click.ClickException(f"{failed:.0f} of {total:.0f} requests failed")
    click.echo(f"{len(addresses)} processes were ready for {seconds:.0f} s; "
               f"{failed:.0f} of {total:.0f} requests failed")


def requests_of(addresses: tuple[str, ...]) -> dict[tuple[str, bool], float]:
    """Requests answered so far, by process and whether they failed; a process that does not answer has none.

    Answers 503 are left out: readiness watches for a process that cannot work.
    """
    found: Counter[tuple[str, bool]] = Counter()
    for address in addresses:
        for labels, value in _REQUESTS.findall(_get(f"http://{address}/metrics")[1]):
            status = next(iter(_STATUS.findall(labels)), "")
            if status != _LATER:
                found[address, status.startswith("5")] += float(value)  # type: ignore[assignment]
    return dict(found)


def _watch(addresses: tuple[str, ...], deadline: float) -> None:
    """Return at the deadline; raises ClickException as soon as a process was not ready several times in a row."""
    missed: Counter[str] = Counter()
    while True:
        for address in addresses:
            ready = _get(f"http://{address}/healthz/ready")[0] == 200
            missed[address] = 0 if ready else missed[address] + 1
        if lost := [address for address, count in missed.items() if count >= MISSES]:
            raise click.ClickException(f"not ready {MISSES} times in a row: {', '.join(lost)}")
        if time.monotonic() > deadline:
            return
        time.sleep(PAUSE)


def _grown(before: dict[tuple[str, bool], float], after: dict[tuple[str, bool], float], *, failed: bool) -> float:
    """How many requests came since; the count of a process that was started anew begins at 0."""
    grown = 0.0
    for key, value in after.items():
        earlier = before.get(key, 0.0)
        if key[1] or not failed:
            grown += value - earlier if value >= earlier else value
    return grown


def _get(url: str) -> tuple[int, str]:
    """(status, text); status 0 when nobody answers."""
    import urllib3

    try:
        answer = urllib3.request("GET", url, retries=False, timeout=5)
    except urllib3.exceptions.HTTPError:
        return 0, ""
    return answer.status, answer.data.decode("utf-8", "replace")
