"""A next version comes by itself, is left by itself when it is faulty, and can be gone back from: no row is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold import __version__
from tests.deploy.hosts.conftest import BUNDLE, Installed
from tests.deploy.hosts.releases import next_version
from tests.deploy.hosts.working import PYTHON, leads, work

pytestmark = pytest.mark.timeout(2400)
QUICK = ("-e", "freehold_soak_seconds=8", "-e", "freehold_ready_seconds=90")
GOOD, FAULTY = "8.1.0", "8.2.0"


def here(server: Installed) -> dict[str, str]:
    """Versions: the link, what really answers, and what the units start."""
    return {"link": server.node.sh("basename $(readlink -f /opt/freehold/current)").strip(),
            "program": server.node.sh("/opt/freehold/current/venv/bin/freehold --version").split()[-1],
            "running": server.node.sh("tr '\\0' ' ' </proc/$(systemctl show -P MainPID freehold-customer-web)/cmdline"
                                      ).split()[1].split("/")[3]}


def everywhere(version: str) -> dict[str, str]:
    return dict.fromkeys(("link", "program", "running"), version)


def newer_column(server: Installed) -> bool:
    asked = "select count(*) from information_schema.columns where column_name = 'of_the_next_version'"
    return server.node.sh("runuser -u postgres -- psql -d customer -Atq", stdin=asked).strip() == "1"


def test_there_is_nothing_to_go_back_to_before_an_upgrade(server: Installed) -> None:
    server.controller.inventory()
    with pytest.raises(AssertionError, match="There is no version to go back to"):
        server.controller.play("rollback.yml")
    recap, said = server.controller.play("upgrade.yml")
    assert recap["changed"] == 0
    assert "is here already" in said


def test_a_faulty_version_is_left_again_by_itself_and_nothing_is_lost(server: Installed, tmp_path: Path) -> None:
    server.controller.inventory()
    assert work(server, "Before The Faulty One")["found"]
    bundle = next_version(BUNDLE, tmp_path / "bundle", FAULTY, faulty=True)
    with pytest.raises(AssertionError, match=f"The upgrade to {FAULTY} failed"):
        server.controller.play("upgrade.yml", "-e", "freehold_ready_seconds=30", "-e", "freehold_upgrade_drill=false",
                               bundle=bundle)
    assert here(server) == everywhere(__version__)
    assert newer_column(server)  # its migrations ran: the version before works with them
    assert leads(server, "Before The Faulty One") == 1
    assert work(server, "After The Faulty One") == {"found": True, "arrived": True}


def test_a_next_version_comes_and_can_be_gone_back_from_with_what_was_written(server: Installed,
                                                                             tmp_path: Path) -> None:
    server.controller.inventory()
    bundle = next_version(BUNDLE, tmp_path / "bundle", GOOD)
    with pytest.raises(AssertionError, match="which backs up"):
        server.controller.play("install.yml", bundle=bundle)
    _, said = server.controller.play("upgrade.yml", *QUICK, bundle=bundle)
    assert "verified: freehold-" in said
    assert here(server) == everywhere(GOOD)
    assert newer_column(server)
    assert server.node.sh("ls /opt/freehold").split() == sorted([__version__, GOOD, "current", "previous"])
    assert work(server, "Written With The Next One") == {"found": True, "arrived": True}

    server.controller.play("rollback.yml", bundle=bundle)
    assert here(server) == everywhere(__version__)
    assert leads(server, "Written With The Next One") == 1
    assert work(server, "Written After Going Back") == {"found": True, "arrived": True}
    assert server.node.sh(f"{PYTHON} -c 'import freehold; print(freehold.__version__)'").strip() == __version__
