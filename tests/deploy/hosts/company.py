"""A server that the company runs itself: PostgreSQL and RabbitMQ that speak TLS only, nothing of Freehold on it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.hosts.nodes import Node, command

NAMES = ("db.example.com", "mq.example.com")
SET_UP = """
set -eu
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
echo 'deb [trusted=yes] file:/srv/debs ./' >/etc/apt/sources.list
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install postgresql rabbitmq-server
rm /usr/sbin/policy-rc.d
for account in postgres rabbitmq; do install -o $account -m 600 /srv/servers.key /etc/$account.key; done
cat >/etc/postgresql/15/main/conf.d/company.conf <<END
listen_addresses = '*'
max_connections = 300
ssl_cert_file = '/srv/servers.crt'
ssl_key_file = '/etc/postgres.key'
END
printf 'local all all peer\nhostssl all all all scram-sha-256\n' >/etc/postgresql/15/main/pg_hba.conf
cat >/etc/rabbitmq/rabbitmq.conf <<END
listeners.tcp = none
listeners.ssl.default = 5671
ssl_options.cacertfile = /srv/authority.crt
ssl_options.certfile = /srv/servers.crt
ssl_options.keyfile = /etc/rabbitmq.key
END
echo NODENAME=rabbit@localhost >/etc/rabbitmq/rabbitmq-env.conf
mkdir -p /etc/systemd/system/postgresql@.service.d /etc/systemd/system/rabbitmq-server.service.d
printf '[Service]\nOOMScoreAdjust=0\n' >/etc/systemd/system/postgresql@.service.d/company.conf
printf '[Service]\nLimitNOFILE=16384\n' >/etc/systemd/system/rabbitmq-server.service.d/company.conf
systemctl daemon-reload && systemctl restart postgresql@15-main rabbitmq-server
"""
CERTIFICATES = """
set -eu
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $key -days 30 -subj /CN=Company -keyout authority.key -out authority.crt
openssl req -new $key -subj /CN=servers -keyout servers.key -out servers.csr
openssl x509 -req -in servers.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 30 -extfile names \\
    -out servers.crt
"""


class Company:
    """The server, and the address at which others in its network find it."""

    def __init__(self, folder: Path, debs: Path, network: str) -> None:
        self.authority, self.node = folder / "authority.crt", Node(folder, network=("--network", network))
        (folder / "names").write_text(f"subjectAltName={','.join(f'DNS:{name}' for name in NAMES)}\n")
        command("bash", "-c", f"cd {folder} && {CERTIFICATES}")
        self.node.start()
        command("docker", "cp", "-q", str(debs), f"{self.node.name}:/srv/debs")
        for name in ("authority.crt", "servers.crt", "servers.key"):
            command("docker", "cp", "-q", str(folder / name), f"{self.node.name}:/srv/{name}")
        self.node.sh(SET_UP, timeout=600)

    @property
    def options(self) -> list[str]:
        """How another server is started that shall find this one."""
        asked = "{{range $name, $at := .NetworkSettings.Networks}}{{$name}} {{$at.IPAddress}}{{end}}"
        found = command("docker", "inspect", "-f", asked, self.node.name).split()
        return ["--network", found[0], *(f"--add-host={name}:{found[1]}" for name in NAMES)]

    def administrators_do(self, handover: Path) -> None:
        """What the playbook asks the company's administrators to do."""
        script, logins = ((handover / name).read_text() for name in ("postgresql.sql", "rabbitmq.json"))
        self.node.sh("cd / && runuser -u postgres -- psql -Xq -v ON_ERROR_STOP=1 postgres", stdin=script)
        self.node.sh("cat >/srv/logins.json && chmod 644 /srv/logins.json", stdin=logins)
        self.node.sh("rabbitmqctl -q import_definitions /srv/logins.json")


@contextmanager
def company(folder: Path, debs: Path) -> Iterator[Company]:
    """A network of the company's own, from which nothing leads outside, and its server."""
    network, found = f"freehold-test-{secrets.token_hex(4)}", None
    command("docker", "network", "create", "--internal", network)
    try:
        found = Company(folder, debs, network)
        yield found
    finally:
        if found is not None:
            found.node.stop()
        command("docker", "network", "rm", network)
