"""Asking the notify service to tell people something.

The id of a notification is made from what caused it, so the same wish said twice is one message.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.clock import to_wire

_SPACE = uuid.UUID("5b0f1f0e-7c51-4d0e-9a53-2f6a6c1d7b10")


def notification(cause: tuple[Any, ...], user_id: str, template: str, params: Mapping[str, Any],
                 link: Mapping[str, Any] | None, bulk: str | None,
                 channels: Sequence[str] | None = None) -> dict[str, Any]:
    """Return one wish; `cause` says in a few words what it belongs to, among them the recipient. Without `channels`
    he is told as he has chosen."""
    id = str(uuid.uuid5(_SPACE, "/".join(map(str, cause))))
    wish = {"id": id, "user_id": user_id, "template": template, "params": dict(params), "link": link, "bulk": bulk}
    return wish | {"channels": list(channels)} if channels else wish


def task_notification(task: Mapping[str, Any], cause: tuple[Any, ...], *, by: Any, rule: Any = None,
                      bulk: str | None = None) -> dict[str, Any]:
    """Return the wish to tell the assignee of a task; `by` names the person or the rule it comes from."""
    due_at = task["due_at"]
    link = {"object": task["link_object"], "id": task["link_id"], "title": task["link_title"]}
    params = {"task_id": task["id"], "task": task["title"], "title": task["title"], "kind": task["kind"],
              "due_at": to_wire(due_at) if due_at else None, "record": task["link_title"] or "", "by": by,
              "rule": rule, "count": 1}
    return notification(cause, task["assignee_id"], "task_assigned", params,
                        link=link if task["link_id"] else None, bulk=bulk)
