"""One server for all tests of this folder: installed by Ansible, without any network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.hosts.nodes import ROOT, Controller, Node, command

BUNDLE = Path("/var/tmp/freehold-test-nodes")


@dataclass(frozen=True)
class Installed:
    """An installed server and what the installation said."""

    node: Node
    controller: Controller
    recap: dict[str, int]


@pytest.fixture(scope="session")
def bundle(engine: None) -> Path:
    """Packages and wheels that an installation needs; made once on a machine."""
    command(str(ROOT / "tests/deploy/hosts/make-node.sh"), str(BUNDLE), timeout=1200)
    return BUNDLE


@pytest.fixture(scope="session")
def server(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A server on which Freehold was installed from nothing."""
    folder = tmp_path_factory.mktemp("controller")
    node = Node(folder)
    try:
        controller = Controller(folder, node.start(), bundle)
        controller.inventory()
        recap, _ = controller.install()
        yield Installed(node, controller, recap)
    finally:
        node.stop()
