"""Messages: CloudEvents 1.0 in JSON, with Freehold's extension attributes for the chain of causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.clock import to_wire, utcnow
from chassis.context import Cause, Origin, current_cause
from chassis.ids import is_id, new_id
from chassis.jsonio import dumps, loads


class MalformedMessage(ValueError):
    """Bytes from the broker are not one of our messages."""


@dataclass(frozen=True)
class Message:
    """One event: something that has happened, said by the service that owns it."""

    id: str
    type: str
    source: str
    subject: str | None
    time: str
    data: dict[str, Any]
    request_id: str
    causation_id: str | None = None
    depth: int = 0
    traceparent: str | None = None

    def to_json(self) -> str:
        """Render as a CloudEvent in JSON."""
        event = {"specversion": "1.0", "id": self.id, "source": self.source, "type": self.type, "time": self.time,
                 "datacontenttype": "application/json", "requestid": self.request_id, "depth": self.depth,
                 "data": self.data}
        optional = {"subject": self.subject, "causationid": self.causation_id, "traceparent": self.traceparent}
        return dumps(event | {name: value for name, value in optional.items() if value is not None})

    def cause(self) -> Cause:
        """Return the cause that work on this message has: it continues the chain that led to the message."""
        origin = self.data.get("origin") or {}
        return Cause(request_id=self.request_id, causation_id=self.id, depth=self.depth,
                     origin=Origin(origin.get("kind", "system"), origin.get("id"), origin.get("name")),
                     bulk_id=self.data.get("bulk"), traceparent=self.traceparent)


def new_message(service: str, type: str, subject: str | None, data: dict[str, Any]) -> Message:
    """Make a message of `service` about the present work."""
    cause = current_cause()
    return Message(id=new_id(), type=type, source=f"/freehold/{service}", subject=subject, time=to_wire(utcnow()),
                   data=data, request_id=cause.request_id, causation_id=cause.causation_id, depth=cause.depth,
                   traceparent=cause.traceparent)


def message_from_json(body: str | bytes) -> Message:
    """Read a message; raises MalformedMessage when it is none."""
    try:
        event = loads(body)
        if event["specversion"] != "1.0" or not is_id(event["id"]) or not isinstance(event["data"], dict):
            raise MalformedMessage("not a CloudEvent of Freehold")
        return Message(id=event["id"], type=event["type"], source=event["source"], subject=event.get("subject"),
                       time=event["time"], data=event["data"], request_id=event["requestid"],
                       causation_id=event.get("causationid"), depth=event["depth"],
                       traceparent=event.get("traceparent"))
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedMessage(f"not a CloudEvent of Freehold: {error}") from error
