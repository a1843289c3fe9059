"""Ports, secrets and certificate of a full stack."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from freehold.certificate import ensure_certificate
from freehold.devstack.roles import ROLES, Layout, Ports, role_environment, shared_environment
from freehold.devstack.stack import postgres_settings


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "full")
    layout.make()
    return layout


def test_ports_survive_a_restart(tmp_path: Path) -> None:
    first = Ports(tmp_path / "ports.json")
    second = Ports(tmp_path / "ports.json")
    assert [first.address(role.name) for role in ROLES] == [second.address(role.name) for role in ROLES]


def test_no_two_roles_share_a_port(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    names = [role.name for role in ROLES] + [f"{role.name}.admin" for role in ROLES]
    assert len({ports.address(name) for name in names}) == len(names)


def test_a_port_that_somebody_took_meanwhile_is_given_up(tmp_path: Path) -> None:
    wanted = Ports(tmp_path / "ports.json").address("gateway-web")
    with socket.create_server(("127.0.0.1", int(wanted.rpartition(":")[2]))):
        assert Ports(tmp_path / "ports.json").address("gateway-web") != wanted


def test_the_address_for_people_can_be_wished_for(tmp_path: Path) -> None:
    assert Ports(tmp_path / "ports.json", {"edge": "0.0.0.0:8400"}).address("edge") == "0.0.0.0:8400"


def test_secrets_are_for_the_owner_only(layout: Layout) -> None:
    path = layout.write_secret("customer-database-url", "postgresql+psycopg://…")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_role_gets_no_secret_of_another_service(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEHOLD_REPORT_DATABASE_URL", "from the caller")
    ports = Ports(layout.folder / "ports.json")
    role = next(role for role in ROLES if role.name == "customer-worker")
    env = role_environment(layout, ports, role, shared_environment(layout, ports, "http://127.0.0.1:1"))
    secrets = {name for name in env if name.startswith("FREEHOLD_") and ("DATABASE" in name or "BROKER" in name)}
    assert secrets == {"FREEHOLD_CUSTOMER_DATABASE_URL_FILE", "FREEHOLD_CUSTOMER_BROKER_URL_FILE"}


def test_the_certificate_is_kept_and_fits_localhost(tmp_path: Path) -> None:
    certificate, key = ensure_certificate(tmp_path)
    first = certificate.read_bytes()
    assert ensure_certificate(tmp_path) == (certificate, key)
    assert certificate.read_bytes() == first
    assert key.stat().st_mode & 0o777 == 0o600
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    assert "localhost" in ssl._ssl._test_decode_cert(str(certificate))["subjectAltName"][0]


@pytest.mark.parametrize(("memory_mb", "cache"), [(1024, "128MB"), (8192, "512MB"), (262_144, "1024MB")])
def test_the_cache_of_postgresql_follows_the_memory_of_the_machine(memory_mb: int, cache: str) -> None:
    assert postgres_settings(memory_mb)["shared_buffers"] == cache
    assert postgres_settings()["shared_buffers"].endswith("MB")
