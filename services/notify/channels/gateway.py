"""SMS by any gateway that speaks HTTP: a signed `POST` with JSON, in the form of Standard Webhooks.

Body: `{"id", "to", "text", "template", "locale", "link"}`. The id is in the header `webhook-id` too and stays the same
however often a message is sent, so that the gateway knows a repeat. It answers 2xx for what it takes, 409 for what it
has taken before, 4xx for what it never will; 429 and every 5xx say that nothing was taken.
"""

from __future__ import annotations

from chassis.clock import utcnow
from chassis.jsonio import dump_bytes
from services.notify.channels.base import Account, Note, ask, wish
from services.notify.model.webhooks import signature
from services.notify.outcomes import Refused, Unavailable

_KNOWN, _BUSY = 409, 429
_NOT_US = (401, 403, 404, 405)


def send(account: Account, to: str, note: Note) -> str:
    """Hand a message over; returns what the gateway answered."""
    stamp = int(utcnow().timestamp())
    body = dump_bytes({"id": note.key, "to": to, "text": note.text, "template": note.template, "locale": note.locale,
                       "link": note.url})
    reply = ask(account, "POST", account.address, body, {
        "Content-Type": "application/json", "User-Agent": "Freehold-Messages/1", "webhook-id": note.key,
        "webhook-timestamp": str(stamp), "webhook-signature": signature([account.secret], note.key, stamp, body)})
    said = f"{reply.status} {reply.text}"[:300].strip()
    if 200 <= reply.status < 300 or reply.status == _KNOWN:
        return said
    if reply.status == _BUSY:
        raise Unavailable(said, wait=wish(reply))
    if reply.status >= 500 or reply.status < 400 or reply.status in _NOT_US:
        raise Unavailable(said, trouble=True, wait=wish(reply))
    raise Refused(said)
