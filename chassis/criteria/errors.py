"""What is wrong with a criterion, and where."""

from __future__ import annotations

from chassis.criteria.messages import MESSAGES


class CriteriaError(ValueError):
    """A criterion that cannot be accepted; becomes a 422 that names the place.

    `pointer` is a JSON pointer into the document that was judged, `code` a key of `MESSAGES`, `params` what
    the message speaks of.
    """

    def __init__(self, pointer: str, code: str, **params: str | int) -> None:
        super().__init__(f"{code} at {pointer or '/'}")
        self.pointer, self.code, self.params = pointer, code, params

    def detail(self, locale: str = "en") -> str:
        """The message as a sentence; other locales than zh-CN get English."""
        texts = MESSAGES[self.code]
        return texts.get(locale, texts["en"]).format(**self.params)


def pointer_to(parent: str, member: str) -> str:
    """The JSON pointer of a member (RFC 6901), shortened and made printable when the name is hostile."""
    return f"{parent}/{printable(member).replace('~', '~0').replace('/', '~1')}"


def printable(text: str) -> str:
    """A caller's text fit for an error message: bounded, without control characters or lone surrogates."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:100])
