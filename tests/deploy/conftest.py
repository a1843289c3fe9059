"""What the tests of images, bundle and installations share. They are marked `deploy` and need root or docker rights."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.engine import container_engine, load_images

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "deploy" / "bundle"))  # where the bundle's own program is


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.deploy)


@pytest.fixture(scope="session")
def engine() -> Iterator[None]:
    """A container engine."""
    with container_engine():
        yield


@pytest.fixture(scope="session")
def images(engine: None) -> dict[str, dict[str, Any]]:
    """The images of this working copy, loaded; by short name."""
    return load_images()
