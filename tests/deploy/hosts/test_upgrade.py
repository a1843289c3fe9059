"""A next version comes by itself, is left by itself when it is faulty, and can be gone back from: no row is lost."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from freehold import __version__
from tests.deploy.hosts.conftest import BUNDLE
from tests.deploy.hosts.figures import note
from tests.deploy.hosts.nodes import ANSIBLE, Installed
from tests.deploy.hosts.releases import next_version
from tests.deploy.hosts.working import PYTHON, leads, state, work
from tests.deploy.hosts.writing import times_stored, writing

pytestmark = pytest.mark.timeout(2400)
UNDRILLED = ("-e", "freehold_upgrade_drill=false")
QUICK = ("-e", "freehold_soak_seconds=8", "-e", "freehold_ready_seconds=90")
GOOD, NEVER_READY, UNSOUND, INTERRUPTED, UNMIGRATED = "8.1.0", "8.2.0", "8.3.0", "8.4.0", "8.0.1"


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


@pytest.mark.parametrize(("version", "fault", "step"), [
    (UNMIGRATED, "migrating", "Make keys, tables and queues of this version"),
    (NEVER_READY, "serving", "Start every process anew")])
def test_a_version_that_does_not_come_up_is_left_again_by_itself_and_people_work_on(
        server: Installed, tmp_path: Path, version: str, fault: str, step: str) -> None:
    server.controller.inventory()
    bundle = next_version(BUNDLE, tmp_path / "bundle", version, fault=fault)
    title = f"During The One That Fails {fault}"
    failed = pytest.raises(AssertionError, match=f"The upgrade to {version} failed")
    with writing(server, title) as written, failed as said:
        server.controller.play("upgrade.yml", "-e", "freehold_ready_seconds=60", *UNDRILLED, bundle=bundle)
    assert step in str(said.value)
    assert here(server) == everywhere(__version__)
    assert newer_column(server) is (fault != "migrating")  # the version before works with either
    note(f"longest time without an accepted write, upgrade that failed {fault}", written.longest, "s")
    assert times_stored(server, title).items() >= dict.fromkeys(written.accepted, 1).items()
    assert len(written.accepted) > 20
    assert work(server, f"After The One That Fails {fault}") == {"found": True, "arrived": True}


def test_a_version_that_is_not_well_while_it_is_watched_is_left_with_all_that_was_written(server: Installed,
                                                                                        tmp_path: Path) -> None:
    server.controller.inventory()
    bundle = next_version(BUNDLE, tmp_path / "bundle", UNSOUND, fault="watched")
    with writing(server, "During The Unsound One") as written, \
            pytest.raises(AssertionError, match=r"failed at .{1,4}Watch every process for a while"):
        server.controller.play("upgrade.yml", "-e", "freehold_soak_seconds=60", *UNDRILLED, bundle=bundle)
    assert here(server) == everywhere(__version__)
    note("longest time without an accepted write, upgrade that went back", written.longest, "s")
    assert times_stored(server, "During The Unsound One").items() >= dict.fromkeys(written.accepted, 1).items()
    assert len(written.accepted) > 20
    assert work(server, "After The Unsound One") == {"found": True, "arrived": True}


def test_a_next_version_comes_and_can_be_gone_back_from_with_what_was_written(server: Installed,
                                                                             tmp_path: Path) -> None:
    server.controller.inventory()
    bundle = next_version(BUNDLE, tmp_path / "bundle", GOOD)
    before = state(server)
    with pytest.raises(AssertionError, match="which backs up"):
        server.controller.play("install.yml", bundle=bundle)
    _, said = server.controller.play("upgrade.yml", "--check", bundle=bundle)
    assert f"would go from {__version__} to {GOOD}" in said
    assert state(server) == before
    with writing(server, "During The Next One") as written:
        _, said = server.controller.play("upgrade.yml", *QUICK, bundle=bundle)
    assert "verified: freehold-" in said
    assert here(server) == everywhere(GOOD)
    assert newer_column(server)
    assert times_stored(server, "During The Next One") == dict.fromkeys(written.accepted, 1)
    note("longest time without an accepted write, upgrade", written.longest, "s")
    note("memory of all processes after the upgrade", server.node.memory(), "MB")
    assert server.node.sh("ls /opt/freehold").split() == sorted([__version__, GOOD, "current", "previous"])
    assert work(server, "Written With The Next One") == {"found": True, "arrived": True}

    before = state(server)
    _, said = server.controller.play("rollback.yml", "--check", bundle=bundle)
    assert "would be started again" in said
    assert state(server) == before
    server.controller.play("rollback.yml", bundle=bundle)
    assert here(server) == everywhere(__version__)
    assert leads(server, "Written With The Next One") == 1
    assert work(server, "Written After Going Back") == {"found": True, "arrived": True}
    assert server.node.sh(f"{PYTHON} -c 'import freehold; print(freehold.__version__)'").strip() == __version__


def test_an_upgrade_that_was_interrupted_is_carried_on_by_running_it_again(server: Installed, tmp_path: Path) -> None:
    server.controller.inventory()
    bundle = next_version(BUNDLE, tmp_path / "bundle", INTERRUPTED)
    assert work(server, "Before The Interruption")["found"]
    before = leads(server, "Before The Interruption")  # more than one when a kept server was tried before
    words = server.controller.words("upgrade.yml", "-e", "freehold_soak_seconds=600", *UNDRILLED, bundle=bundle)
    with (tmp_path / "said").open("w") as log, subprocess.Popen(
            words, cwd=ANSIBLE, env=server.controller.environment, stdout=log, stderr=log,
            start_new_session=True) as cut:
        try:
            server.node.wait_for(f"readlink /opt/freehold/current | grep -q {INTERRUPTED}", 600)
        finally:
            os.killpg(cut.pid, signal.SIGKILL)
    assert server.node.sh(f"ls /opt/freehold/{INTERRUPTED}/committed 2>/dev/null || true") == ""
    server.controller.play("upgrade.yml", *QUICK, bundle=bundle)
    assert here(server) == everywhere(INTERRUPTED)
    assert leads(server, "Before The Interruption") == before
    assert work(server, "After The Interruption") == {"found": True, "arrived": True}
    after = leads(server, "After The Interruption")
    server.controller.play("rollback.yml", bundle=bundle)
    assert here(server) == everywhere(__version__)
    assert leads(server, "After The Interruption") == after
