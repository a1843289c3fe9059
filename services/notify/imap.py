"""Mailboxes of the company, read over IMAP (RFC 9051, by imaplib): only read, nothing is marked or moved there.

The server is reached as `outside.py` reaches addresses that people typed in: public ones over TLS only, inner ones when
their network is allowed. A session has a deadline, and no answer of the server is larger than a message may be.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from binascii import b2a_base64
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from services.notify.outside import AddressRefused, Outside, Unreachable

MOST_BYTES = 26 << 20  # of one message
_SECONDS, _SESSION_SECONDS = 60.0, 240.0  # for one answer, and for all together
_HEADER_BYTES = 256 << 10
_MOST_SAID = MOST_BYTES + (2 << 20)  # in answer to one command
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,18})")
_ARRIVED = re.compile(rb'INTERNALDATE "([ 0-9A-Za-z:+-]{20,30})"')
_SPECIAL = re.compile(r'[\s"(){%*\\\]]')  # signs that a plain word must not have
_LARGEST = 2**32 - 1  # of a number in this protocol


class MailboxTrouble(Exception):
    """The mailbox cannot be read; `code` says why, `said` what the server answered."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(f"{code} {said}".strip())
        self.code, self.said = code, said


@dataclass(frozen=True)
class Fetched:
    """A message as it lies there: of one that is too large, and so not `whole`, only the head."""

    raw: bytes
    whole: bool
    came_at: datetime | None  # as the server says


class Session:
    """A folder of a mailbox, open for reading."""

    def __init__(self, connection: imaplib.IMAP4, validity: int, next_uid: int, count: int) -> None:
        self._connection = connection
        self.validity, self.next_uid, self.count = validity, next_uid, count

    def uids_after(self, uid: int, most: int) -> list[int]:
        """The numbers of the messages that came later, oldest first."""
        numbers = sorted(self._search(f"UID {uid + 1}:*"))
        return [one for one in numbers if one > uid][:most]  # `*` names the last message even when it is older

    def first_since(self, day: date) -> int:
        """The number of the first message that came on this day or later; the next one to come when there is none."""
        return min(self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"), default=self.next_uid)

    def fetch(self, uid: int) -> Fetched | None:
        """A message; None when it is gone."""
        lines = [line for line in self._asked("FETCH", str(uid), "(RFC822.SIZE INTERNALDATE)")
                 if isinstance(line, bytes)]
        size = next((int(hit[1]) for line in lines if (hit := _SIZE.search(line))), None)
        if size is None:
            return None
        whole = size <= MOST_BYTES
        part = "BODY.PEEK[]" if whole else f"BODY.PEEK[HEADER]<0.{_HEADER_BYTES}>"
        raw = next((one[1] for one in self._asked("FETCH", str(uid), f"({part})") if isinstance(one, tuple)), None)
        return None if raw is None else Fetched(raw, whole, next(filter(None, map(_came_at, lines)), None))

    def _search(self, what: str) -> set[int]:
        found = self._asked("SEARCH", what)
        return {number for line in found if line for one in line.split() if (number := _small(one)) is not None}

    def _asked(self, *words: str) -> list[Any]:
        """What the server answers; a refusal is trouble, for it would look like an empty folder or a lost message."""
        state, found = self._connection.uid(*words)
        if state != "OK":
            raise MailboxTrouble("server", _said(found[0] if found else ""))
        return found


class _Bounded(imaplib.IMAP4):
    """On a connection that stands already; what the server says to one command is no more than one message."""

    def __init__(self, plain: socket.socket, host: str) -> None:
        self._plain, self._room = plain, _MOST_SAID
        plain.settimeout(_SECONDS)
        super().__init__(host)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._plain

    def _new_tag(self) -> bytes:
        """Every command begins with one."""
        self._room = _MOST_SAID
        return super()._new_tag()  # type: ignore[misc, no-any-return]

    def read(self, size: int) -> bytes:
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise self.abort("the answer is too large")


class Imap:
    """One service's way to mailboxes."""

    def __init__(self, outside: Outside, tls: ssl.SSLContext | None = None) -> None:
        self._outside, self._tls = outside, tls

    @contextmanager
    def open(self, box: Any, password: str) -> Iterator[Session]:
        """Sign in and open the folder; raises MailboxTrouble, also for whatever goes wrong inside."""
        try:
            with self._outside.line(box.host, box.port, box.security != "none", _SESSION_SECONDS) as plain:
                connection = self._greeted(plain, box)
                try:
                    yield _session(connection, box, password)
                finally:
                    _part(connection)
        except AddressRefused as error:
            raise MailboxTrouble("address_refused", str(error)) from error
        except Unreachable as error:
            raise MailboxTrouble("unreachable", str(error)) from error
        except imaplib.IMAP4.error as error:
            raise MailboxTrouble("server", _said(error)) from error

    def _greeted(self, plain: socket.socket, box: Any) -> imaplib.IMAP4:
        context = self._tls or ssl.create_default_context()
        if box.security == "tls":
            plain = context.wrap_socket(plain, server_hostname=box.host)
        connection = _Bounded(plain, box.host)
        if box.security == "starttls":
            connection.starttls(context)
        return connection


def _session(connection: imaplib.IMAP4, box: Any, password: str) -> Session:
    try:
        _sign_in(connection, box.username, password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise MailboxTrouble("sign_in", _said(error)) from error
    state, found = connection.select(_quoted(_folder_name(box.folder)), readonly=True)
    if state != "OK":
        raise MailboxTrouble("folder", _said(found[0]))
    return Session(connection, _number(connection, "UIDVALIDITY"), _number(connection, "UIDNEXT"), int(found[0] or 0))


def _sign_in(connection: imaplib.IMAP4, username: str, password: str) -> None:
    if (username + password).isascii():
        connection.login(_quoted(username) if _SPECIAL.search(username) else username, password)
    else:  # LOGIN has no word for it
        connection.authenticate("PLAIN", lambda _: f"\0{username}\0{password}".encode())


def _part(connection: imaplib.IMAP4) -> None:
    with suppress(OSError, imaplib.IMAP4.error):
        connection.logout()
    with suppress(OSError):
        connection.shutdown()


def _number(connection: imaplib.IMAP4, name: str) -> int:
    _, found = connection.response(name)
    number = found[0] if found else None
    small = _small(number or b"")
    if small is None:
        raise MailboxTrouble("server", f"no {name}")
    return small


def _small(text: bytes) -> int | None:
    """A number of the protocol; None for what is none."""
    number = int(text) if text.isdigit() and len(text) <= 10 else None
    return number if number is not None and number <= _LARGEST else None


def _came_at(line: bytes) -> datetime | None:
    """When a message arrived (INTERNALDATE)."""
    found = _ARRIVED.search(line)
    try:
        return datetime.strptime(found[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        return None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _folder_name(name: str) -> str:
    """The name as the protocol carries it: what is not ASCII in a base64 of its own (RFC 3501, 5.1.3)."""
    def packed(found: re.Match[str]) -> str:
        digits = b2a_base64(found[0].encode("utf-16-be"), newline=False).decode().rstrip("=")
        return f"&{digits.replace('/', ',')}-"

    return re.sub(r"[^\x20-\x7e]+", packed, name.replace("&", "&-"))


def _said(words: Any) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return "".join(sign for sign in text if sign.isprintable())[:300]
