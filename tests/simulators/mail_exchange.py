"""The way of a mail beyond our own server: it is taken, and what cannot be delivered comes back as a report.

The reports have the forms that Postfix, Exchange and Exim write, as their documentation and RFC 3464 show them: a
multipart/report with a text for people, the fields for machines, and the message or its head. They go to the envelope
sender, into the account of the IMAP simulator.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller

from chassis.testkit.processes import free_port
from tests.simulators.imap_server import Account


@dataclass(frozen=True)
class Fault:
    """What is wrong with an address; `final` is where a forwarded message ended."""

    status: str
    words: str
    action: str = "failed"
    style: str = "postfix"  # exchange, exim
    final: str = ""
    at_once: bool = False  # said before the message is taken


class Exchange:
    """A mail server that takes everything and reports on some of it."""

    def __init__(self, account: Account) -> None:
        self.account, self.port = account, free_port()
        self.faults: dict[str, Fault] = {}
        self.senders: list[str] = []  # envelope senders
        self.delivered: list[str] = []

    @property
    def env(self) -> dict[str, str]:
        """The settings of a service that sends here."""
        return {"FREEHOLD_SMTP_HOST": "127.0.0.1", "FREEHOLD_SMTP_PORT": str(self.port),
                "FREEHOLD_SMTP_SECURITY": "none"}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        fault = self.faults.get(address)
        if fault is not None and fault.at_once:
            return f"550 {fault.status} <{address}>: {fault.words}"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.senders.append(envelope.mail_from)
        for address in envelope.rcpt_tos:
            fault = self.faults.get(address)
            if fault is None:
                self.delivered.append(address)
            else:
                self.account.put(report(envelope.mail_from, address, envelope.content, fault))
        return "250 taken"


def report(sender: str, address: str, original: bytes, fault: Fault) -> bytes:
    """The report on a message as a server of this style writes it."""
    head = original.partition(b"\r\n\r\n")[0].decode()
    final = fault.final or address
    original_id = f"Original-Recipient: rfc822;{address}\r\n" if fault.style == "postfix" else ""
    words = f"smtp; 550 {fault.status} {fault.words}" if fault.style != "exim" else f"smtp; 550 {fault.words}"
    fields = (f"Final-Recipient: rfc822; {final}\r\n{original_id}Action: {fault.action}\r\nStatus: {fault.status}\r\n"
              f"Remote-MTA: dns; mx.example.com\r\nDiagnostic-Code: {words}\r\n")
    returned = {"postfix": f"Content-Type: message/rfc822\r\n\r\n{head}\r\n\r\n…", "exim":
                f"Content-Type: message/rfc822\r\n\r\n{head}\r\n\r\n",
                "exchange": f"Content-Type: text/rfc822-headers\r\n\r\n{head}\r\n"}[fault.style]
    return (f"Return-Path: <>\r\nDelivered-To: {sender}\r\nFrom: Mail Delivery <MAILER-DAEMON@mx.example.com>\r\n"
            f"To: {sender}\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
            f"Message-ID: <{abs(hash((sender, address, head)))}@mx.example.com>\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="REPORT"\r\n\r\n'
            "--REPORT\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nI'm sorry to have to inform you.\r\n"
            "--REPORT\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n"
            f"{fields}\r\n--REPORT\r\n{returned}\r\n--REPORT--\r\n").encode()


@contextmanager
def mail_exchange(account: Account) -> Iterator[Exchange]:
    """A server that listens; what comes back goes into this account."""
    exchange = Exchange(account)
    server = Controller(exchange, hostname="127.0.0.1", port=exchange.port)
    server.start()
    try:
        yield exchange
    finally:
        server.stop()
