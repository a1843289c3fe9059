"""Packs and their items, and the table of the parts that a pack may have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """One kind of item: where its files are, which member is its key, where the list is in a single file."""

    kind: str
    place: str
    key: str
    single: str | None = None


PARTS: tuple[Part, ...] = (
    Part("group", "groups", "key", single="groups"),
    Part("tag", "tags", "key", single="tags"),
    Part("object", "objects", "name"),
    Part("layout", "layouts", "key"),
    Part("task_kind", "task-kinds", "key", single="task_kinds"),
    Part("template", "templates", "key"),
    Part("mail_template", "mail-templates", "key"),
    Part("dashboard", "dashboards", "key"),
    Part("analysis", "analyses", "key"),
    Part("role", "roles", "key"),
    Part("pool", "pools", "key"),
    Part("segment", "segments", "key"),
    Part("process", "processes", "key"),
    Part("rule", "rules", "key"),
    Part("view", "views", "key"),
    Part("sharing_rule", "sharing-rules", "key"),
    Part("web_form", "web-forms", "slug"),
    Part("duplicate_setup", "duplicates", "object"),
    Part("retention_rule", "retention", "key"),
)
PART_OF = {part.place: part for part in PARTS}


@dataclass(frozen=True)
class Item:
    """One thing that a pack installs; `pointer` is its place in the file."""

    kind: str
    key: str
    file: str
    body: dict[str, Any] = field(repr=False)
    pointer: str = ""

    @property
    def name(self) -> str:
        """The name of the item across kinds, as state files use it."""
        return f"{self.kind}/{self.key}"


@dataclass(frozen=True)
class Pack:
    """A pack as its files describe it; the items stand in the pack's order."""

    name: str
    version: str
    manifest: dict[str, Any] = field(repr=False)
    items: tuple[Item, ...] = field(repr=False)

    @property
    def required(self) -> list[tuple[str, str]]:
        """The packs that it builds on, each with its least version or an empty text."""
        parts = (one.partition(">=") for one in self.manifest["requires"].get("packs", ()))
        return [(name, least) for name, _, least in parts]

    def of(self, kind: str) -> tuple[Item, ...]:
        """The items of one kind."""
        return tuple(item for item in self.items if item.kind == kind)
