"""What is collected, a function for each file of the bundle; each names what it takes, nothing is taken by pattern."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.events.logins import DEFAULT_VHOST
from chassis.jsonio import dumps
from chassis.settings import CHASSIS_SETTINGS
from freehold import __version__
from freehold.services import PACKAGES, spec_of
from freehold.support.logs import kept_lines

PACKAGES_OF_DEBIAN = ("postgresql", "postgresql-15", "pgbackrest", "rabbitmq-server", "nginx-light", "openssl",
                      "prometheus-node-exporter")
SERVERS = ("postgresql@15-main", "rabbitmq-server", "prometheus-node-exporter")
OF_A_UNIT = "Id,ActiveState,SubState,Result,NRestarts,ExecMainStatus,ActiveEnterTimestamp,MemoryCurrent,TasksCurrent"
TEXTS = frozenset({"mode", "log_level", "log_format", "web_server", "default_locale", "default_timezone",
                   "retry_delays", "file_store", "read_model_memory"})
DISKS = ("/", "/var/lib/postgresql", "/var/lib/freehold", "/var/lib/rabbitmq")
_VARIABLE = re.compile(r'^(FREEHOLD_[A-Z0-9_]+)="?(.*?)"?$', re.MULTILINE)
_ADMIN = re.compile(r"^Environment=FREEHOLD_ADMIN_LISTEN=(\S+)$", re.MULTILINE)
_METRIC = re.compile(r"^(?:# TYPE )?(?:freehold|process|python_gc|node_(?:filesystem|memory|load|cpu))_")

Run = Callable[[list[str]], str]


def run(argv: list[str]) -> str:
    """Output of a program; empty when it is not there or fails."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def get(url: str) -> tuple[int, str]:
    """(status, text) of an address; status 0 when nobody answers."""
    import urllib3

    try:
        answer = urllib3.request("GET", url, retries=False, timeout=10)
    except urllib3.exceptions.HTTPError:
        return 0, ""
    return answer.status, answer.data.decode("utf-8", "replace")


@dataclass(frozen=True)
class Server:
    """Where things are on this server, and how to ask."""

    settings: Path = Path("/etc/freehold/settings")
    secrets: Path = Path("/etc/freehold/secrets")
    units: Path = Path("/etc/systemd/system")
    releases: Path = Path("/opt/freehold")
    textfile: Path = Path("/var/lib/prometheus/node-exporter/freehold.prom")
    run: Run = run
    get: Callable[[str], tuple[int, str]] = get


def everything(server: Server, hours: int) -> Iterator[tuple[str, str]]:
    """(name, text) of each file."""
    yield "versions.json", dumps(versions(server))
    yield "machine.json", dumps(machine())
    yield "settings.json", dumps(settings(server))
    yield "units.txt", server.run(["systemctl", "show", "-p", OF_A_UNIT, *unit_names(server), *SERVERS])
    yield "queues.txt", server.run(["rabbitmqctl", "-q", "-p", DEFAULT_VHOST, "list_queues", "name", "messages",
                                     "consumers"])
    yield "backup.txt", server.textfile.read_text(encoding="utf-8") if server.textfile.exists() else ""
    yield "databases.json", dumps(databases(server))
    for unit in unit_names(server):
        yield f"logs/{unit}.jsonl", log_of(server, unit, hours)
    for unit, address in admin_addresses(server):
        yield f"health/{unit}.txt", f"{server.get(f'http://{address}/healthz/ready')[0]}\n"
        yield f"metrics/{unit}.txt", metrics_of(server, address)


def versions(server: Server) -> dict[str, Any]:
    """What is installed."""
    found = server.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *PACKAGES_OF_DEBIAN])
    return {"freehold": __version__, "releases": sorted(path.name for path in server.releases.glob("*")),
            "python": platform.python_version(), "kernel": platform.release(), "machine": platform.machine(),
            "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""), "packages": found.splitlines()}


def machine() -> dict[str, Any]:
    """Processors, memory, load, room."""
    memory = dict(re.findall(r"^(MemTotal|MemAvailable|SwapTotal|SwapFree):\s+(\d+) kB",
                             Path("/proc/meminfo").read_text(encoding="utf-8"), re.MULTILINE))
    disks = {path: shutil.disk_usage(path)._asdict() for path in DISKS if Path(path).exists()}
    return {"processors": os.cpu_count(), "memory_kb": memory, "load": os.getloadavg(), "disks": disks}


def settings(server: Server) -> dict[str, Any]:
    """Numbers, switches and a few words by value; of any other text only that it is set."""
    table = {one.name: one for one in CHASSIS_SETTINGS}
    table |= {one.name: one for name in PACKAGES for one in spec_of(name).settings}
    found: dict[str, Any] = {}
    for file in sorted(server.settings.glob("*.env")):
        for variable, value in _VARIABLE.findall(file.read_text(encoding="utf-8")):
            name = re.sub(rf"^({'|'.join(PACKAGES)})_", "", variable.removeprefix("FREEHOLD_").lower())
            one = table.get(name)
            shown = one is not None and not one.secret and (one.type in (int, float, bool) or name in TEXTS)
            found.setdefault(file.stem, {})[variable] = value if shown else "(set)"
    return found


def databases(server: Server) -> dict[str, Any]:
    """Of each service's database: version of its tables, size, rows by table as PostgreSQL estimates them."""
    return {name: {"migration": _ask(server, name, "select version_num from alembic_version"),
                   "migration_of_chassis": _ask(server, name, "select version_num from alembic_version_chassis"),
                   "bytes": _ask(server, name, "select pg_database_size(current_database())"),
                   "rows": _ask(server, name, "select relname, n_live_tup from pg_stat_user_tables order by 1"),
                   "dead_letters": _ask(server, name, "select queue, type, count(*) from dead_letter group by 1, 2"),
                   "sessions": _ask(server, name, "select coalesce(state, '-'), count(*) from pg_stat_activity "
                                                  "where datname = current_database() group by 1")}
            for name in PACKAGES}


def unit_names(server: Server) -> list[str]:
    """The product's own units."""
    return sorted(path.stem for path in server.units.glob("freehold-*.service") if "@" not in path.name)


def admin_addresses(server: Server) -> Iterator[tuple[str, str]]:
    """(unit, address of its metrics)."""
    for unit in (name for name in unit_names(server) if not name.endswith("-standin")):
        for address in _ADMIN.findall((server.units / f"{unit}.service").read_text(encoding="utf-8")):
            yield unit, address


def log_of(server: Server, unit: str, hours: int) -> str:
    """The unit's log of the last hours, as far as it may leave the house."""
    text = server.run(["journalctl", "-u", unit, "-o", "cat", "-n", "20000", "--no-pager", "-S", f"-{hours}h"])
    return "\n".join(kept_lines(text.splitlines()))


def metrics_of(server: Server, address: str) -> str:
    """Numbers of a process."""
    return "\n".join(line for line in server.get(f"http://{address}/metrics")[1].splitlines() if _METRIC.match(line))


def _ask(server: Server, database: str, question: str) -> list[str]:
    return server.run(["runuser", "-u", "postgres", "--", "psql", "-d", database, "-XAtqc", question]).splitlines()
