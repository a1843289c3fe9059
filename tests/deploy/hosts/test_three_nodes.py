"""Three servers that are one installation: installed from the bundle, and each of them killed while somebody writes."""

from __future__ import annotations

import json
import secrets

import pytest

from tests.deploy.hosts.figures import note
from tests.deploy.hosts.nodes import command
from tests.deploy.hosts.three import DOOR, HOSTS, Three
from tests.deploy.hosts.working import work
from tests.deploy.hosts.writing import writing

pytestmark = pytest.mark.timeout(5400)
MAY_START = ("sed '{}' /usr/lib/freehold/rabbitmq-may-start >/tmp/may-start; "
             "runuser -u rabbitmq -- sh /tmp/may-start 2>&1; echo $?")
NO_DATA, NOBODY = "s|/schema.DAT|/no-data|", "s/rabbit@10[.]77[.]84[.]1/rabbit@10.77.84.9/g"
WRITTEN = "select count(*) from r_lead where name like '{} %'"


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
