"""Ways to reach somebody: telephone, e-mail, web address, in the one form that makes equal things equal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from services.customer.model.faults import BadValueError
from services.customer.model.values.text import one_line

MAX_PHONE, MAX_EMAIL, MAX_LOCAL, MAX_URL = 40, 254, 64, 2000
_CHINESE_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})\Z", re.ASCII)
_PHONE_NOISE = re.compile(r"[\s()\-./（）－]")
_EXTENSION = re.compile(r"转?分机|转")
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])\Z")
_line = {size: one_line(size) for size in (MAX_PHONE, MAX_EMAIL, MAX_URL)}


def phone(region: str) -> Callable[[Any], Any]:
    """E.164 (`+8613800000000`, an extension as `;ext=8`); numbers without a country are of `region`.

    An extension may be written as in China: `0571-88886666转8`.
    """

    def coerce(value: Any) -> str | None:
        text = _line[MAX_PHONE](value)
        if text is None:
            return None
        mobile = _CHINESE_MOBILE.match(_PHONE_NOISE.sub("", text)) if region == "CN" else None
        return "+86" + mobile[1] if mobile else _international(_EXTENSION.sub(" ext. ", text), region)

    return coerce


def email(value: Any) -> str | None:
    """An address with a domain that could exist; the domain is lower-cased."""
    text = _line[MAX_EMAIL](value)
    if text is None:
        return None
    local, _, domain = text.rpartition("@")
    domain = _ascii_domain(domain)
    if len(local) > MAX_LOCAL or not LOCAL.match(local) or not DOMAIN.match(domain):
        raise BadValueError("bad_email")
    return f"{local}@{domain}"


def url(value: Any) -> str | None:
    """An http or https address; `www.example.com` gets https in front."""
    text = _line[MAX_URL](value)
    if text is None:
        return None
    full = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(full)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadValueError("bad_url") from None
    if parts.scheme.lower() not in ("http", "https") or not host or " " in full or "." not in host:
        raise BadValueError("bad_url")
    return _line[MAX_URL](full)


def email_key(value: str) -> str:
    """The form in which two spellings of one mailbox are equal."""
    return value.lower()


def _international(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise BadValueError("bad_phone") from None
    if not phonenumbers.is_valid_number(number):
        raise BadValueError("bad_phone")
    main = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{main};ext={number.extension}" if number.extension else main


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise BadValueError("bad_email") from None
