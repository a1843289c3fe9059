"""Packs as they are installed, and how an installation goes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from gateway.store.tables import pack, pack_run


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


def find_run(connection: Connection, id: str) -> Any | None:
    """One upload or installation."""
    return connection.execute(select(pack_run).where(pack_run.c.id == id)).first()


def shown_run(row: Any) -> dict[str, Any]:
    """An installation as the API shows it."""
    return {"id": row.id, "pack": row.pack, "version": row.manifest["version"], "label": row.manifest["label"],
            "state": row.state, "progress": {"done": row.done, "total": len(row.items)}, "problem": row.problem,
            "left": row.result or []}
