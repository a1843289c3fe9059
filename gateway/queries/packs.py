"""Packs as they are installed, and how an installation goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from gateway.store.tables import pack, pack_run

GOING = ("installing", "removing")
MAX_RUNS = 20


def list_packs(connection: Connection) -> list[dict[str, Any]]:
    """Every pack that was installed, by name; there are few."""
    rows = connection.execute(
        select(pack.c.name, pack.c.version, pack.c.label, pack.c.installed_at).order_by(pack.c.name))
    return [dict(row._mapping) for row in rows]


def installed_pack(connection: Connection, name: str) -> dict[str, Any] | None:
    """One pack with its items as they were installed last."""
    row = connection.execute(select(pack).where(pack.c.name == name)).first()
    return dict(row._mapping) if row else None


def others_of(connection: Connection, name: str) -> tuple[set[str], list[str]]:
    """The items of all other packs, and those packs that need this one."""
    rows = connection.execute(select(pack.c.name, pack.c["items"], pack.c.requires).where(pack.c.name != name)).all()
    needing = sorted(other for other, _, requires in rows if name in (requires or ()))
    return {item for _, items, _ in rows for item in items}, needing


def recent_runs(connection: Connection, since: datetime) -> list[Any]:
    """Installations and removals that go on, and those that ended lately, the newest first."""
    going = pack_run.c.state.in_(GOING)
    return list(connection.execute(select(pack_run).where(or_(going, pack_run.c.finished_at > since)).order_by(
        pack_run.c.created_at.desc(), pack_run.c.id).limit(MAX_RUNS)))


def find_run(connection: Connection, id: str) -> Any | None:
    """One upload or installation."""
    return connection.execute(select(pack_run).where(pack_run.c.id == id)).first()


def shown_run(row: Any) -> dict[str, Any]:
    """An installation as the API shows it."""
    kind = "installation" if "name" in row.manifest else "removal"
    return {"id": row.id, "pack": row.pack, "kind": kind, "version": row.manifest["version"],
            "label": row.manifest["label"], "state": row.state,
            "progress": {"done": row.done, "total": len(row.items)}, "problem": row.problem, "left": row.result or []}
