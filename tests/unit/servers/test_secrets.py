"""Secrets of an installation: generated once, each part its own, nothing that could be guessed."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy.engine import make_url

from freehold.servers.secrets import Places, make_secrets, password_in

SERVICES = ("gateway", "customer", "workflow", "notify", "report")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_secrets(tmp_path, Places("db.example:6432", "mq.example:5673", "crm.example.com"))
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_second_call_changes_nothing(folder: Path) -> None:
    before = contents(folder)
    assert make_secrets(folder, Places()) == []
    assert contents(folder) == before


def test_what_is_missing_is_made_beside_what_is_there(folder: Path) -> None:
    before = contents(folder)
    (folder / "customer" / "database-url").unlink()
    assert make_secrets(folder, Places()) == ["customer/database-url"]
    after = contents(folder)
    assert {name: after[name] for name in before if name != "customer/database-url"} == {
        name: text for name, text in before.items() if name != "customer/database-url"
    }


def test_only_the_owner_reads_them(folder: Path) -> None:
    loose = [
        str(path) for path in folder.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077 and path.name != "tls.crt"
    ]
    assert loose == []


def test_a_part_may_be_opened_for_a_group(tmp_path: Path) -> None:
    make_secrets(tmp_path, Places(groups={"edge": os.getegid()}))
    key = (tmp_path / "edge" / "tls.key").stat()
    assert (stat.S_IMODE(key.st_mode), key.st_gid) == (0o640, os.getegid())
    assert stat.S_IMODE((tmp_path / "postgres" / "password").stat().st_mode) == 0o600


def test_no_two_passwords_are_the_same(folder: Path) -> None:
    urls = [(folder / service / name).read_text() for service in SERVICES for name in ("database-url", "broker-url")]
    passwords = [password_in(url.strip()) for url in urls] + [(folder / "postgres" / "password").read_text().strip()]
    assert len(set(passwords)) == 11
    assert min(map(len, passwords)) >= 32


def test_addresses_name_the_places_that_were_given(folder: Path) -> None:
    url = make_url((folder / "report" / "database-url").read_text().strip())
    assert (url.host, url.port, url.username, url.database) == ("db.example", 6432, "report", "report")
    assert "@mq.example:5673/freehold" in (folder / "notify" / "broker-url").read_text()
    assert "postgres:" in (folder / "postgres" / "admin-url").read_text()


def test_the_broker_knows_the_same_passwords_hashed(folder: Path) -> None:
    text = (folder / "rabbitmq" / "definitions.json").read_text()
    for user in json.loads(text)["users"]:
        password = password_in((folder / user["name"] / "broker-url").read_text().strip())
        hashed = base64.b64decode(user["password_hash"])
        assert hashed[4:] == hashlib.sha256(hashed[:4] + password.encode()).digest()
        assert password not in text


def test_the_first_certificate_names_the_host(folder: Path) -> None:
    certificate = x509.load_pem_x509_certificate((folder / "edge" / "tls.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["crm.example.com", "localhost"]


def test_the_companys_own_certificate_stays(tmp_path: Path) -> None:
    (tmp_path / "edge").mkdir()
    (tmp_path / "edge" / "tls.crt").write_text("the company's own")
    make_secrets(tmp_path, Places())
    assert (tmp_path / "edge" / "tls.crt").read_text() == "the company's own"
