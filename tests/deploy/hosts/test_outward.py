"""Nothing of an installation asks the world for anything.

Every playbook of every test in this folder ends with the same question (`Controller.play`); here are a working day,
and the proof that a look-up or a connection would have been seen.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.hosts.nodes import Installed, Node
from tests.deploy.hosts.working import FREEHOLD, work

pytestmark = pytest.mark.timeout(1800)
TRY = """
import socket
def tried(*way):
    try:
        way[0](*way[1:])
    except OSError as error:
        print(error)
connection = socket.socket()
connection.settimeout(0.5)
tried(socket.getaddrinfo, "news.example.org", 443)
tried(connection.connect, ("203.0.113.9", 443))
tried(socket.socket(type=socket.SOCK_DGRAM).sendto, b"here", ("203.0.113.10", 123))
tried(socket.socket().connect, ("127.0.0.1", 1))
"""


@pytest.mark.smoke
def test_a_look_up_and_a_connection_would_be_seen(bundle: tuple[Path, str], tmp_path: Path) -> None:
    node = Node(tmp_path)
    try:
        assert node.start().sent_outward() == []
        node.sh("python3 -", stdin=TRY)
        node.wait_for("grep -q 203.0.113.10 /var/log/outward", 10)
        assert node.sent_outward() == ["udp 198.51.100.53:53 news.example.org", "tcp 203.0.113.9:443",
                                       "udp 203.0.113.10:123"]
    finally:
        node.stop()


def test_a_working_day_asks_the_world_for_nothing(server: Installed) -> None:
    """A company of the demo comes with people, customers, rules and processes, works, and goes again."""
    reach = "--url http://127.0.0.1:8400 --password-file /var/lib/freehold/gateway/admin-password --home /tmp/demo"
    assert "demo-password" in server.node.sh(f"{FREEHOLD} demo install --customers 30 {reach}", timeout=900)
    assert work(server, "Of A Working Day") == {"found": True, "arrived": True}
    server.controller.inventory()
    server.controller.play("backup.yml")
    assert "30 customer" in server.node.sh(f"{FREEHOLD} demo remove --yes {reach}", timeout=900)
    assert server.node.sent_outward() == []
