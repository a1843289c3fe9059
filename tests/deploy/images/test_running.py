"""The images run as an installation runs them: read-only, without capabilities, as nobody special."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.images.recipes import RECIPES
from freehold import __version__
from tests.support.engine import docker, owners, run_locked, wait_healthy

Images = dict[str, dict[str, Any]]
UID = {recipe.name: recipe.uid for recipe in RECIPES}


@pytest.fixture
def started(images: Images) -> Iterator[list[str]]:
    """Containers that this test started; they end with it."""
    ids: list[str] = []
    yield ids
    for id in ids:
        docker("rm", "--force", "--volumes", id)


def capabilities(container: str) -> str:
    pid = docker("inspect", "--format", "{{.State.Pid}}", container)
    status = Path("/proc", pid, "status").read_text()
    return next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))


def test_the_application_becomes_ready(images: Images, started: list[str]) -> None:
    home = f"/var/lib/freehold:mode=0700,uid={UID['app']},gid={UID['app']}"
    started.append(
        run_locked(
            images["app"]["id"], "--tmpfs", home, "--env", "FREEHOLD_MODE=embedded", command=["run", "--no-demo"]
        )
    )
    wait_healthy(started[0], 120)
    assert owners(started[0]) == {str(UID["app"])}
    assert int(capabilities(started[0]), 16) == 0


def test_the_application_knows_its_version_and_every_role(images: Images) -> None:
    said = docker("run", "--rm", "--network", "none", "--read-only", images["app"]["id"], "--version")
    assert said.endswith(__version__)
    help = docker("run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", images["app"]["id"], "--help")
    assert {"gateway", "customer", "workflow", "notify", "report", "prepare", "servers", "first-start"} <= set(
        help.split()
    )


def test_no_byte_code_is_missing(images: Images) -> None:
    program = (
        "import os, sys, freehold.cli, gateway.bootstrap, services.customer.bootstrap, services.report.bootstrap\n"
        "specs = [m.__spec__ for m in sys.modules.values() if getattr(m, '__spec__', None)]\n"
        "print(len(specs) > 500, [s.name for s in specs if s.cached and not os.path.exists(s.cached)])"
    )
    said = docker(
        "run",
        "--rm",
        "--network",
        "none",
        "--read-only",
        "--entrypoint",
        "/usr/bin/python3",
        images["app"]["id"],
        "-I",
        "-c",
        program,
    )
    assert said == "True []"


def test_postgres_makes_a_cluster_and_keeps_it(images: Images, started: list[str], tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("a-password-of-this-test\n")
    password.chmod(0o644)
    volume = docker("volume", "create")
    try:
        for _ in range(2):
            started.append(
                run_locked(
                    images["postgres"]["id"],
                    "--mount",
                    f"type=volume,src={volume},dst=/var/lib/postgresql",
                    "--volume",
                    f"{password}:/run/secrets/password:ro",
                    "--env",
                    "POSTGRES_PASSWORD_FILE=/run/secrets/password",
                )
            )
            wait_healthy(started[-1])
            assert owners(started[-1]) == {str(UID["postgres"])}
            docker("stop", started[-1])
            assert docker("inspect", "--format", "{{.State.ExitCode}}", started[-1]) == "0"
    finally:
        for id in started:
            docker("rm", "--force", id)
        started.clear()
        docker("volume", "rm", volume)


def test_postgres_starts_with_no_default_password(images: Images, started: list[str]) -> None:
    started.append(run_locked(images["postgres"]["id"], "--tmpfs", f"/var/lib/postgresql:uid={UID['postgres']}"))
    assert docker("wait", started[0]) == "78"


def test_rabbitmq_becomes_ready(images: Images, started: list[str]) -> None:
    home = f"/var/lib/rabbitmq:mode=0700,uid={UID['rabbitmq']},gid={UID['rabbitmq']}"
    started.append(run_locked(images["rabbitmq"]["id"], "--tmpfs", home))
    wait_healthy(started[0], 120)
    assert owners(started[0]) == {str(UID["rabbitmq"])}


def test_the_edge_serves_the_console(images: Images, started: list[str], tmp_path: Path) -> None:
    config = tmp_path / "nginx.conf"
    made = docker(
        "run",
        "--rm",
        "--network",
        "none",
        "--read-only",
        images["app"]["id"],
        "edge",
        "nginx-config",
        "--listen",
        "0.0.0.0:8080",
        "--console-dir",
        "/usr/share/freehold/console",
    )
    config.write_text(made)
    started.append(
        run_locked(
            images["edge"]["id"],
            "--volume",
            f"{config}:/etc/freehold/edge/nginx.conf:ro",
            "--tmpfs",
            f"/run/freehold-edge:uid={UID['edge']},mode=0700",
        )
    )
    program = (
        "import urllib.request, time\nfor _ in range(50):\n"
        " try: print(urllib.request.urlopen('http://127.0.0.1:8080/').read().decode()); break\n"
        " except OSError: time.sleep(0.1)"
    )
    page = docker(
        "run",
        "--rm",
        "--network",
        f"container:{started[0]}",
        "--entrypoint",
        "/usr/bin/python3",
        images["app"]["id"],
        "-I",
        "-c",
        program,
    )
    assert "<title>Freehold" in page
    assert owners(started[0]) == {str(UID["edge"])}


@pytest.mark.parametrize(
    "program", ["prometheus", "promtool", "prometheus-alertmanager", "amtool", "prometheus-postgres-exporter"]
)
def test_the_watching_programs_run(images: Images, program: str) -> None:
    docker(
        "run",
        "--rm",
        "--network",
        "none",
        "--read-only",
        "--cap-drop",
        "ALL",
        images["prometheus"]["id"],
        program,
        "--version",
    )


def test_prometheus_accepts_the_rules_that_ship_with_it(images: Images) -> None:
    said = docker(
        "run",
        "--rm",
        "--network",
        "none",
        "--read-only",
        "--cap-drop",
        "ALL",
        images["prometheus"]["id"],
        "promtool",
        "check",
        "config",
        "/etc/freehold/prometheus/prometheus.yml",
    )
    assert "SUCCESS" in said
