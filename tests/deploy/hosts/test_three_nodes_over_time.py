"""What three servers need over the years: backups by whoever is the primary, a way back, the next version, an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold import __version__
from tests.deploy.hosts.conftest import BUNDLE
from tests.deploy.hosts.figures import note
from tests.deploy.hosts.releases import next_version
from tests.deploy.hosts.three import DOOR, HOSTS, Three
from tests.deploy.hosts.working import FREEHOLD, leads, sums, work
from tests.deploy.hosts.writing import Written, writing

pytestmark = pytest.mark.timeout(5400)
GOOD, NEVER_READY = "9.1.0", "9.2.0"
QUICK = ("-e", "freehold_soak_seconds=8", "-e", "freehold_upgrade_drill=false")
TOLD = "grep ^freehold_last_{}_timestamp_seconds /var/lib/prometheus/node-exporter/freehold.prom | cut -d' ' -f2"
SAME = "sha256sum /etc/freehold/secrets/backup/repository-key"
PROGRAMS = "[f]reehold|[p]ostgres|[b]eam|[n]ginx|[p]atroni|[e]tcd|[h]aproxy|[k]eepalived"
RUNNING = "tr '\\0' ' ' </proc/$(systemctl show -P MainPID freehold-customer-web)/cmdline"


def told(three: Three, what: str) -> list[float]:
    """When something was done last, as each server tells its watchers."""
    return [float(node.sh(TOLD.format(what))) for node in three.nodes.values()]


def versions(three: Three) -> set[str]:
    """What answers on the servers."""
    return {node.sh(RUNNING).split()[1].split("/")[3] for node in three.nodes.values()}


def assert_kept(three: Three, title: str, written: Written) -> None:
    assert len(written.accepted) > 20
    assert three.stored(title) == dict.fromkeys(written.accepted, 1)


def test_the_primary_backs_up_and_every_server_reports_it(three: Three) -> None:
    three.wait_until_whole()
    assert len({node.sh(SAME) for node in three.nodes.values()}) == 1
    _, said = three.controller.play("backup.yml", "-e", "freehold_backup_type=full")
    assert said.count("this server is a standby") == 2
    assert said.count("sealed as freehold-") == 1
    three.controller.play("backup.yml")  # whoever looked too early looks again
    assert max(told(three, "backup")) - min(told(three, "backup")) < 60


def test_the_next_primary_goes_on_in_the_same_repository(three: Three) -> None:
    before = three.primary()
    three.nodes[before].sh("patronictl -c /etc/patroni/config.yml switchover --force")
    three.wait_until_whole()
    assert three.primary() != before
    _, said = three.controller.play("backup.yml")
    assert said.count("sealed as freehold-") == 1
    assert three.nodes[three.primary()].sh(f"{FREEHOLD} backup drill", timeout=600).startswith("verified")


def test_all_three_go_back_to_a_given_second(three: Three) -> None:
    assert work(three.at("crm2"), "Kept Person")["found"]
    before = sums(three.at(three.primary()))
    then = three.nodes["crm1"].sh("sleep 1.1; date -u +%Y-%m-%dT%H:%M:%SZ; sleep 1.1").strip()
    assert work(three.at("crm3"), "Written Too Late")["found"]
    key = three.controller.folder / "secrets/freehold/recovery/recovery.key"
    recap, _ = three.controller.play("restore.yml", "-e", f"freehold_recovery_key={key}",
                                     "-e", f"freehold_restore_to={then}")
    assert recap["failed"] == 0
    three.wait_until_whole()
    assert sums(three.at(three.primary())) == before
    assert [leads(three.at(host), "Kept Person") for host in HOSTS] == [1, 1, 1]
    assert [leads(three.at(host), "Written Too Late") for host in HOSTS] == [0, 0, 0]
    for host in HOSTS:
        assert work(three.at(host), f"Written Afterwards At {host}") == {"found": True, "arrived": True}
    recap, said = three.controller.install()
    assert recap["changed"] == 0, said


def test_a_version_that_cannot_serve_is_left_on_all_three(three: Three, tmp_path: Path) -> None:
    bundle, title = next_version(BUNDLE, tmp_path / "bundle", NEVER_READY, fault="serving"), "During The One That Fails"
    failed = pytest.raises(AssertionError, match=f"The upgrade to {NEVER_READY} failed")
    with writing(three.writer, title, "python3", "-e", f"DOOR={DOOR}") as written, failed:
        three.controller.play("upgrade.yml", "-e", "freehold_ready_seconds=120", *QUICK, bundle=bundle)
    assert versions(three) == {__version__}
    assert_kept(three, title, written)


def test_a_next_version_comes_server_by_server_and_can_be_gone_back_from(three: Three, tmp_path: Path) -> None:
    bundle, title = next_version(BUNDLE, tmp_path / "bundle", GOOD), "During The Next One"
    with writing(three.writer, title, "python3", "-e", f"DOOR={DOOR}") as written:
        three.controller.play("upgrade.yml", *QUICK, bundle=bundle)
    assert versions(three) == {GOOD}
    assert_kept(three, title, written)
    note("longest time without an accepted write, upgrade of three servers", written.longest, "s")
    assert written.refused == []
    assert work(three.at("crm3"), "Written With The Next One") == {"found": True, "arrived": True}

    title = "While Going Back"
    with writing(three.writer, title, "python3", "-e", f"DOOR={DOOR}") as written:
        three.controller.play("rollback.yml", bundle=bundle)
    assert versions(three) == {__version__}
    assert_kept(three, title, written)
    note("longest time without an accepted write, going back on three servers", written.longest, "s")
    assert written.refused == []
    assert leads(three.at("crm1"), "Written With The Next One") == 1


def test_nothing_of_it_is_left_when_all_is_to_go(three: Three) -> None:
    three.controller.play("uninstall.yml", "-e", "freehold_confirm=yes", "-e", "freehold_remove_data=yes")
    for node in three.nodes.values():
        assert node.sh("find / -xdev -iname '*freehold*' -not -path '/proc/*'").split() == []
        assert node.sh("ls -A /srv/freehold").split() == []
        assert node.sh(f"ps -eo args= | grep -E '{PROGRAMS}' || true") == ""
        assert node.sh("getent passwd | grep freehold || true; getent group | grep freehold || true") == ""
    assert three.nodes["crm1"].sh("ls /mnt/backup/freehold/recovery.sealed").strip() != ""
