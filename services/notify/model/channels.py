"""Channels to people outside of the console, and the pace at which a provider is spoken to.

A provider is given at most so many messages a second: each message books a slot of 1/rate seconds, and bookings reach
at most a second ahead. After five failures in a row that are the provider's fault it is left alone for a while (a
circuit breaker); then one message finds out whether it is well again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import phonenumbers

from services.notify.model.timing import Pauses

EMAIL, SMS, WECOM, DINGTALK = "email", "sms", "wecom", "dingtalk"
CHANNELS = (EMAIL, SMS, WECOM, DINGTALK)
ACCOUNT_CHANNELS = (SMS, WECOM, DINGTALK)  # those that an administrator sets up in the console
HOME_REGION = "CN"  # a mobile number without a country is of there

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_MAIL_RETRIES = (_MINUTE, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 6 * _HOUR)
_RETRIES = (timedelta(seconds=5), timedelta(seconds=30), 2 * _MINUTE, 10 * _MINUTE, _HOUR, 6 * _HOUR)
_HORIZON = 1.0


BREAKER = Pauses(5, timedelta(seconds=10), 10 * _MINUTE)


def retry_after(channel: str, attempts: int, spread: float, wait: timedelta | None = None) -> timedelta | None:
    """Return how long a message waits after so many attempts, None when it was the last; `wait` is the least."""
    retries = _MAIL_RETRIES if channel == EMAIL else _RETRIES
    if attempts > len(retries):
        return None
    return max(retries[attempts - 1] * (0.8 + 0.4 * spread), wait or timedelta())


def bookable(free_at: datetime, now: datetime, rate: int) -> int:
    """Return how many messages may be booked now; `free_at` is the end of what is booked already."""
    ahead = max((free_at - now).total_seconds(), 0.0)
    return max(int((_HORIZON - ahead) * rate + 1e-6), 0)


def booked_until(free_at: datetime, now: datetime, rate: int, count: int) -> datetime:
    """Return the end of what is booked after `count` more."""
    return max(free_at, now) + timedelta(seconds=count / rate)


def mobile(text: str | None) -> str | None:
    """Return a mobile number in the international form, `+8613800138000`, or None for what is none."""
    try:
        number = phonenumbers.parse(text or "", HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that takes at most so many bytes in UTF-8."""
    raw = text.encode()
    return text if len(raw) <= most else raw[:most - 3].decode(errors="ignore") + "…"


def registered(account: Mapping[str, Any], template: str, locale: str) -> Mapping[str, Any] | None:
    """Return what is registered at an SMS provider for a template: in the language, else for any; else the general one.

    Chinese providers send only texts that they have approved, known by a code and filled with parameters.
    """
    entries = account.get("templates", ())
    for key in (template, "message"):
        mine = [one for one in entries if one["template"] == key]
        for wanted in (locale, None):
            for one in mine:
                if one.get("locale") == wanted:
                    return dict(one)
    return None
