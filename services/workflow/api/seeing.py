"""What the caller may be told of the records that runs and tasks are about.

Who manages rules sees what all of them did, but a record's title, and why a condition held for it, only where he sees
the record: the customer service is asked with his own token, once for each object of a page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask import current_app, request

from chassis.auth import Principal, current_principal

Link = tuple[str, str]  # object, id


def seen_records(links: Collection[Link]) -> set[Link]:
    """Those of the records that the caller sees; none that cannot be asked for."""
    principal = current_principal()
    return {link for name in sorted({name for name, _ in links})
            for link in _seen(principal, name, {id for of, id in links if of == name})}


def runs_as_seen(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs without what would tell of records, or of fields, that the caller may not read."""
    seen, principal = seen_records({(run["object"], run["record_id"]) for run in runs}), current_principal()
    return [run if _may_know(principal, run, seen) else _quiet(run, (run["object"], run["record_id"]) in seen)
            for run in runs]


def tasks_as_seen(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tasks without the titles of records that the caller does not see; his own name what they are about."""
    me = current_principal().user_id
    others = [task for task in tasks if task["link"] and me not in (task["assignee_id"], task["created_by"]["id"])]
    seen = seen_records({_link(task["link"]) for task in others})
    unseen = {task["id"] for task in others if _link(task["link"]) not in seen}
    return [_untitled(task) if task["id"] in unseen else task for task in tasks]


def kept_as_seen(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tasks that an undoing has left, without the titles of records that the caller does not see."""
    seen = seen_records({_link(task["link"]) for task in tasks if task["link"]})
    unseen = {task["id"] for task in tasks if task["link"] and _link(task["link"]) not in seen}
    return [_untitled(task) if task["id"] in unseen else task for task in tasks]


def instances_as_seen(instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Instances of processes without the titles of records that the caller does not see; to who applied they are told,
    as he saw the record then; a called process may be about another one."""
    me = current_principal().user_id
    others = [one for one in instances if one["called"] or one["applicant"]["id"] != me]
    seen = seen_records({_link(one["link"]) for one in others})
    unseen = {one["id"] for one in others if _link(one["link"]) not in seen}
    return [_untitled(one) if one["id"] in unseen else one for one in instances]


def _untitled(thing: dict[str, Any]) -> dict[str, Any]:
    return thing | {"link": thing["link"] | {"title": None}}


def _link(link: Mapping[str, Any]) -> Link:
    return link["object"], link["id"]


def _may_know(principal: Principal, run: Mapping[str, Any], seen: Collection[Link]) -> bool:
    policy = principal.objects(run["object"])
    return (run["object"], run["record_id"]) in seen and all(
        policy.readable(str(clause.get("field", "")).partition(".")[0]) and _sees_all(principal, clause)
        for clause in run["clauses"])


def _sees_all(principal: Principal, clause: Mapping[str, Any]) -> bool:
    """Whether nothing that a condition asked of related records is hidden from the caller."""
    return all("all" in (policy := principal.objects(name)).scopes and policy.allows("read")
               and all(map(policy.readable, members)) for name, members in clause.get("asks", ()))


def _quiet(run: Mapping[str, Any], is_seen: bool) -> dict[str, Any]:
    actions = [action | {"detail": None, "object": None, "record_id": None} for action in run["actions"]]
    return {**run, "record_title": run["record_title"] if is_seen else "", "reason": "", "clauses": [],
            "actions": actions, "error": None}


def _seen(principal: Principal, name: str, ids: Iterable[str]) -> set[Link]:
    policy, wanted = principal.objects(name), sorted(ids)
    if not policy.allows("read"):
        return set()
    if "all" in policy.scopes:
        return {(name, id) for id in wanted}
    answer = current_app.extensions["freehold"].calls.request(
        "customer", "POST", f"/v1/records/{name}/query", anonymous=True,
        headers={"Authorization": request.headers["Authorization"]},
        json={"criteria": {"field": "id", "op": "in", "value": wanted}, "fields": ["id"], "limit": 200})
    return {(name, item["id"]) for item in answer.json["items"]} if answer.status == 200 else set()
