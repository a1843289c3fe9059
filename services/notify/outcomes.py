"""What becomes of handing a message to somebody outside, the same for every channel.

Taken: the call returns what the other side said. Else one of the exceptions below. The one rule behind them: what may
have arrived is never sent again by itself.
"""

from __future__ import annotations

from datetime import timedelta


class Refused(Exception):
    """This message is refused for good; trying again will not help."""


class Undeliverable(Exception):
    """There is nowhere to send it to, or nothing to send; nobody was asked."""


class Unavailable(Exception):
    """It was not taken, and may be later. `trouble`: the provider or the account is at fault, not this message."""

    def __init__(self, said: str, *, trouble: bool = False, wait: timedelta | None = None) -> None:
        super().__init__(said)
        self.trouble, self.wait = trouble, wait


class Uncertain(Exception):
    """The connection broke after the message was under way: nobody knows whether the other side has it."""
