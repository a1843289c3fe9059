"""Three servers that are one installation: installed from the bundle, and each of them killed while somebody writes."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.hosts.conftest import Installed
from tests.deploy.hosts.figures import note
from tests.deploy.hosts.nodes import Controller, Node, command
from tests.deploy.hosts.working import work
from tests.deploy.hosts.writing import writing

pytestmark = pytest.mark.timeout(5400)
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
MAY_START = ("sed '{}' /usr/lib/freehold/rabbitmq-may-start >/tmp/may-start; "
             "runuser -u rabbitmq -- sh /tmp/may-start 2>&1; echo $?")
NO_DATA, NOBODY = "s|/schema.DAT|/no-data|", "s/rabbit@10[.]77[.]84[.]1/rabbit@10.77.84.9/g"
WRITTEN = "select count(*) from r_lead where name like '{} %'"


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


@pytest.fixture(scope="module")
def three(bundle: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """Three servers in a network that leads nowhere, with a folder that all of them mount."""
    folder, name = tmp_path_factory.mktemp("three"), f"freehold-test-{secrets.token_hex(4)}"
    command("docker", "network", "create", "--internal", "--subnet", "10.77.84.0/24", name)
    command("docker", "volume", "create", name)
    nodes = {host: Node(folder, host=host, network=(
        "--network", name, "--ip", address, "-v", f"{name}:/srv/freehold", *QUIET))
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
        command("docker", "volume", "rm", name)


def _installed(folder: Path, nodes: dict[str, Node], client: Node, bundle: tuple[Path, str]) -> Three:
    controller = Controller(folder, nodes["crm1"], *bundle, nodes["crm2"], nodes["crm3"])
    shared = {"ansible_user": "root", "freehold_topology": "three-nodes", "freehold_nofile": 16384,
              "freehold_public_url": "https://crm.example.com", "freehold_memory_mb": 1000,
              "freehold_postgresql_unit": "OOMScoreAdjust=0\n", "freehold_shared_folder": "/srv/freehold",
              "freehold_edge_address": f"{DOOR}/24", "freehold_postgresql_shared_buffers": "128MB",
              "freehold_ready_seconds": 600}
    controller.write_inventory({host: {"ansible_host": address, **shared} for host, address in HOSTS.items()})
    recap, _ = controller.install()
    for path in NEEDED.split():
        client.sh(f"mkdir -p $(dirname {path}) && cat >{path}", stdin=nodes["crm1"].sh(f"cat {path}"))
    note("memory of all processes after the installation, three servers",
         sum(node.memory() for node in nodes.values()), "MB")
    return Three(nodes, client, controller, recap)


def test_a_lead_written_at_one_server_is_in_the_dashboard_of_each(three: Three) -> None:
    assert three.recap["failed"] == three.recap["unreachable"] == 0
    for host in three.nodes:
        assert work(three.at(host), f"Ada At {host}") == {"found": True, "arrived": True}


def test_a_second_run_changes_nothing(three: Three) -> None:
    recap, said = three.controller.install()
    assert recap["changed"] == 0, said
    recap, _ = three.controller.install("--check")
    assert recap["changed"] == 0


def test_the_three_are_one_database_and_one_broker(three: Three) -> None:
    primary = three.primary()
    assert three.ask(primary, "select count(*) filter (where sync_state = 'sync'), count(*) from pg_stat_replication "
                              "where state = 'streaming'") == "1|2"
    members = json.loads(three.nodes["crm2"].sh("rabbitmqctl -q cluster_status --formatter json"))
    assert sorted(members["running_nodes"]) == [f"rabbit@{address}" for address in HOSTS.values()]
    queues = three.nodes["crm3"].sh("rabbitmqctl -q -p freehold list_queues name members --formatter json")
    assert {len(one["members"]) for one in json.loads(queues)} == {3}
    assert {f"report.records.{host}" for host in HOSTS} <= {one["name"] for one in json.loads(queues)}


def test_a_broker_without_data_that_sees_nobody_does_not_start(three: Three) -> None:
    """It would begin a cluster of its own."""
    assert three.nodes["crm3"].sh(MAY_START.format(f"{NO_DATA}; {NOBODY}")).splitlines() == [
        "no member of the cluster is to be seen, and this node may not begin one", "1"]
    assert three.nodes["crm3"].sh(MAY_START.format(NO_DATA)).splitlines() == ["0"]


@pytest.mark.parametrize("host", HOSTS)
def test_a_server_that_loses_its_power_takes_no_accepted_write_with_it(three: Three, host: str) -> None:
    three.wait_until_whole()
    title, primary = f"While {host} Dies {secrets.token_hex(2)}", three.primary()
    witness = three.nodes[next(name for name in HOSTS if name != host)]
    enough = f"test $(runuser -u postgres -- psql -d customer -Atqc \"{WRITTEN.format(title)}\") -ge "
    with writing(three.writer, title, "python3", "-e", f"DOOR={DOOR}") as written:
        witness.wait_for(f"{enough} 10", 120)
        command("docker", "kill", three.nodes[host].name)
        witness.wait_for(f"{enough} 40", 180)
    command("docker", "start", three.nodes[host].name)
    stored = three.stored(title)
    assert stored.items() >= dict.fromkeys(written.accepted, 1).items()
    assert set(stored.values()) == {1}
    what = " and the primary with it" if host == primary else ""
    note(f"longest time without an accepted write, {host} killed{what}", written.longest, "s")
    three.wait_until_whole()
    assert work(three.at(host), f"After {host}") == {"found": True, "arrived": True}
