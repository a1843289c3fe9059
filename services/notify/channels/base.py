"""What every client of a provider has in common: what it is given, and how an answer over HTTP is read.

A client says what became of a message by the exceptions of `outcomes`. An answer that can be read is believed. One that
cannot, with a status from 500 on, may come from something between us and the provider that had passed the message on;
so it is uncertain, except 503 and 429, which say that nothing was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from chassis.jsonio import loads
from services.notify.outcomes import Refused, Unavailable, Uncertain
from services.notify.outside import AddressRefused, Outside, Reply, Unanswered, Unreachable

MOST_READ = 1 << 20
_BUSY = (429, 503)


@dataclass(frozen=True)
class Note:
    """One message on its way to one person: its texts, the page it is about, and how another text of it is filled."""

    key: str
    template: str
    locale: str
    subject: str
    body: str
    url: str
    moment: str  # when it goes out, in the reader's time
    fill: Callable[[str], str]

    @property
    def text(self) -> str:
        return f"{self.subject}\n{self.body}".strip()


class Tokens(Protocol):
    """Keeps an access token until it runs out, for all workers."""

    def held(self) -> str | None:
        """The token that is kept, if it still lives."""

    def keep(self, token: str, seconds: int) -> None:
        """Keep a new one."""

    def drop(self, token: str) -> None:
        """Forget one that the provider does not take any more."""


@dataclass(frozen=True)
class Account:
    """One account at a provider, with what the client needs to speak to it."""

    provider: str
    address: str
    settings: Mapping[str, Any]
    secret: str
    outside: Outside
    tokens: Tokens

    @property
    def host(self) -> str:
        """The name that is signed: another one than in the address when a proxy stands between."""
        return str(self.settings.get("host") or urlsplit(self.address).netloc)


@dataclass(frozen=True)
class Said:
    """An answer that could be read."""

    status: int
    json: Mapping[str, Any]
    text: str


Client = Callable[[Account, str, Note], str]  # returns what the other side said; raises `outcomes`


def exchange(account: Account, method: str, url: str, body: bytes | None, headers: Mapping[str, str],
             mark: str) -> Said:
    """Send a request and read the answer: a JSON object with the member `mark`, which all of the provider's have and
    those of something in between have not."""
    reply = ask(account, method, url, body, headers)
    try:
        json = loads(reply.body)
    except ValueError:
        json = None
    if isinstance(json, dict) and mark in json:
        return Said(reply.status, json, reply.text)
    raise _unread(reply)


def ask(account: Account, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
    """Send a request; raises Unavailable when it cannot have arrived, Uncertain when nobody knows."""
    try:
        return account.outside.ask(method, url, body, headers, most=MOST_READ)
    except Unanswered as error:
        raise Uncertain(str(error)[:300]) from error
    except (AddressRefused, Unreachable) as error:
        raise Unavailable(str(error)[:300], trouble=True) from error


def wish(reply: Reply) -> timedelta | None:
    """How many seconds the other side asks to be left alone, at most an hour."""
    text = reply.headers.get("retry-after", "")
    return timedelta(seconds=min(int(text), 3600)) if text.isascii() and text.isdigit() and len(text) < 9 else None


def judged(said: str, code: str, busy: tuple[str, ...], trouble: tuple[str, ...]) -> Exception:
    """Return what a provider's code means: come back later, something is wrong with the account, or no for good."""
    if code.startswith(trouble):
        return Unavailable(said, trouble=True)
    if code.startswith(busy):
        return Unavailable(said)
    return Refused(said)


def numbered(said: str, code: str, busy: Collection[str], trouble: Collection[str]) -> Exception:
    """Return what a code that is a number means; it is compared as a whole."""
    return judged(said, "n", ("n",) if code in busy else (), ("n",) if code in trouble else ())


def _unread(reply: Reply) -> Exception:
    said = f"{reply.status} {reply.text}"[:300]
    if reply.status in _BUSY:
        return Unavailable(said, trouble=reply.status != 429, wait=wish(reply))
    return Uncertain(said) if reply.status >= 500 or reply.status < 400 else Unavailable(said, trouble=True)
