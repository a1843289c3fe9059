"""What messages say: the changes as the person sees them whom the webhook acts as, asked of the customer service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chassis.clock import to_wire
from chassis.jsonio import dump_bytes
from services.notify.model.webhooks import TEST, told

if TYPE_CHECKING:
    from chassis.service import Service


UNKNOWN = b""  # in place of a body: what the person sees of this change cannot be found out
_CANNOT = (400, 413, 422, 500)


class PersonGone(Exception):
    """The person whom a webhook acts as is not active any more."""


def bodies_of(service: Service, hook: Any, messages: Sequence[Any]) -> dict[str, bytes | None]:
    """Return the body of each message by id, None for what the person does not see, UNKNOWN for what nobody can tell.

    Raises PersonGone, and CallFailed when the customer service does not answer.
    """
    bodies: dict[str, bytes | None] = {}
    by_object: dict[str, list[Any]] = defaultdict(list)
    for message in messages:
        if message.kind == TEST:
            bodies[message.id] = _body(message, {"webhook": hook.name})
        else:
            by_object[message.object].append(message)
    for name, some in by_object.items():
        for message, seen in zip(some, _seen(service, hook.acts_as, name, some), strict=True):
            bodies[message.id] = UNKNOWN if seen is UNKNOWN else _body_of_change(message, seen)
    return bodies


def _seen(service: Service, person: str, name: str, messages: Sequence[Any]) -> list[Any]:
    changes = [{"after": message.change["after"], "before": message.change["before"]} for message in messages]
    answer = service.calls.request("customer", "POST", f"/v1/records/{name}/seen",
                                   json={"person": person, "changes": changes})
    if answer.status == 404:  # the object is gone, and with it what anybody could see
        return [None] * len(messages)
    if answer.status == 409:
        raise PersonGone(person)
    if answer.status in _CANNOT:  # one change that cannot be judged holds up no other
        return [UNKNOWN] if len(messages) == 1 else [
            one for message in messages for one in _seen(service, person, name, [message])]
    return list(answer.raise_for_status().json["seen"])


def _body_of_change(message: Any, seen: Any) -> bytes | None:
    said = told(message.change, seen)
    return None if said is None else _body(message, {"object": message.object} | said)


def _body(message: Any, data: dict[str, Any]) -> bytes:
    return dump_bytes({"type": message.kind, "timestamp": to_wire(message.created_at), "data": data})
