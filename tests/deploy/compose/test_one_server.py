"""compose.yaml as a company starts it: every role in its container, the main job, and a second start."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from chassis.testkit.processes import free_port
from deploy.images.recipes import RECIPES
from freehold.certificate import make_certificate
from freehold.demo.messy import make_sheet, write_sheet
from tests.support.engine import ROOT, compose_command, docker, owners
from tests.support.main_job import (
    count_leads,
    eventually,
    found_company,
    lists_by,
    numbers_by,
    run_step,
    upload,
    write_rule,
)
from tests.support.product import Product

ROWS, WRONG = 400, 40
LASTING = (
    "postgres",
    "rabbitmq",
    "edge",
    "prometheus",
    "report-web",
    *(f"{service}-{kind}" for service in ("gateway", "customer", "workflow", "notify") for kind in ("web", "worker")),
)


class OneServer:
    """An installation by compose.yaml with names and addresses of its own."""

    def __init__(self) -> None:
        self.project = f"freeholdtest{os.getpid()}"
        self.port, self.watch_port = free_port(), free_port()
        self.env = dict(os.environ) | {
            "FREEHOLD_PORT": str(self.port),
            "FREEHOLD_BIND": "127.0.0.1",
            "FREEHOLD_PROMETHEUS_PORT": str(self.watch_port),
            "COMPOSE_PROFILES": "watch",
            "FREEHOLD_NET": f"172.31.{os.getpid() % 200 + 20}",
        }

    def compose(self, *arguments: str, seconds: float = 600) -> str:
        """Run a compose command; returns what it printed."""
        done = subprocess.run(
            [*compose_command(), "-p", self.project, "-f", str(ROOT / "compose.yaml"), *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr[-3000:]}{done.stdout[-1000:]}"
        return done.stdout

    def container(self, name: str) -> str:
        """The id of a service's container."""
        return (
            self.compose("ps", "--all", "-q", name).strip()
            if compose_command()[0] == "docker"
            else self.compose("ps", "-q", name).strip()
        )

    def read(self, volume: str, path: str) -> str:
        """A file of a volume."""
        return docker(
            "run",
            "--rm",
            "--user",
            "0",
            "--network",
            "none",
            "-v",
            f"{self.project}_{volume}:/v:ro",
            "--entrypoint",
            "/usr/bin/python3",
            "freehold/app:0.1.0",
            "-c",
            f"print(open('/v/{path}').read())",
        )

    def end_of_first_start(self, seconds: float = 240) -> str:
        """What the last step of a start said, when it has ended well."""
        until = time.monotonic() + seconds
        while not (id := self.container("first-start")) or docker("inspect", "-f", "{{.State.Status}}", id) != "exited":
            assert time.monotonic() < until, self.compose("ps")
            time.sleep(1)
        said = docker("logs", id)
        assert docker("inspect", "-f", "{{.State.ExitCode}}", id) == "0", said
        return said


@pytest.fixture(scope="module")
def server(images: dict[str, Any]) -> Iterator[OneServer]:
    one = OneServer()
    try:
        one.compose("up", "--detach")
        one.end_of_first_start()
        yield one
    finally:
        one.compose("down", "--volumes", "--timeout", "5")


@pytest.fixture(scope="module")
def product(server: OneServer, tmp_path_factory: pytest.TempPathFactory) -> Product:
    certificate: Path = tmp_path_factory.mktemp("compose") / "tls.crt"
    certificate.write_text(server.read("edge", "tls.crt"))
    return Product(
        f"https://127.0.0.1:{server.port}",
        server.read("gateway", "admin-password").strip(),
        certificate.parent,
        certificate,
    )


def users(product: Product) -> list[tuple[str, str]]:
    """Id and name of everybody."""
    found = product.administrator().get("/api/gateway/v1/users", limit=100)["items"]
    return [(one["id"], one["username"]) for one in found]


def test_the_main_job_passes(product: Product, tmp_path: Path) -> None:
    company = found_company(product)
    write_rule(company)
    sheet = make_sheet(ROWS, WRONG)
    file = tmp_path / "leads.xlsx"
    write_sheet(sheet, file)
    made = upload(company.admin, file)
    run_step(company.admin, made["id"], "check", ("checked", "failed"))
    done = run_step(company.admin, made["id"], "start", ("finished", "failed"))
    assert (done["state"], done["summary"]["create"]) == ("finished", sheet.unique_valid)
    eventually(
        lambda: sum(count_leads(person) for person in company.sellers.values()) == sheet.east_large,
        "all large leads of the East are shared out",
        180,
    )
    counted = lists_by(company.admin, "region")
    assert sum(counted.values()) == sheet.unique_valid
    eventually(lambda: numbers_by(company.admin, "region") == counted, "the report says what the lists say")


