"""A message that came in, read out of whatever bytes somebody sent: bounded, and never an error of ours.

The parser knows the old policy of Python's email package only, because the new one works out every header by a grammar
whose cost a hostile header decides. Headers, parts, texts and attachments each have their limits; a part that cannot be
decoded is read as well as possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from html import unescape
from html.parser import HTMLParser
from unicodedata import category

from services.notify.model.bounces import Report, report_of

MOST_PARTS, MOST_FILES = 200, 10
LONGEST_TEXT, _LONGEST_HEADER = 50_000, 4000
_MOST_BOUNDARIES, _MOST_BARS = 60, 5000  # declared ones, and lines that might be one
_LONGEST_PAGE = 100_000
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030"}
_ID = re.compile(r"<([^<>\s]{1,300})>")
_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote"})
_SILENT = frozenset({"script", "style", "head", "title"})


@dataclass(frozen=True)
class Attached:
    """One file of a message."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Incoming:
    """What a message says."""

    message_id: str
    sender: str  # the address, in small letters; empty when there is none
    sender_name: str
    subject: str
    text: str
    replies_to: tuple[str, ...] = ()  # ids of earlier messages, nearest first
    automatic: bool = False
    files: tuple[Attached, ...] = field(default_factory=tuple)
    left_out: int = 0  # files and parts beyond the limits
    report: Report | None = None  # on a message that could not be delivered


def read_incoming(raw: bytes, *, whole: bool = True) -> Incoming:
    """Read a message; of one that is not `whole` only its head is there."""
    too_deep = raw.lower().count(b"boundary=") > _MOST_BOUNDARIES or raw.count(b"\n--") > _MOST_BARS
    head = raw.partition(b"\r\n\r\n")[0] if too_deep else raw
    try:
        return _read(message_from_bytes(head), whole and not too_deep)
    except (RecursionError, ValueError, LookupError, TypeError):
        return Incoming("", "", "", "", "", left_out=1)


def _read(message: Message, whole: bool) -> Incoming:
    name, sender = _sender(message)
    text, files, left_out = _content(message) if whole else ("", (), 1)
    references = [*_ID.findall(_raw(message, "In-Reply-To")), *reversed(_ID.findall(_raw(message, "References")))]
    own = _ID.search(_raw(message, "Message-ID"))
    return Incoming(own[1] if own else "", sender, name, _header(message, "Subject")[:200], text,
                    tuple(dict.fromkeys(references))[:20], _is_automatic(message), files, left_out,
                    report_of(message) if whole else None)


def _sender(message: Message) -> tuple[str, str]:
    """The header is taken apart before its words are read: a comma in a name that was encoded parts nothing, and an
    address in one is nobody's."""
    found = getaddresses([_raw(message, "From")])
    name, address = found[0] if found else ("", "")
    fit = re.fullmatch(r"[^@\s<>\"]{1,64}@[A-Za-z0-9.-]{1,255}", address)
    return _line(_words(name))[:200], address.lower() if fit else ""


def _is_automatic(message: Message) -> bool:
    """Answers of machines, lists and reports of failed delivery (RFC 3834): nobody waits for a ticket there."""
    said = _raw(message, "Auto-Submitted").partition(";")[0].strip().lower()
    kind = _raw(message, "Precedence").strip().lower()
    marked = any(_raw(message, name) for name in ("X-Autoreply", "X-Autorespond", "List-Id", "List-Unsubscribe"))
    return (said not in ("", "no") or kind in ("bulk", "junk", "list", "auto_reply") or marked
            or _raw(message, "Return-Path").strip() == "<>" or message.get_content_type() == "multipart/report")


def _content(message: Message) -> tuple[str, tuple[Attached, ...], int]:
    plain: list[str] = []
    rich: list[str] = []
    files: list[Attached] = []
    left_out = 0
    for number, part in enumerate(_leaves(message)):
        if number >= MOST_PARTS:
            return _chosen(plain, rich), tuple(files), left_out + 1
        kind, name = part.get_content_type(), _file_name(part)
        if kind in ("text/plain", "text/html") and not name:
            (plain if kind == "text/plain" else rich).append(_text(part))
        elif len(files) < MOST_FILES and (content := _bytes(part)):
            files.append(Attached(name or f"{kind.replace('/', '-')[:60]}", content))
        else:
            left_out += 1
    return _chosen(plain, rich), tuple(files), left_out


def _leaves(message: Message) -> Iterator[Message]:
    """Parts without parts, in their order; a message within a message is a file."""
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting.extend(reversed([one for one in inner if isinstance(one, Message)]))
        else:
            yield part


def _chosen(plain: list[str], rich: list[str]) -> str:
    text = "\n".join(plain).strip() or _without_tags("\n".join(rich)[:_LONGEST_PAGE])
    return "".join(_shown(sign) for sign in text).strip()[:LONGEST_TEXT]


def _shown(sign: str) -> str:
    """Blanks of all widths stay blanks, for words stand between them; what cannot be shown goes."""
    return sign if sign.isprintable() or sign in "\n\t" else " " if category(sign) == "Zs" else ""


def _text(part: Message) -> str:
    return _decoded(_bytes(part)[:LONGEST_TEXT * 8], part.get_content_charset())


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and inner else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(raw: bytes, charset: str | None) -> str:
    said = (charset or "").lower()
    for name in (_CHARSETS.get(said, said), "utf-8", "gb18030"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("utf-8", "replace")


def _file_name(part: Message) -> str:
    raw = part.get_filename()
    if not raw:
        return "file" if part.get_content_disposition() == "attachment" else ""
    name = re.split(r"[\\/]", _words(str(raw)))[-1]
    return "".join(sign for sign in name if sign.isprintable()).strip()[-120:] or "file"


def _raw(message: Message, name: str) -> str:
    """A header as it stands. Bytes beyond ASCII, which old programs send as they are, are taken for what they look
    like: the package would show question marks."""
    found = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    raw = str(found).encode("ascii", "surrogateescape")[:_LONGEST_HEADER]
    return raw.decode() if raw.isascii() else _decoded(raw, None)


def _header(message: Message, name: str) -> str:
    return _line(_words(_raw(message, name)))


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _words(raw: str) -> str:
    """A header with its encoded words (RFC 2047) read; raw bytes of old programs are taken for what they look like."""
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):
        return raw
    return "".join(one if isinstance(one, str) else _decoded(one, charset) for one, charset in parts)


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent = 0 if tag == "body" else self._silent + (tag in _SILENT)  # a head may end without saying so
        if tag in _BLOCKS:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def _without_tags(html: str) -> str:
    stripper = _Stripper()
    stripper.feed(html)
    rest = stripper.rawdata  # an end that might go on; to close the parser takes minutes for a hostile page
    whole = "".join(stripper.texts) + ("" if rest.startswith("<") else unescape(rest))
    return re.sub(r"\n[ \t\n]*\n", "\n\n", whole).strip()
