"""Taking Freehold off a server: it says what goes, keeps what people wrote, and removes that too when it is told."""

from __future__ import annotations

import pytest

from tests.deploy.hosts.nodes import Installed
from tests.deploy.hosts.working import leads, state, work

pytestmark = pytest.mark.timeout(1800)


def gone(server: Installed, *paths: str) -> bool:
    return server.node.sh(f"ls -d {' '.join(paths)} 2>/dev/null || true").strip() == ""


def test_it_says_what_goes_before_anything_does(server: Installed) -> None:
    server.controller.inventory()
    recap, said = server.controller.play("uninstall.yml")
    assert recap["changed"] == 0
    before = state(server)
    assert server.controller.play("uninstall.yml", "--check", "-e", "freehold_confirm=yes")[0]["changed"] > 0
    assert state(server) == before
    assert "Nothing was changed" in said
    assert "Stay 保留: databases" in said
    assert server.node.sh("systemctl is-active freehold-gateway-web").strip() == "active"


def test_what_people_wrote_stays_and_a_new_installation_goes_on_with_it(server: Installed) -> None:
    server.controller.inventory()
    assert work(server, "Who Stays")["found"]
    server.controller.play("uninstall.yml", "-e", "freehold_confirm=yes")
    assert gone(server, "/opt/freehold", "/etc/systemd/system/freehold-*")
    assert not gone(server, "/var/lib/freehold", "/etc/freehold/secrets")
    assert server.node.sh("ss -Hltn | grep -Ev ':22 ' || true") == ""

    server.controller.install()
    assert leads(server, "Who Stays") == 1
    assert work(server, "Who Comes Later") == {"found": True, "arrived": True}


def test_everything_goes_when_it_is_told_to(server: Installed) -> None:
    server.controller.inventory()
    server.controller.play("uninstall.yml", "-e", "freehold_confirm=yes", "-e", "freehold_remove_data=yes")
    assert gone(server, "/opt/freehold", "/var/lib/freehold", "/etc/freehold", "/var/lib/postgresql/15/main",
                "/etc/systemd/system/freehold-*", "/var/lib/rabbitmq/mnesia")
    assert not gone(server, "/mnt/backup/freehold/recovery.sealed")
    assert (server.controller.folder / "secrets/crm/authority/ca.crt").is_file()


def test_nothing_is_left_but_what_it_said(server: Installed) -> None:
    found = server.node.sh("find / -xdev -iname '*freehold*' -not -path '/proc/*' -not -path '/mnt/backup/*'").split()
    assert found == []
    assert server.node.sh("grep -rIil --exclude='*-' freehold /etc /usr/lib/systemd /var/lib/prometheus || true") == ""
    assert server.node.sh("find / -xdev -name .erlang.cookie; find /etc/rabbitmq /etc/postgresql/15 -mindepth 1") == ""
    assert server.node.sh("getent passwd | grep freehold || true; getent group | grep freehold || true") == ""
    assert server.node.sh("ps -eo args= | grep -E '[f]reehold|[p]ostgres|[b]eam|[n]ginx' || true") == ""
    assert server.node.sh("systemctl list-units --all --plain --no-legend 'freehold*'; "
                          "systemctl list-unit-files --no-legend 'freehold*' || true") == ""
