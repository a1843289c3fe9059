"""Three containers that stand for three servers of one installation, and a fourth from which people work."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.hosts.figures import note
from tests.deploy.hosts.nodes import Controller, Installed, Node, command

HOSTS = {"crm1": "10.77.84.11", "crm2": "10.77.84.12", "crm3": "10.77.84.13"}
# Nobody answers questions for names here, and a server that is started anew would wait for that at each login.
QUIET = ("--add-host", "UNKNOWN:127.0.1.1", "--dns-option", "timeout:1", "--dns-option", "attempts:1")
DOOR, CLIENT = "10.77.84.100", "10.77.84.50"
NEEDED = "/etc/freehold/secrets/authority/ca.crt /srv/freehold/gateway/admin-password"

READY = ("/opt/freehold/current/venv/bin/freehold wait answers --timeout 1 $(sed -n "
         "'s|^Environment=FREEHOLD_ADMIN_LISTEN=\\(.*\\)|http://\\1/healthz/ready|p' "
         "/etc/systemd/system/freehold-*-web.service /etc/systemd/system/freehold-*-worker.service)")
RUNNING = 'import json, sys; sys.exit(len(json.load(sys.stdin)["running_nodes"]) != 3)'
STREAMING = ('import json, sys; states = [one["State"] for one in json.load(sys.stdin)]; '
             'sys.exit(len(states) != 3 or not set(states) <= {"running", "streaming"})')


@dataclass
class Three:
    """The servers by host name, somebody who writes from outside, and what the installation said."""

    nodes: dict[str, Node]
    client: Node
    controller: Controller
    recap: dict[str, int]

    def at(self, host: str) -> Installed:
        """One of them, as the helpers for a single server take it."""
        return Installed(self.nodes[host], self.controller, self.recap)

    @property
    def writer(self) -> Installed:
        """Who writes through the address that moves."""
        return Installed(self.client, self.controller, self.recap)

    def primary(self) -> str:
        """The host whose PostgreSQL takes writes, once there is one."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for host in self.nodes:
                if self.ask(host, "select pg_is_in_recovery()") == "f":
                    return host
        raise AssertionError("nobody takes writes")

    def ask(self, host: str, question: str) -> str:
        """What the PostgreSQL of a host answers; empty when it does not."""
        return self.nodes[host].sh("runuser -u postgres -- psql -d customer -Atq 2>/dev/null || true",
                                   stdin=question).strip()

    def stored(self, title: str) -> dict[str, int]:
        """How often each lead of a title is there."""
        said = self.ask(self.primary(), f"select name, count(*) from r_lead where name like '{title} %' group by name")
        return {name: int(count) for name, count in (line.split("|") for line in said.splitlines())}

    def wait_until_whole(self) -> None:
        """Return when every server has its part again."""
        for node in self.nodes.values():
            node.wait_for(READY, 600)
        first = next(iter(self.nodes.values()))
        first.wait_for(f"rabbitmqctl -q cluster_status --formatter json | python3 -c '{RUNNING}'", 300)
        first.wait_for(f"patronictl -c /etc/patroni/config.yml list -f json | python3 -c '{STREAMING}'", 300)


@contextmanager
def three_servers(folder: Path, bundle: tuple[Path, str]) -> Iterator[Three]:
    """Three servers in a network that leads nowhere, with two folders that all of them mount."""
    name = f"freehold-test-{secrets.token_hex(4)}"
    command("docker", "network", "create", "--internal", "--subnet", "10.77.84.0/24", name)
    for volume in (name, f"{name}-backup"):
        command("docker", "volume", "create", volume)
    nodes = {host: Node(folder, host=host, network=(
        "--network", name, "--ip", address, "-v", f"{name}:/srv/freehold", "-v",
        f"{name}-backup:/mnt/backup", *QUIET))
             for host, address in HOSTS.items()}
    client = Node(folder, host="client", network=("--network", name, "--ip", CLIENT))
    try:
        for node in (*nodes.values(), client):
            node.start()
        yield _installed(folder, nodes, client, bundle)
    finally:
        for node in (*nodes.values(), client):
            node.stop()
        command("docker", "network", "rm", name)
        command("docker", "volume", "rm", name, f"{name}-backup")


def _installed(folder: Path, nodes: dict[str, Node], client: Node, bundle: tuple[Path, str]) -> Three:
    controller = Controller(folder, nodes["crm1"], *bundle, nodes["crm2"], nodes["crm3"])
    shared = {"ansible_user": "root", "freehold_topology": "three-nodes", "freehold_nofile": 16384,
              "freehold_public_url": "https://crm.example.com", "freehold_memory_mb": 1000,
              "freehold_postgresql_unit": "OOMScoreAdjust=0\n", "freehold_shared_folder": "/srv/freehold",
              "freehold_edge_address": f"{DOOR}/24", "freehold_backup_repository": "/mnt/backup/freehold",
              "freehold_postgresql_shared_buffers": "128MB",
              "freehold_ready_seconds": 600}
    controller.write_inventory({host: {"ansible_host": address, **shared} for host, address in HOSTS.items()})
    recap, _ = controller.install()
    for path in NEEDED.split():
        client.sh(f"mkdir -p $(dirname {path}) && cat >{path}", stdin=nodes["crm1"].sh(f"cat {path}"))
    note("memory of all processes after the installation, three servers",
         sum(node.memory() for node in nodes.values()), "MB")
    return Three(nodes, client, controller, recap)
