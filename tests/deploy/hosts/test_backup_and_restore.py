"""Backup and restoration by playbook: a server goes back to a second, and a row that was written later is gone."""

from __future__ import annotations

import pytest

from tests.deploy.hosts.nodes import Installed
from tests.deploy.hosts.working import FREEHOLD, leads, state, sums, work

pytestmark = pytest.mark.timeout(1800)


def test_a_server_goes_back_to_a_given_second_with_every_row_of_then(server: Installed) -> None:
    server.controller.inventory()
    assert work(server, "Kept Person")["found"]
    _, said = server.controller.play("backup.yml", "-e", "freehold_backup_type=full")
    assert "sealed as freehold-" in said
    assert work(server, "Kept After The Backup")["found"]
    before = sums(server)
    then = server.node.sh("sleep 1.1; date -u +%Y-%m-%dT%H:%M:%SZ; sleep 1.1").strip()
    assert work(server, "Written Too Late")["found"]
    assert sums(server) != before

    key = server.controller.folder / "secrets/crm/recovery/recovery.key"
    now = state(server)
    for looks in ("backup.yml", "restore.yml"):
        server.controller.play(looks, "--check", "-e", f"freehold_recovery_key={key}")
    assert state(server) == now
    recap, _ = server.controller.play("restore.yml", "-e", f"freehold_recovery_key={key}", "-e",
                                         f"freehold_restore_to={then}")
    assert recap["failed"] == 0
    assert sums(server) == before
    assert [leads(server, name) for name in ("Kept Person", "Kept After The Backup", "Written Too Late")] == [1, 1, 0]

    assert work(server, "Written Afterwards") == {"found": True, "arrived": True}
    server.controller.play("backup.yml")
    assert server.node.sh(f"{FREEHOLD} backup drill").startswith("verified")


def test_after_a_restoration_a_run_of_the_playbook_changes_nothing(server: Installed) -> None:
    server.controller.inventory()
    recap, said = server.controller.install()
    assert recap["changed"] == 0, said
