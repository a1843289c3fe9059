"""Mailboxes of the company, read over IMAP (RFC 9051, by imaplib): only read, nothing is marked or moved there.

The server is reached as `outside.py` reaches addresses that people typed in: public ones over TLS only, inner ones when
their network is allowed. A session has a deadline, and no answer of the server is larger than a message may be.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

from services.notify.outside import AddressRefused, Outside, Unreachable

MOST_BYTES = 26 << 20  # of one message
_SECONDS, _SESSION_SECONDS = 60.0, 240.0  # for one answer, and for all together
_HEADER_BYTES = 256 << 10
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxTrouble(Exception):
    """The mailbox cannot be read; `code` says why, `said` what the server answered."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(f"{code} {said}".strip())
        self.code, self.said = code, said


class Session:
    """A folder of a mailbox, open for reading."""

    def __init__(self, connection: imaplib.IMAP4, validity: int, next_uid: int, count: int) -> None:
        self._connection = connection
        self.validity, self.next_uid, self.count = validity, next_uid, count

    def uids_after(self, uid: int, most: int) -> list[int]:
        """The numbers of the messages that came later, oldest first."""
        _, found = self._connection.uid("SEARCH", f"UID {uid + 1}:*")  # type: ignore[arg-type]
        numbers = sorted({int(one) for line in found if line for one in line.split() if one.isdigit()})
        return [one for one in numbers if one > uid][:most]  # `*` names the last message even when it is older

    def first_since(self, day: date) -> int:
        """The number of the first message that came on this day or later; the next one to come when there is none."""
        _, found = self._connection.uid("SEARCH", f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")  # type: ignore[arg-type]
        numbers = [int(one) for line in found if line for one in line.split() if one.isdigit()]
        return min(numbers, default=self.next_uid)

    def fetch(self, uid: int) -> tuple[bytes, bool] | None:
        """A message, and whether it is whole: of one that is too large only its head; None when it is gone."""
        _, sizes = self._connection.uid("FETCH", str(uid), "(RFC822.SIZE)")
        size = next((int(hit[1]) for line in sizes if isinstance(line, bytes) and (hit := _SIZE.search(line))), None)
        if size is None:
            return None
        whole = size <= MOST_BYTES
        part = "BODY.PEEK[]" if whole else f"BODY.PEEK[HEADER]<0.{_HEADER_BYTES}>"
        _, parts = self._connection.uid("FETCH", str(uid), f"({part})")
        raw = next((one[1] for one in parts if isinstance(one, tuple)), None)
        return None if raw is None else (raw, whole)


class _Bounded(imaplib.IMAP4):
    """On a connection that stands already; refuses answers that are too large."""

    def __init__(self, plain: socket.socket, host: str) -> None:
        self._plain = plain
        plain.settimeout(_SECONDS)
        super().__init__(host)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._plain

    def read(self, size: int) -> bytes:
        if size > MOST_BYTES + _HEADER_BYTES:
            raise self.abort("the answer is too large")
        return super().read(size)


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
        connection.login(box.username, password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise MailboxTrouble("sign_in", _said(error)) from error
    state, found = connection.select(_quoted(box.folder), readonly=True)
    if state != "OK":
        raise MailboxTrouble("folder", _said(found[0]))
    return Session(connection, _number(connection, "UIDVALIDITY"), _number(connection, "UIDNEXT"), int(found[0] or 0))


def _part(connection: imaplib.IMAP4) -> None:
    with suppress(OSError, imaplib.IMAP4.error):
        connection.logout()
    with suppress(OSError):
        connection.shutdown()


def _number(connection: imaplib.IMAP4, name: str) -> int:
    _, found = connection.response(name)
    number = found[0] if found else None
    if number is None:
        raise MailboxTrouble("server", f"no {name}")
    return int(number)


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _said(words: Any) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return "".join(sign for sign in text if sign.isprintable())[:300]
