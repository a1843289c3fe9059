"""Ansible installs Freehold on one server that reaches nothing but itself, and changes nothing without a reason."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from freehold.services import PACKAGES
from tests.deploy.hosts.nodes import Installed
from tests.deploy.hosts.working import PYTHON, UNITS, state, work

pytestmark = pytest.mark.timeout(1800)


@pytest.mark.smoke
def test_a_lead_goes_through_the_door_into_the_dashboard(server: Installed) -> None:
    assert server.recap["failed"] == server.recap["unreachable"] == 0
    assert work(server, "Ada Lovelace") == {"found": True, "arrived": True}


@pytest.mark.smoke
def test_a_second_run_changes_nothing(server: Installed) -> None:
    recap, said = server.controller.install()
    assert recap["changed"] == 0, said


@pytest.mark.smoke
def test_a_bundle_with_one_altered_byte_reaches_no_host(server: Installed) -> None:
    file = server.controller.bundle / "ansible/roles/app/tasks/main.yml"
    before, sound = state(server), file.read_bytes()
    file.write_bytes(bytes([sound[0] ^ 1]) + sound[1:])
    try:
        with pytest.raises(AssertionError, match=r"tasks/main\.yml was altered"):
            server.controller.install()
    finally:
        file.write_bytes(sound)
    assert state(server) == before


def test_every_process_runs_as_its_own_account_and_sees_its_own_secrets_alone(server: Installed) -> None:
    for unit in [*UNITS, "freehold-edge"]:
        user = server.node.sh(f"ps -o user:32= -p $(systemctl show -P MainPID {unit})").strip()
        assert user == f"freehold-{unit.split('-')[1]}", unit
    for service in PACKAGES:
        for other in {*PACKAGES, "postgres", "rabbitmq", "authority"} - {service}:
            readable = server.node.sh(f"runuser -u freehold-{service} -- sh -c 'cat /etc/freehold/secrets/{other}/*' "
                                      "2>/dev/null | wc -c")
            assert readable.strip() == "0", f"{service} reads {other}"


def test_processes_are_walled_in_by_systemd(server: Installed) -> None:
    wanted = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
              "CapabilityBoundingSet": "", "RestrictNamespaces": "yes", "Restart": "always"}
    for unit in UNITS:
        shown = dict(line.split("=", 1) for line in server.node.sh(
            f"systemctl show {unit} -p {','.join(wanted)}").splitlines())
        assert shown == wanted, unit


def test_nothing_but_the_door_and_the_way_of_the_administrator_listens_to_others(server: Installed) -> None:
    listening = {line.split()[3] for line in server.node.sh("ss -Hltn").splitlines()}
    outside = {address for address in listening if not address.startswith(("127.", "[::1]"))}
    assert outside - {"0.0.0.0:22", "[::]:22"} == {"0.0.0.0:443"}


def test_there_is_no_default_login_at_the_broker_and_none_without_password_at_the_database(server: Installed) -> None:
    users = server.node.sh("rabbitmqctl -q list_users | cut -f1").split()
    assert sorted(set(users) - {"user"}) == sorted(PACKAGES)
    for login in (*PACKAGES, "postgres"):
        answer = server.node.sh(f"psql -w -h 127.0.0.1 -U {login} -d postgres -c 'select 1' 2>&1 || true")
        assert "no password supplied" in answer


def test_secrets_are_kept_beside_the_inventory_for_their_owner_alone(server: Installed) -> None:
    kept = server.controller.folder / "secrets" / "crm"
    files = [path for path in kept.rglob("*") if path.is_file()]
    assert len(files) == 2 * len(PACKAGES) + 8 + len(("recovery.key", "recovery.pub"))
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o700}


def test_a_dry_run_tells_what_would_change_and_changes_nothing(server: Installed) -> None:
    server.controller.inventory(freehold_settings={"all": {"log_level": "WARNING"}})
    before = state(server)
    recap, said = server.controller.install("--check", "--diff")
    assert recap["changed"] > 0
    assert '+FREEHOLD_LOG_LEVEL="WARNING"' in said
    assert state(server) == before


def test_a_changed_setting_is_applied_and_then_rests(server: Installed) -> None:
    server.controller.inventory(freehold_settings={"all": {"log_level": "WARNING"}})
    before = state(server)
    recap, _ = server.controller.install()
    assert recap["changed"] == 2  # the file, and the processes that read it
    assert state(server) != before
    assert server.controller.install("--check")[0]["changed"] == 0


@pytest.mark.parametrize("wrong", [{"all": {"log_levle": "INFO"}}, {"gateway": {"session_days": "seven"}},
                                   {"customers": {}}], ids=str)
def test_a_wrong_setting_is_refused_before_anything_changes(server: Installed, wrong: dict[str, object]) -> None:
    before = state(server)
    server.controller.inventory(freehold_settings=wrong)
    with pytest.raises(AssertionError, match="freehold_settings"):
        server.controller.install()
    assert state(server) == before


def test_after_a_restart_of_the_host_everything_is_there_again(server: Installed) -> None:
    server.node.restart()
    server.node.wait_for(f"{PYTHON.replace('python', 'freehold')} wait answers --any-certificate --timeout 1 "
                         "https://127.0.0.1/healthz/ready http://127.0.0.1:9404/healthz/ready "
                         "http://127.0.0.1:9411/healthz/ready", 180)
    assert work(server, "Grace Hopper") == {"found": True, "arrived": True}


def test_the_playbook_says_nothing_that_is_secret(server: Installed) -> None:
    _, said = server.controller.install("-vv")
    for path in (server.controller.folder / "secrets" / "crm").rglob("*"):
        if path.is_file() and path.suffix not in (".crt", ".pub"):
            secret = Path(path).read_text(encoding="utf-8").strip()
            assert secret not in said, path


def test_prometheus_can_ask_how_the_host_is(server: Installed) -> None:
    server.node.sh("echo 'freehold_of_this_test 1' >/var/lib/prometheus/node-exporter/test.prom")
    said = server.node.sh(f"{PYTHON} -c \"import urllib.request as u; "
                          "print(u.urlopen('http://127.0.0.1:9100/metrics').read().decode())\"")
    server.node.sh("rm /var/lib/prometheus/node-exporter/test.prom")
    assert "node_filesystem_avail_bytes{" in said
    assert "freehold_of_this_test 1" in said  # so it reads what the backup commands leave


def test_what_goes_to_support_holds_no_secret_and_nobodys_name(server: Installed) -> None:
    assert work(server, "Canary Lovelace")["found"]
    server.controller.inventory()
    _, said = server.controller.play("support-bundle.yml")
    file = server.controller.folder / "freehold-support-crm.tar.gz"
    assert str(file) in said
    with tarfile.open(file) as archive:
        found = {one.name.partition("/")[2]: archive.extractfile(one).read().decode()  # type: ignore[union-attr]
                 for one in archive}
    assert "freehold_http_requests_total{" in found["metrics/freehold-gateway-web.txt"]
    assert json.loads(found["databases.json"])["customer"]["migration"][0]
    whole = "".join(found.values())
    password = server.node.sh("cat /var/lib/freehold/gateway/admin-password").strip()
    assert [word for word in ("Canary Lovelace", "Analytical Engines", password) if word in whole] == []
    for path in (server.controller.folder / "secrets" / "crm").rglob("*"):
        if path.is_file() and path.suffix not in (".crt", ".pub"):
            text = path.read_text(encoding="utf-8").strip()
            assert text not in whole
            assert "://" not in text or urlsplit(text).password not in whole
