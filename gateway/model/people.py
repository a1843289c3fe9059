"""What a user's own data may look like."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from chassis.i18n import LOCALES

_USERNAME = re.compile(r"\w[\w.@+-]{0,63}\Z")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{2,30}\Z")


def is_username(text: str) -> bool:
    """Tell whether a canonical user name is acceptable: letters of any script, digits, `_ . @ + -`."""
    return _USERNAME.match(text) is not None


def is_email(text: str) -> bool:
    """Tell whether text is an address one can write to, without asking the network."""
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def is_phone(text: str) -> bool:
    """Tell whether text looks like a telephone number."""
    return _PHONE.match(text) is not None


def is_locale(text: str) -> bool:
    return text in LOCALES
