"""The company's own servers: its administrators run what we hand over, and we say what is still wrong there."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from pika import URLParameters
from sqlalchemy.engine import make_url

from chassis.testkit.servers import PostgresServer, RabbitServer
from freehold.servers.cli import servers
from freehold.servers.looking import Wanted, complaints
from freehold.servers.secrets import Places, make_secrets

PREFIX = "handed_"


@pytest.fixture
def folder(postgres: PostgresServer, rabbit: RabbitServer, tmp_path: Path) -> Path:
    """Secrets for servers that know nothing of them yet."""
    places = Places(f"127.0.0.1:{postgres.port}", f"127.0.0.1:{rabbit.port}", prefix=PREFIX, external=True)
    make_secrets(tmp_path, places)
    return tmp_path


def handed_over(folder: Path) -> str:
    answer = CliRunner().invoke(servers, ["handover", "--folder", str(folder)])
    assert answer.exit_code == 0, answer.output
    return answer.output


def looked(folder: Path, *options: str) -> tuple[int, str]:
    answer = CliRunner().invoke(servers, ["look", "--folder", str(folder), "--no-tls", "--connections", "10", *options])
    return answer.exit_code, answer.output


def run_as(login: str, script: str) -> None:
    program = shutil.which("psql")
    assert program
    subprocess.run([program, "-Xq", "-v", "ON_ERROR_STOP=1", login.replace("+psycopg", "")], input=script, text=True,
                   check=True, capture_output=True)


def test_whoever_may_make_roles_and_databases_runs_the_script_twice_and_every_service_gets_in(
        postgres: PostgresServer, rabbit: RabbitServer, folder: Path) -> None:
    code, said = looked(folder)
    assert code == 1
    assert f"gateway: PostgreSQL: 127.0.0.1 does not let {PREFIX}gateway in" in said
    assert f"report: RabbitMQ: 127.0.0.1 does not let {PREFIX}report in" in said
    admin = make_url(postgres.admin_url())
    run_as(postgres.admin_url(), "create role makes_roles login createrole createdb password 'of-the-test'")
    least = admin.set(username="makes_roles", password="of-the-test").render_as_string(hide_password=False)
    for _ in range(2):
        run_as(least, handed_over(folder))
    rabbit._import_definitions((folder / "rabbitmq/definitions.json").read_text())
    assert looked(folder) == (0, "5 services can work with PostgreSQL and RabbitMQ\n")
    url = make_url((folder / "customer/database-url").read_text().strip()).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as own:
        own.execute("create table kept (id int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url.set(database=f"{PREFIX}report").render_as_string(hide_password=False))


def test_what_is_handed_over_holds_no_password(folder: Path) -> None:
    passwords = [make_url(file.read_text().strip()).password or "" for file in folder.glob("*/database-url")]
    texts = handed_over(folder) + (folder / "rabbitmq/definitions.json").read_text()
    assert len(passwords) == 5
    assert [one for one in passwords if one in texts] == []
    assert not (folder / "postgres").exists()  # the superuser is the company's
    assert {user["name"] for user in json.loads((folder / "rabbitmq/definitions.json").read_text())["users"]} == {
        f"{PREFIX}{service}" for service in ("gateway", "customer", "workflow", "notify", "report")}


def test_what_is_wrong_at_the_database_is_said_with_what_to_do(postgres: PostgresServer, rabbit: RabbitServer) -> None:
    broker = rabbit.url("customer")
    said = complaints("customer", postgres.admin_url(), broker, Wanted(connections=5000, tls=True))
    assert [line.rpartition("; ")[2] for line in said] == [
        "raise it to 5000", "switch ssl on", "ALTER ROLE postgres NOSUPERUSER"]


def test_addresses_ask_for_certificates_of_the_companys_authority(tmp_path: Path) -> None:
    authority = tmp_path / "ca.crt"
    make_secrets(tmp_path, Places("db.example:5432", "mq.example:5671", "crm.example.com"))  # an own certificate
    shutil.copy(tmp_path / "edge/tls.crt", authority)
    places = Places("db.example:5432", "mq.example:5671", authority=str(authority), external=True)
    make_secrets(tmp_path / "ours", places)
    database = make_url((tmp_path / "ours/notify/database-url").read_text().strip())
    assert dict(database.query) == {"sslmode": "verify-full", "sslrootcert": str(authority)}
    broker = URLParameters((tmp_path / "ours/notify/broker-url").read_text().strip())
    assert (broker.host, broker.port, broker.virtual_host) == ("mq.example", 5671, "freehold")
    assert broker.ssl_options.server_hostname == "mq.example"
    assert broker.ssl_options.context.check_hostname
