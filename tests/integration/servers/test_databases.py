"""Logins and databases of an installation on a real PostgreSQL."""

from __future__ import annotations

import secrets

import psycopg
import pytest
from click.testing import CliRunner

from chassis.testkit.servers import PostgresServer
from freehold.servers.cli import servers
from freehold.servers.databases import UnreachableError, make_databases


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), connect_timeout=5)


@pytest.fixture
def urls(postgres: PostgresServer) -> list[str]:
    names = [f"{label}_{secrets.token_hex(4)}" for label in ("one", "two")]
    return [
        f"postgresql+psycopg://{name}:{secrets.token_urlsafe(12)}@127.0.0.1:{postgres.port}/{name}" for name in names
    ]


def test_each_login_owns_its_database_and_no_other(postgres: PostgresServer, urls: list[str]) -> None:
    make_databases(postgres.admin_url(), urls)
    with connect(urls[0]) as own:
        own.execute("CREATE TABLE kept (id int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connect(urls[0].rpartition("/")[0] + "/" + urls[1].rpartition("/")[2])


def test_a_second_call_keeps_data_and_takes_over_a_new_password(postgres: PostgresServer, urls: list[str]) -> None:
    make_databases(postgres.admin_url(), urls)
    with connect(urls[0]) as own:
        own.execute("CREATE TABLE kept (id int)")
    changed = urls[0].replace(urls[0].split(":")[2].partition("@")[0], "another-Password")
    make_databases(postgres.admin_url(), [changed])
    with connect(changed) as own:
        assert own.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(urls[0])


def test_a_wrong_superuser_is_said_at_once(postgres: PostgresServer, urls: list[str]) -> None:
    wrong = f"postgresql+psycopg://postgres:wrong@127.0.0.1:{postgres.port}/postgres"
    with pytest.raises(UnreachableError, match="password authentication failed"):
        make_databases(wrong, urls, patience=60)


def test_the_command_speaks_of_a_server_that_is_not_there(tmp_path) -> None:
    runner = CliRunner()
    assert (
        runner.invoke(
            servers, ["secrets", "--folder", str(tmp_path), "--postgres-host", "127.0.0.1", "--postgres-port", "1"]
        ).exit_code
        == 0
    )
    answer = runner.invoke(
        servers,
        [
            "databases",
            "--admin-url-file",
            str(tmp_path / "postgres/admin-url"),
            "--folder",
            str(tmp_path),
            "--wait",
            "0",
        ],
    )
    assert answer.exit_code == 1
    assert "does not let the superuser in" in answer.output
