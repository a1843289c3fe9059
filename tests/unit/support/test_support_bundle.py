"""The canary: secrets and people are put wherever a bundle could pick them up, and none comes out."""

from __future__ import annotations

import base64
import json
import stat
import tarfile
from pathlib import Path
from urllib.parse import quote

import pytest

from freehold.support import packing
from freehold.support.facts import Server, everything
from freehold.support.packing import LeakError, pack
from freehold.support.scrubbing import Scrubber, secrets_below

PASSWORD, HASH, COOKIE = "Canary-pass/word+7", "Y2FuYXJ5aGFzaA8765", "CANARYCOOKIE2345"
CIPHER, BINARY = "canary-cipher-of-the-repository", b"\xff\xfe canary in bytes"
KEY = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49Canary"
PEOPLE = ("Ada Lovelace", "ada@analytical.example", "13812345678", "+44 20 7946 0958", "王小明", "Analytical Engines")
FORMS = (PASSWORD, quote(PASSWORD, safe=""), base64.b64encode(PASSWORD.encode()).decode().rstrip("="), HASH, COOKIE,
         KEY, CIPHER, BINARY.hex())
KEPT = {"at": "2026-11-29T08:00:00", "level": "ERROR", "logger": "services.customer", "request_id": "r-1",
        "route": "/v1/records/<object>", "status": 500, "ms": 12.5}
TRACE = ('Traceback (most recent call last):\n  File "/opt/freehold/1.0/venv/lib/python3.11/site-packages/services/'
         f'x.py", line 7, in take\n    raise KeyError("{PEOPLE[0]}")\nKeyError: \'{PEOPLE[0]} {PASSWORD}\'')


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """A server on which every corner holds something that must stay."""
    secrets, settings, units = (tmp_path / name for name in ("secrets", "settings", "units"))
    for folder in (secrets / "customer", secrets / "rabbitmq", secrets / "edge", settings, units):
        folder.mkdir(parents=True)
    (secrets / "customer/database-url").write_text(f"postgresql+psycopg://x:{quote(PASSWORD, safe='')}@h/customer\n")
    (secrets / "customer/smtp-password").write_text(f"{PASSWORD}\n")
    (secrets / "rabbitmq/definitions.json").write_text(json.dumps({"users": [{"name": "x", "password_hash": HASH}]}))
    (secrets / "customer/pgbackrest.conf").write_text(f"[global]\nrepo1-path=/mnt/backup\nrepo1-cipher-pass={CIPHER}\n")
    (secrets / "customer/binary").write_bytes(BINARY)
    (secrets / "rabbitmq/cookie").write_text(COOKIE)
    (secrets / "edge/tls.key").write_text(f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n")
    (settings / "all.env").write_text(f'FREEHOLD_LOG_LEVEL="INFO"\nFREEHOLD_PUBLIC_URL="https://{PASSWORD}.example"\n'
                                      'FREEHOLD_DATABASE_POOL="12"\n')
    (settings / "notify.env").write_text(f'FREEHOLD_NOTIFY_SMTP_FROM="{PEOPLE[1]}"\nFREEHOLD_NOTIFY_SMTP_PORT="25"\n')
    (units / "freehold-customer-web.service").write_text("Environment=FREEHOLD_ADMIN_LISTEN=127.0.0.1:9401\n")
    return Server(settings, secrets, units, tmp_path / "releases", tmp_path / "none.prom", run=said, get=answered)


def said(argv: list[str]) -> str:
    """What programs print: what the test wants to see, with secrets and people among it."""
    everything_bad = " ".join((*FORMS, *PEOPLE[1:4]))
    if argv[0] == "journalctl":
        lines = [{**KEPT, "message": " ".join((*PEOPLE, *FORMS)), "exc_info": TRACE, "customer": PEOPLE[4]},
                 f"not JSON: {' '.join(PEOPLE)}"]
        return "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    return f"customer.events\t7\t1 {everything_bad}"


def answered(url: str) -> tuple[int, str]:
    return 200, (f'freehold_http_requests_total{{route="/x {PASSWORD}"}} 5\nsomething_else{{name="{PEOPLE[0]}"}} 1\n'
                 f"# HELP freehold_x {PEOPLE[0]}\n")


def contents(file: Path) -> dict[str, str]:
    with tarfile.open(file) as archive:
        return {one.name.partition("/")[2]: archive.extractfile(one).read().decode()  # type: ignore[union-attr]
                for one in archive}


def test_no_secret_and_no_person_comes_out(server: Server, tmp_path: Path) -> None:
    pack(server, tmp_path / "out.tar.gz", 24)
    for name, text in contents(tmp_path / "out.tar.gz").items():
        assert [one for one in (*FORMS, *PEOPLE) if one in text] == [], name
    assert stat.S_IMODE((tmp_path / "out.tar.gz").stat().st_mode) == 0o600


def test_the_canaries_are_really_there_before_they_are_taken_out(server: Server) -> None:
    collected = "".join(text for _, text in everything(server, 24))
    assert [one for one in (*FORMS, *PEOPLE[1:4]) if one not in collected] == []


def test_what_support_needs_is_there(server: Server, tmp_path: Path) -> None:
    pack(server, tmp_path / "out.tar.gz", 24)
    found = contents(tmp_path / "out.tar.gz")
    settings = json.loads(found["settings.json"])
    assert settings["all"] == {"FREEHOLD_LOG_LEVEL": "INFO", "FREEHOLD_PUBLIC_URL": "(set)",
                               "FREEHOLD_DATABASE_POOL": "12"}
    assert settings["notify"] == {"FREEHOLD_NOTIFY_SMTP_FROM": "(set)", "FREEHOLD_NOTIFY_SMTP_PORT": "25"}
    entry, left_out = map(json.loads, found["logs/freehold-customer-web.jsonl"].splitlines())
    assert entry == {**KEPT, "error": ["KeyError"], "came_through": ["services/x.py:7 take"]}
    assert left_out == {"lines_left_out": 1}
    assert found["health/freehold-customer-web.txt"] == "200\n"
    assert found["metrics/freehold-customer-web.txt"].startswith("freehold_http_requests_total{")
    assert found["queues.txt"].startswith("customer.events\t7\t1")
    assert {"README.txt", "versions.json", "machine.json", "databases.json", "units.txt"} <= set(found)


def test_a_bundle_in_which_a_secret_is_found_is_not_written(
        server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scrubber, "clean", lambda self, text: text)
    with pytest.raises(LeakError, match=r"queues\.txt"):
        packing.pack(server, tmp_path / "out.tar.gz", 24)
    assert not (tmp_path / "out.tar.gz").exists()


def test_certificates_and_numbers_are_no_secrets(server: Server) -> None:
    (server.secrets / "edge/tls.crt").write_text("-----BEGIN CERTIFICATE-----\nMIIBpublic\n-----END CERTIFICATE-----\n")
    (server.secrets / "edge/count").write_text("1234567\n")
    assert {"MIIBpublic", "1234567"} & secrets_below(server.secrets) == set()
    innocent = "abc of postgresql@15-main.service took 12.5 s at 10:05:33, 2026-11-29"
    assert Scrubber(["longer-secret", "abc"]).clean(innocent) == innocent
