"""A customer service on SQLite and on PostgreSQL with objects that have to do with each other in every way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from services.customer.usecases.bulk import work as bulk_work
from services.customer.usecases.calculations import recalculate
from services.customer.usecases.handover import work as handover_work
from services.customer.usecases.imports import passes
from services.customer.usecases.segments import settle

from .world import Stage, found


@pytest.fixture
def stage(tmp_path: Path, own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The company before anybody has written anything; one process, and pieces of two or three records."""
    for module in (recalculate, settle):
        monkeypatch.setattr(module, "NOTICED", timedelta(0))
    for module, name in ((bulk_work, "CHUNK"), (handover_work, "_CHUNK"), (passes, "CHUNK")):
        monkeypatch.setattr(module, name, 3)
    url, founded = own_database.begin("nothing_else", lambda url: _founded(tmp_path / "founded", url))
    with closing(founded.harness.on_copy(tmp_path, url)) as harness:
        yield replace(founded, harness=harness)


def _founded(folder: Path, url: str) -> Stage:
    with closing(Harness(SPEC, folder, url)) as harness:
        return found(harness)
