"""Which checks are asked, for which way of installing, with which figures."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

from freehold_install.preflight import machine, network, servers
from freehold_install.preflight.results import Result


@dataclass(frozen=True)
class Size:
    """What a machine that carries everything needs."""

    processors: int
    memory_gib: float
    disk_gib: float


SIZES = {"trial": Size(2, 4, 20), "company": Size(4, 8, 100), "large": Size(8, 32, 500)}
WAYS = {"containers": (8443,), "hosts": (80, 443, 5432, 5672)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `preflight`."""
    parser.add_argument(
        "--for",
        dest="way",
        choices=sorted(WAYS),
        default="containers",
        help="how Freehold will run: in containers (compose.yaml), or on hosts from Debian packages",
    )
    parser.add_argument(
        "--size",
        choices=sorted(SIZES),
        default="company",
        help="trial: 2 processors, 4 GiB; company: 4, 8 GiB; large: 8, 32 GiB",
    )
    parser.add_argument("--data", type=Path, default=Path("/var/lib"), help="folder that the data will be kept below")
    parser.add_argument("--port", type=int, action="append", help="port of the front door instead of the usual ones")
    parser.add_argument("--host", help="name that people will use, such as crm.example.com")
    parser.add_argument("--ntp", help="the company's time server, to compare clocks with")
    parser.add_argument("--postgres-url-file", type=Path, help="file with the address of the company's own PostgreSQL")
    parser.add_argument("--broker-url-file", type=Path, help="file with the address of the company's own RabbitMQ")
    parser.add_argument("--upgrade", action="store_true", help="an installation is here and will be upgraded")
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="CHECK",
        help="take a failure upon yourself, such as `open files`; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print the results for programs")


def results(options: argparse.Namespace) -> list[Result]:
    """Ask everything that the options call for."""
    return [*_machine(options), *_network(options), *_servers(options)]


def _machine(options: argparse.Namespace) -> list[Result]:
    size = SIZES[options.size]
    found = [
        machine.processors(size.processors),
        machine.memory(size.memory_gib),
        machine.disk_space(options.data, size.disk_gib),
        machine.disk_sync(options.data),
        machine.open_files(),
        machine.system(),
        machine.kernel(),
        machine.clock(),
    ]
    if options.ntp:
        found.append(machine.clock_skew(options.ntp))
    if options.way == "containers":
        found.append(machine.container_engine(shutil.which("docker") or shutil.which("podman")))
    return found


def _network(options: argparse.Namespace) -> list[Result]:
    found = [] if options.upgrade else network.ports(options.port or _ports(options))
    found.append(network.own_name())
    if options.host:
        found.append(network.public_name(options.host))
    return [*found, network.earlier_installation(wanted=options.upgrade)]


def _ports(options: argparse.Namespace) -> tuple[int, ...]:
    """The usual ports, without those of servers that the company runs elsewhere."""
    elsewhere = {5432: options.postgres_url_file, 5672: options.broker_url_file}
    return tuple(port for port in WAYS[options.way] if not elsewhere.get(port))


def _servers(options: argparse.Namespace) -> list[Result]:
    asked = ((options.postgres_url_file, servers.postgres), (options.broker_url_file, servers.rabbitmq))
    return [ask(file.read_text(encoding="utf-8").strip()) for file, ask in asked if file]
