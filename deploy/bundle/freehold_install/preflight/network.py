"""Ports, names, and what is installed already."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path

from freehold_install.preflight.results import FAIL, PASS, WARN, Result, judged

TRACES = ("/etc/freehold", "/var/lib/freehold", "/opt/freehold", "/etc/systemd/system/freehold.target")


def ports(wanted: Iterable[int]) -> list[Result]:
    """Whether each port is free on every address of this machine."""
    return [_port(number) for number in wanted]


def _port(number: int) -> Result:
    name, needed = f"port {number}", "free"
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 - tried, not served
        fault = _refusal(family, address, number)
        if fault == errno.EADDRINUSE:
            return judged(
                name,
                False,
                "somebody listens",
                needed,
                f"stop it (`ss -ltnp sport = :{number}` names it), or choose another port",
            )
        if fault == errno.EACCES:
            return judged(name, False, "not allowed for this user", needed, "run the preflight as root", WARN)
    return Result(name, PASS, "free", needed)


def _refusal(family: int, address: str, number: int) -> int:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, number))
            probe.listen(1)
    except OSError as error:
        return error.errno or 0
    return 0


def own_name() -> Result:
    """Whether the machine's own name leads to an address."""
    name = socket.gethostname()
    found = addresses(name)
    return judged(
        "own name",
        bool(found),
        f"{name} is {', '.join(found) or 'unknown'}",
        "known",
        f"add `{name}` to DNS or /etc/hosts: RabbitMQ and PostgreSQL's tools look it up",
    )


def public_name(host: str) -> Result:
    """Whether the name that people will use leads somewhere."""
    found = addresses(host)
    if not found:
        return judged("public name", False, f"{host} is unknown", "known to DNS", f"add {host} to the company's DNS")
    loopback = all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in found)
    return judged(
        "public name",
        not loopback,
        f"{host} is {', '.join(found)}",
        "an address that people reach",
        f"{host} leads back to each machine itself; give it an address in DNS",
        WARN,
    )


def addresses(name: str) -> list[str]:
    """What a name leads to; nothing when it is unknown."""
    try:
        return sorted({str(one[4][0]) for one in socket.getaddrinfo(name, None)})
    except (socket.gaierror, UnicodeError):
        return []


def earlier_installation(root: Path = Path("/"), wanted: bool | None = False) -> Result:
    """Whether an installation is here; an upgrade wants one, a new installation does not."""
    found = [trace for trace in TRACES if (root / trace.lstrip("/")).exists()]
    said = f"found {', '.join(found)}" if found else "none"
    if wanted:
        return judged("installation", bool(found), said, "an earlier one", "use `install`: there is nothing to upgrade")
    advice = "use `upgrade`; or, if it is left over and its data are not needed, remove these folders"
    return Result("installation", FAIL if found else PASS, said, "none", advice if found else "")
