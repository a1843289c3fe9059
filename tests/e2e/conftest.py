"""The product under test: started once embedded and once full; the same tests run over both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.product import Product, embedded_product, full_product


@pytest.fixture(scope="module", params=["embedded", "full"])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    home = tmp_path_factory.mktemp(request.param)
    started = embedded_product(home) if request.param == "embedded" else full_product(home)
    with started as live:
        yield live
