"""PostgreSQL and RabbitMQ are the company's: Freehold comes without them, over TLS, with the least rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.hosts.company import Company, company
from tests.deploy.hosts.conftest import BUNDLE
from tests.deploy.hosts.nodes import Controller, Installed, Node
from tests.deploy.hosts.working import work

WHO_IS_THERE = """
select count(*) filter (where ssl), count(*) filter (where not ssl), bool_or(rolsuper or rolcreatedb or rolcreaterole)
from pg_stat_activity join pg_stat_ssl using (pid) join pg_roles on rolname = usename where usename like 'freehold%'
"""
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def theirs(bundle: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with company(tmp_path_factory.mktemp("company"), BUNDLE / "debs") as found:
        yield found


@pytest.fixture(scope="module")
def ours(theirs: Company, bundle: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A bare server beside theirs; the first test installs on it."""
    folder = tmp_path_factory.mktemp("controller")
    node = Node(folder, network=theirs.options)
    try:
        yield Installed(node.start(), Controller(folder, node, *bundle), {})
    finally:
        node.stop()


def addressed(server: Installed, theirs: Company, **settings: object) -> None:
    server.controller.inventory(**{
        "freehold_external_postgresql": "db.example.com:5432", "freehold_external_rabbitmq": "mq.example.com:5671",
        "freehold_external_authority": str(theirs.authority), "freehold_backup_repository": None,
        "freehold_postgresql_unit": None, **settings})


@pytest.mark.parametrize(("wrong", "said"), [
    ({"freehold_external_rabbitmq": "mq.example.com:5672"}, "and that a firewall lets AMQP pass"),
    ({"freehold_external_postgresql": "db.example.com"}, "to name:port"),
    ({"freehold_external_authority": "/nowhere/ca.crt"}, "with the authority of their certificates"),
    ({"freehold_backup_repository": "/mnt/backup"}, "The company backs up its own database")], ids=str)
def test_what_cannot_work_is_said_before_anything_changes(ours: Installed, theirs: Company, wrong: dict[str, object],
                                                          said: str) -> None:
    addressed(ours, theirs, **wrong)
    with pytest.raises(AssertionError) as refused:
        ours.controller.install()
    assert said in re.sub(r"\s+", " ", str(refused.value))
    assert ours.node.sh("ls -d /opt/freehold /etc/freehold 2>/dev/null || true") == ""


def test_the_administrators_are_told_what_to_do_and_then_it_works_over_tls(ours: Installed, theirs: Company) -> None:
    addressed(ours, theirs)
    with pytest.raises(AssertionError, match="Let the administrators run"):
        ours.controller.install()
    assert ours.node.sh("systemctl list-units --plain --no-legend 'freehold-*'") == ""
    theirs.administrators_do(ours.controller.folder / "handover/crm")
    ours.controller.install()
    assert work(ours, "Of Their Database") == {"found": True, "arrived": True}
    said = theirs.node.sh("cd / && runuser -u postgres -- psql -XAtq", stdin=WHO_IS_THERE)
    encrypted, plain, powerful = said.strip().split("|")
    assert int(encrypted) > 5
    assert (plain, powerful) == ("0", "f")
    tags = theirs.node.sh("rabbitmqctl -q list_users").splitlines()
    assert sorted(line.split("\t")[1] for line in tags if line.startswith("freehold_")) == ["[]"] * 5
    assert {line.split("\t")[1] for line in theirs.node.sh("rabbitmqctl -q list_connections user ssl").splitlines()
            if line.startswith("freehold_")} == {"true"}


def test_there_is_no_server_on_ours_and_a_second_run_changes_nothing(ours: Installed, theirs: Company) -> None:
    assert ours.node.sh("ls -d /usr/lib/postgresql /usr/lib/rabbitmq /usr/bin/pgbackrest 2>/dev/null || true") == ""
    listening = {line.split()[3] for line in ours.node.sh("ss -Hltn").splitlines()}
    outside = {address for address in listening if not address.startswith(("127.", "[::1]"))}
    assert outside - {"0.0.0.0:22", "[::]:22"} == {"0.0.0.0:443"}
    addressed(ours, theirs)
    recap, said = ours.controller.install()
    assert recap["changed"] == 0, said