@pytest.mark.parametrize("name", LASTING)
def test_nobody_is_root_and_nothing_is_writable(server: OneServer, product: Product, name: str) -> None:
    id = server.container(name)
    uids = {str(recipe.uid) for recipe in RECIPES}
    assert owners(id) <= uids
    assert docker("inspect", "-f", "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}", id) == "true [ALL]"


def test_only_the_front_door_is_published(server: OneServer, product: Product) -> None:
    published = {name: docker("port", server.container(name)) for name in LASTING}
    assert {name for name, ports in published.items() if ports} == {"edge", "prometheus"}
    assert published["prometheus"] == f"9090/tcp -> 127.0.0.1:{server.watch_port}"


def test_prometheus_sees_every_role(server: OneServer, product: Product) -> None:
    def asked(question: str) -> dict[str, str]:
        address = f"http://127.0.0.1:{server.watch_port}/api/v1/query?query={question}"
        found = urllib3.request("GET", address).json()["data"]["result"]
        return {one["metric"].get("role", one["metric"]["job"]): one["value"][1] for one in found}

    watched = {name for name in LASTING if "-" in name} | {"rabbitmq"}
    eventually(lambda: {name for name, up in asked("up").items() if up == "1"} == watched, f"all up: {asked('up')}")


def test_no_service_reads_the_secrets_of_another(server: OneServer, product: Product) -> None:
    for name in ("gateway-web", "customer-worker", "report-web"):
        mounted = docker("inspect", "-f", "{{range .Mounts}}{{.Name}} {{end}}", server.container(name)).split()
        assert mounted == [f"{server.project}_{name.partition('-')[0]}"]


def test_a_second_start_keeps_data_and_secrets(server: OneServer, product: Product) -> None:
    secrets = {part: server.read(part, "database-url") for part in ("gateway", "customer")}
    before = users(product)
    server.compose("down", "--timeout", "20")
    server.compose("up", "--detach")
    said = server.end_of_first_start()
    assert re.search("first password is in", said)
    assert {part: server.read(part, "database-url") for part in secrets} == secrets
    assert users(product) == before


def test_the_commands_of_the_guide_work(server: OneServer, product: Product) -> None:
    said = server.compose("run", "--rm", "--no-deps", "-T", "first-start", "first-start", "--show-password")
    assert f"The first password is {product.password}" in said
    assert server.compose("exec", "-T", "workflow-worker", "freehold", "workflow", "dead-letters", "list") == ""
    password = server.compose("exec", "-T", "gateway-worker", "freehold", "admin", "reset-password").strip()
    answer = product.send("POST", "/api/auth/login", {"username": "admin", "password": password}, {})
    assert answer.status == 200
    said = server.compose("run", "--rm", "--no-deps", "-T", "first-start", "first-start", "--show-password")
    assert "has been changed since" in said


def test_the_companys_certificate_takes_the_place_of_the_first(
    server: OneServer, product: Product, tmp_path: Path
) -> None:
    make_certificate(tmp_path / "tls.crt", tmp_path / "tls.key", "crm.example.com")
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    tmp_path.chmod(0o755)
    copy = "import shutil; [shutil.copyfile(f'/in/tls.{e}', f'/e/tls.{e}') for e in ('crt','key')]"
    docker(
        "run",
        "--rm",
        "--user",
        "10001:10004",
        "-v",
        f"{server.project}_edge:/e",
        "-v",
        f"{tmp_path}:/in:ro",
        "--entrypoint",
        "python3",
        "freehold/app:0.1.0",
        "-c",
        copy,
    )
    server.compose("restart", "edge")
    shown = eventually(lambda: _shown_certificate(server.port), "the edge answers again")
    assert shown == (tmp_path / "tls.crt").read_text()


def _shown_certificate(port: int) -> str:
    try:
        return ssl.get_server_certificate(("127.0.0.1", port))
    except OSError:
        return ""
