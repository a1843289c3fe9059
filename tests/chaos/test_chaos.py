"""The short form of the chaos run: one process of each kind is killed under load, then every effect is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.chaos import SHORT, run
from tests.support.product import UNLIMITED, full_product


@pytest.mark.timeout(600)
def test_every_accepted_write_has_exactly_one_effect_whatever_is_killed(tmp_path: Path) -> None:
    with full_product(tmp_path, env=UNLIMITED) as product:
        load, count = run(product, SHORT, rate=40, pause=3.0)
    assert count.accepted > 100
    assert not load.refused
    assert count.perfect, count
