"""Email by SMTP: plain text, with a Message-ID made from the delivery so that servers can see a repeat."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import Any

from chassis.settings import Settings
from services.notify.model.templates import Rendered
from services.notify.outcomes import Refused, Unavailable, Uncertain

_SECONDS = 20
_ADDRESSES = frozenset({"List-Unsubscribe"})
_CLOSING = 421  # the server serves nobody for now


@dataclass(frozen=True)
class Attachment:
    """A file that goes along."""

    name: str
    media_type: str
    body: bytes


class _Unbroken(EmailPolicy):
    """The usual form, except that a header with an address of the web stays on one line: in pieces or encoded, no mail
    program would follow it."""

    def fold(self, name: str, value: Any) -> str:
        """A header as text."""
        return f"{name}: {value}{self.linesep}" if name in _ADDRESSES else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A header as it goes out."""
        return self.fold(name, value).encode() if name in _ADDRESSES else super().fold_binary(name, value)


class _Careful(smtplib.SMTP):
    """Tells a text that may have arrived from one that has not."""

    def data(self, msg: Any) -> Any:
        """Send the text; raises Uncertain."""
        try:
            return super().data(msg)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise Uncertain(f"{type(error).__name__}: {error}"[:300]) from error

    def quit(self) -> Any:
        """Part; what the server says to that changes nothing."""
        with suppress(OSError, smtplib.SMTPException):
            super().quit()
        self.close()


class _CarefulTls(_Careful, smtplib.SMTP_SSL):
    """The same, over TLS from the beginning."""


class Mailer:
    """Speaks to the mail server that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, to: str, message: Rendered, *, key: str, link: Mapping[str, Any] | None,
             files: Sequence[Attachment] = ()) -> str:
        """Send one message; returns what the server answered. Raises Refused, Unavailable or Uncertain."""
        address = f"{self._settings.public_url}/records/{link['object']}/{link['id']}" if link else \
            f"{self._settings.public_url}/inbox"
        mail = self._compose(to, Rendered(message.subject, f"{message.body}\n\n{address}"), key)
        for file in files:
            kind, _, detail = file.media_type.partition("/")
            mail.add_attachment(file.body, maintype=kind, subtype=detail, filename=file.name)
        return self._hand_over(mail)

    def send_letter(self, to: str, message: Rendered, *, key: str, headers: Mapping[str, str] | None = None,
                    html: str | None = None, sender: str | None = None) -> str:
        """Send a message to somebody outside, just as it is written; returns and raises as `send`. `sender` is where it
        comes back to, when not to the sender of all mail."""
        mail = self._compose(to, message, key)
        if html is not None:
            mail.add_alternative(html, subtype="html")
        for name, value in (headers or {}).items():
            mail[name] = value
        return self._hand_over(mail, sender)

    def _hand_over(self, mail: EmailMessage, sender: str | None = None) -> str:
        try:
            with _parting(self._connect()) as server:
                self._sign_in(server)
                server.send_message(mail, from_addr=sender)
                return "250 accepted"
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _refusal(code, text) from error
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused) as error:  # our account's fault
            raise Unavailable(f"{error.smtp_code} {error.smtp_error!r}"[:300], trouble=True) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"{type(error).__name__}: {error}"[:300], trouble=True) from error

    def _compose(self, to: str, message: Rendered, key: str) -> EmailMessage:
        mail = EmailMessage(policy=_Unbroken())
        name, sender = parseaddr(self._settings.mail_from)
        mail["From"] = Address(name, addr_spec=sender)
        mail["To"] = Address(addr_spec=to)
        mail["Subject"] = message.subject
        mail["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{message.body}\n")
        return mail

    def _connect(self) -> _Careful:
        settings = self._settings
        if settings.smtp_security == "tls":
            return _CarefulTls(settings.smtp_host, settings.smtp_port, timeout=_SECONDS,
                                    context=ssl.create_default_context())
        return _Careful(settings.smtp_host, settings.smtp_port, timeout=_SECONDS)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        if self._settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if self._settings.smtp_user:
            server.login(self._settings.smtp_user, self._settings.smtp_password)


@contextmanager
def _parting(server: _Careful) -> Iterator[_Careful]:
    try:
        yield server
    finally:
        server.quit()


def _refusal(code: int, text: bytes | str) -> Exception:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    if code >= 500:
        return Refused(f"{code} {said}"[:300])
    return Unavailable(f"{code} {said}"[:300], trouble=code == _CLOSING)
