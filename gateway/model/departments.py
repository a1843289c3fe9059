"""The tree of departments: parents, paths, and what must not happen to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MAX_LEVELS = 20
SEPARATOR = " / "


@dataclass(frozen=True)
class Node:
    """A department's place and name."""

    id: str
    name: str
    parent_id: str | None


class Tree:
    """All departments at one moment."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes: dict[str, Node] = {node.id: node for node in nodes}

    def with_node(self, node: Node) -> Tree:
        """Return the tree with `node` added or in a new place."""
        return Tree((self._nodes | {node.id: node}).values())

    def __contains__(self, id: str) -> bool:
        return id in self._nodes

    def ancestry(self, id: str) -> Sequence[Node] | None:
        """Return the nodes from the root down to `id`; None when parents form a circle or go too deep."""
        found: list[Node] = []
        current: str | None = id
        while current is not None:
            if len(found) == MAX_LEVELS:
                return None
            node = self._nodes[current]
            found.append(node)
            current = node.parent_id
        return found[::-1]

    def is_sound(self, ids: Iterable[str]) -> bool:
        """Tell whether all these have a way to a root that is short enough."""
        return all(self.ancestry(id) is not None for id in ids)

    def path(self, id: str) -> str:
        """Return the names from the root down to `id`."""
        return SEPARATOR.join(node.name for node in self.ancestry(id) or ())

    def below(self, id: str) -> list[str]:
        """Return `id` and all that hang under it."""
        children: dict[str | None, list[str]] = {}
        for node in self._nodes.values():
            children.setdefault(node.parent_id, []).append(node.id)
        found: dict[str, None] = {}
        waiting = [id]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found[current] = None
                waiting.extend(children.get(current, ()))
        return list(found)


def makes_circle(tree: Tree, node: Node) -> bool:
    """Tell whether `node` would hang under itself."""
    return node.parent_id is not None and node.parent_id in tree.below(node.id)


def paths(tree: Tree, ids: Iterable[str]) -> Mapping[str, str]:
    """Return id → path."""
    return {id: tree.path(id) for id in ids}
