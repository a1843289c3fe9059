"""The migrations, which are frozen, give exactly the tables that the code of today speaks of."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text

from chassis.db.engine import Database
from chassis.db.migrate import is_behind, is_current, migrate
from chassis.db.tables import metadata as chassis_metadata
from freehold.services import PACKAGES, spec_of


@pytest.mark.parametrize("name", PACKAGES)
def test_a_migrated_database_is_what_the_tables_say(name: str, database_url: str) -> None:
    spec = spec_of(name)
    with closing(Database(database_url, name)) as database:
        assert not is_current(database, spec.migrations)
        migrate(database, spec.migrations)
        migrate(database, spec.migrations)
        assert is_current(database, spec.migrations)
        with database.unit_of_work() as uow:
            context = MigrationContext.configure(uow.connection, opts={"include_object": _ours, "compare_type": False})
            assert compare_metadata(context, _together(spec.metadata)) == []


def test_a_database_is_behind_before_its_migrations_and_not_when_it_is_ahead(database_url: str) -> None:
    spec = spec_of("notify")
    with closing(Database(database_url, "notify")) as database:
        assert is_behind(database, spec.migrations)
        migrate(database, spec.migrations)
        assert not is_behind(database, spec.migrations)
        with database.unit_of_work() as uow:
            uow.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert not is_behind(database, spec.migrations)
        with database.unit_of_work() as uow:
            uow.execute(text("UPDATE alembic_version_chassis SET version_num = 'c0001'"))
        assert is_behind(database, spec.migrations)


def test_migrations_do_not_follow_the_tables_of_today() -> None:
    root = Path(__file__).resolve().parents[3]
    files = [*root.glob("chassis/db/migrations/0*.py"), *root.glob("gateway/store/migrations/0*.py"),
             *root.glob("services/*/store/migrations/0*.py")]
    assert len(files) >= len(PACKAGES) + 1
    assert [file.name for file in files if "create_all" in file.read_text(encoding="utf-8")] == []


def _together(own: MetaData) -> MetaData:
    whole = MetaData()
    for table in (*chassis_metadata.sorted_tables, *own.sorted_tables):
        table.to_metadata(whole)
    return whole


def _ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leaves out Alembic's own table, and the index of the search, for which tables have no words."""
    if kind == "table":
        return name is None or not name.startswith(("alembic_version", "search_words"))
    return name not in ("search_entry_tokens", "fts_id")
