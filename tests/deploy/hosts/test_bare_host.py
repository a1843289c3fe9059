"""The server is lost: a bare machine, the bundle, the repository's disk and the recovery key bring everything back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.hosts.nodes import Controller, Installed, Node
from tests.deploy.hosts.working import leads, sums, work

pytestmark = pytest.mark.timeout(1800)


def test_a_bare_machine_gets_every_row_back_from_the_repository(server: Installed, bundle: tuple[Path, str],
                                                                tmp_path: Path) -> None:
    server.controller.inventory()
    assert work(server, "Before The Loss")["found"]
    server.controller.play("backup.yml")
    before = sums(server)
    key = server.controller.folder / "secrets/crm/recovery/recovery.key"
    bare = Node(tmp_path)
    try:
        controller = Controller(tmp_path, bare.start(), *bundle)
        controller.inventory()
        with pytest.raises(AssertionError, match="mount the repository's disk first"):
            controller.play("restore.yml", "-e", f"freehold_recovery_key={key}")
        bare.take_over(server.node, "/mnt/backup")
        again = Installed(bare, controller, controller.play("restore.yml", "-e", f"freehold_recovery_key={key}")[0])
        assert sums(again) == before
        assert leads(again, "Before The Loss") == 1
        assert work(again, "After The Loss") == {"found": True, "arrived": True}
        authority = Path("secrets/crm/authority/ca.key")
        assert (tmp_path / authority).read_text() == (server.controller.folder / authority).read_text()
    finally:
        bare.stop()
