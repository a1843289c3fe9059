"""A mail server for tests: it keeps what comes, refuses on demand, and can end a worker in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from chassis.testkit.processes import free_port


class Letterbox:
    """What came in, the address it came for before it."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []
        self.sources: list[str] = []  # the same as they came
        self.reply = "250 taken"
        self.port = free_port()
        self.on_data: Callable[[], None] = lambda: None
        self.on_quit = "221 bye"

    @property
    def env(self) -> dict[str, str]:
        """The settings of a service that sends here."""
        return {"FREEHOLD_SMTP_HOST": "127.0.0.1", "FREEHOLD_SMTP_PORT": str(self.port),
                "FREEHOLD_SMTP_SECURITY": "none"}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.on_data()
        if self.reply.startswith("250"):
            letter = message_from_bytes(envelope.content, policy=default)
            self.sources.append(envelope.content.decode())
            self.letters.append((envelope.rcpt_tos[0], letter))  # type: ignore[arg-type]
        return self.reply

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return self.on_quit


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    """A mail server that listens."""
    box = Letterbox()
    server = Controller(box, hostname="127.0.0.1", port=box.port)
    server.start()
    try:
        yield box
    finally:
        server.stop()
