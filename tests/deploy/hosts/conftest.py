"""One server for all tests of this folder: installed from the sealed bundle, without any network.

FREEHOLD_TEST_SERVER names a folder, for who works on the kit: the server that was installed stays, with its controller
in that folder, and the next run goes on with it. `docker rm -f -v $(cat FOLDER/name)` and removing the folder end it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.deploy.hosts.figures import note, table
from tests.deploy.hosts.nodes import ROOT, Controller, Installed, Node, command
from tests.deploy.hosts.sealing import seal
from tests.deploy.hosts.three import Three, three_servers

BUNDLE = Path("/var/tmp/freehold-test-nodes")
KEPT = os.environ.get("FREEHOLD_TEST_SERVER", "")


@pytest.fixture(scope="session")
def bundle(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The sealed bundle and who signed it; packages and wheels are fetched once on a machine."""
    command(str(ROOT / "tests/deploy/hosts/make-node.sh"), str(BUNDLE), timeout=1200)
    with TemporaryDirectory(prefix="freehold-test-bundle-", dir=BUNDLE.parent) as folder:  # links need one file system
        yield seal(BUNDLE, BUNDLE / "workshop", Path(folder))


@pytest.fixture(scope="session")
def server(bundle: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A server on which Freehold was installed from nothing."""
    if KEPT:
        yield _kept(Path(KEPT), bundle)
        return
    folder = tmp_path_factory.mktemp("controller")
    node = Node(folder)
    try:
        yield _installed(node.start(), folder, bundle)
    finally:
        node.stop()


@pytest.fixture(scope="session")
def three(bundle: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """Three servers that are one installation, set up from nothing."""
    with three_servers(tmp_path_factory.mktemp("three"), bundle) as servers:
        yield servers


def _kept(folder: Path, bundle: tuple[Path, str]) -> Installed:
    name, recap = folder / "name", folder / "recap.json"
    if recap.exists():
        node = Node(folder, name.read_text(encoding="utf-8"))
        return Installed(node, Controller(folder, node, *bundle), json.loads(recap.read_text(encoding="utf-8")))
    folder.mkdir(parents=True, exist_ok=True)
    node = Node(folder).start()
    name.write_text(node.name, encoding="utf-8")
    installed = _installed(node, folder, bundle)
    recap.write_text(json.dumps(installed.recap), encoding="utf-8")
    return installed


def _installed(node: Node, folder: Path, bundle: tuple[Path, str]) -> Installed:
    controller = Controller(folder, node, *bundle)
    controller.inventory()
    recap, _ = controller.install()
    note("memory of all processes after the installation", node.memory(), "MB")
    return Installed(node, controller, recap)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was measured by the way."""
    if lines := table():
        terminalreporter.section("time and memory")
        for line in lines:
            terminalreporter.write_line(line)
