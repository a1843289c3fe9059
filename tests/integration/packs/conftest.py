"""One product per module and kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.pack_product import Product, services


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """An installation without any pack, for all tests of a module."""
    databases = {}
    if request.param == "postgres":
        make: Callable[[str], str] = request.getfixturevalue("make_postgres_database")
        databases = {name: make(name) for name in services()}
    made = Product(tmp_path_factory.mktemp("home"), databases)
    yield made
    made.stop()
