"""What people do with an installed server, run on the server itself, because nothing else reaches it."""

from __future__ import annotations

import json
from typing import Any

from freehold.devstack.roles import ROLES
from tests.deploy.hosts.nodes import Installed

UNITS = [f"freehold-{role.name}" for role in ROLES]
PYTHON = "/opt/freehold/current/venv/bin/python"
FREEHOLD = "/opt/freehold/current/venv/bin/freehold"
# What every script on the server begins with: the door, with the authority's certificate, and the first password.
ASK = """
import json, os, ssl, sys, time, urllib.request
url = "https://crm.example.com"
import socket
real = socket.getaddrinfo
door = os.environ.get("DOOR", "127.0.0.1")
socket.getaddrinfo = lambda host, *more, **kw: real(door if host == "crm.example.com" else host, *more, **kw)
trust = ssl.create_default_context(cafile="/etc/freehold/secrets/authority/ca.crt")
def ask(method, path, body=None, token=None, more={}):
    headers = {"Content-Type": "application/json", **more} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url + path, data, headers, method=method)
    with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
        return json.load(answer)
def sign_in():
    homes = ("/srv/freehold", "/var/lib/freehold")  # where three servers keep it, and one
    home = next(home for home in homes if os.path.exists(f"{home}/gateway/admin-password"))
    password = open(f"{home}/gateway/admin-password").read().strip()
    return ask("POST", "/api/auth/login", {"username": "admin", "password": password})["access_token"]
"""
# Sign in, write a lead, find it again, and see it arrive in the read model: through door, database, broker.
WORK = ASK + """
def taken_in():
    text = urllib.request.urlopen("http://127.0.0.1:9404/metrics", timeout=30).read().decode()
    return sum(float(line.split()[-1]) for line in text.splitlines()
               if line.startswith('freehold_read_model_changes_total{') and '"lead"' in line)
token = sign_in()
before = taken_in()
lead = ask("POST", "/api/customer/v1/records/lead", json.loads(sys.argv[1]), token)
found = ask("GET", f"/api/customer/v1/records/lead/{lead['id']}", None, token)
deadline = time.monotonic() + 90
while taken_in() <= before and time.monotonic() < deadline:
    time.sleep(0.5)
print(json.dumps({"found": found["id"] == lead["id"], "arrived": taken_in() > before}))
"""


# Counts and checksums of the tables that hold what people wrote, asked again until two answers are the same.
SUMS = """
import json, time
from freehold.backup.fingerprints import fingerprint
from freehold.backup.making import admin_url
from freehold.backup.plan import DEFAULT_FILE, read_plan
from freehold.backup.seals import connect
own = {"customer": ("object_def", "field_def", "layout_def", "record_change", "saved_view"),
       "gateway": ("user_account", "role")}
def look():
    found = {}
    for database, tables in own.items():
        with connect(admin_url(read_plan(DEFAULT_FILE)), database) as connection:
            sums = fingerprint(connection)
        found |= {f"{database}.{name}": value for name, value in sums.items()
                  if name.partition(".")[2] in tables or name.startswith("public.r_")}
    return found
before = look()
while time.sleep(2) or before != (now := look()):
    before = now
print(json.dumps(before))
"""


def work(server: Installed, name: str) -> dict[str, object]:
    lead = json.dumps({"name": name, "company": "Analytical Engines"})
    return json.loads(server.node.sh(f"{PYTHON} - '{lead}'", stdin=WORK))


def sums(server: Installed) -> dict[str, Any]:
    """[rows, checksum] of every table that holds what people wrote."""
    return json.loads(server.node.sh(f"{PYTHON} -", stdin=SUMS))


def leads(server: Installed, name: str) -> int:
    """How many leads have a name, asked at the database."""
    return int(server.node.sh("runuser -u postgres -- psql -d customer -Atq -v ON_ERROR_STOP=1",
                              stdin=f"select count(*) from r_lead where name = '{name}'"))


def state(server: Installed) -> str:
    """What runs and what it reads."""
    return server.node.sh(
        f"systemctl show -p Id -p MainPID -p ActiveEnterTimestamp {' '.join(UNITS)}; "
        "readlink -f /opt/freehold/current; ls /opt/freehold; "
        "find /etc/freehold /etc/systemd /etc/rabbitmq /etc/postgresql -type f | sort | xargs sha256sum")
