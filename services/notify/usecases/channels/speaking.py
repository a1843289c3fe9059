"""One message handed over to one person by one channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from chassis.clock import utcnow
from chassis.sealing import SealBroken
from services.notify.channels.base import Account, Note
from services.notify.channels.providers import PROVIDERS
from services.notify.mail import Attachment
from services.notify.model.channels import EMAIL
from services.notify.model.templates import Reader, Rendered, fill_shown
from services.notify.outcomes import Unavailable, Undeliverable
from services.notify.queries.channels import address_of
from services.notify.queries.messages import file_of, render_rows
from services.notify.store.tables import channel_account
from services.notify.usecases.channels.pacing import KeptToken

if TYPE_CHECKING:
    from chassis.service import Service

_MOST_ATTACHED = 7_000_000  # bytes; mail makes them a third more, and many servers refuse messages over 10 MB


def speak(service: Service, row: Any) -> str:
    """Hand a delivery over; returns what the other side said, raises `outcomes`."""
    user = service.directory.user(row.user_id)
    if user is None or not user["active"]:
        raise Undeliverable("the person has left")
    reader = Reader(user.get("locale") or service.settings.default_locale,
                    user.get("timezone") or service.settings.default_timezone)
    with service.db.read() as connection:
        address = address_of(connection, user, row.channel)
        [message] = render_rows(connection, [row], reader, row.channel)
    if not address:
        raise Undeliverable("the person has no address there")
    if row.channel == EMAIL:
        mailer, files = service.parts["mailer"], _files(service, row)
        return str(mailer.send(address, message, key=row.id, link=row.link, files=files))
    return hand_over(service, row.channel, address, note_of(service, row, message, reader))


def hand_over(service: Service, channel: str, address: str, note: Note) -> str:
    """Give a note to the provider that carries a channel."""
    with service.db.read() as connection:
        row = connection.execute(select(channel_account).where(channel_account.c.channel == channel)).one_or_none()
    if row is None:
        raise Unavailable("the channel has no account any more", trouble=True)
    return PROVIDERS[row.provider].send(account_of(service, row), address, note)


def account_of(service: Service, row: Any) -> Account:
    """Return an account with its secret open; raises Unavailable when that cannot be read any more."""
    try:
        secret = service.sealer.open(row.secret, seal_of(row.channel))
    except SealBroken as error:
        raise Unavailable("the secret cannot be opened any more: enter it again", trouble=True) from error
    return Account(row.provider, row.address or PROVIDERS[row.provider].address or "", row.settings, secret,
                   service.parts["outside"], KeptToken(service, row.channel))


def seal_of(channel: str) -> str:
    """Return what the secret of an account is sealed to."""
    return f"channel {channel}"


def note_of(service: Service, row: Any, message: Rendered, reader: Reader) -> Note:
    """Return a delivery as clients take it."""
    url = service.settings.public_url
    page = f"{url}/records/{row.link['object']}/{row.link['id']}" if row.link else f"{url}/inbox"
    more = {"subject": message.subject, "body": message.body, "link": page, "count": row.count}
    moment = utcnow().astimezone(ZoneInfo(reader.timezone)).strftime("%Y-%m-%d %H:%M:%S")
    return Note(row.id, row.template, reader.locale, message.subject, message.body, page, moment,
                lambda text: fill_shown(text, dict(row.params) | more, reader))


def _files(service: Service, row: Any) -> list[Attachment]:
    """The file that a message is about, fetched from who made it; none when it is not there any more, or larger than
    mail servers take: it stands in the inbox all the same."""
    file = file_of(row)
    if file is None:
        return []
    answer = service.calls.request("report", "GET", f"/v1/board-files/{file['id']}")
    if answer.status == 404:
        return []
    if answer.status != 200:
        raise Unavailable(f"the file of the message is not to be had: report answered {answer.status}")
    if len(answer.body) > _MOST_ATTACHED:
        return []
    return [Attachment(file["name"], answer.headers.get("Content-Type", "application/octet-stream"), answer.body)]
