"""Large bodies travel compressed, and what cannot be read does not stop anybody."""

from __future__ import annotations

import pytest
from pika import BasicProperties

from chassis.events import packing
from chassis.events.packing import packed, unpacked


@pytest.mark.parametrize("body", ["", "{}", "客户" * 9, "客户" * 90_000, "\x00" * 9_000])
def test_a_body_comes_out_as_it_went_in(body: str) -> None:
    sent, encoding = packed(body)
    assert unpacked(sent, BasicProperties(content_encoding=encoding)) == body


def test_small_bodies_are_left_alone_and_large_ones_shrink() -> None:
    assert packed("客户" * 9) == (("客户" * 9).encode(), None)
    sent, encoding = packed("客户" * 90_000)
    assert (encoding, len(sent) < 10_000) == ("deflate", True)


@pytest.mark.parametrize("broken", [lambda sent: b"not compressed", lambda sent: sent[:-20], lambda sent: b""])
def test_what_cannot_be_read_comes_out_as_it_is(broken) -> None:
    sent = broken(packed("x" * 10_000)[0])
    assert unpacked(sent, BasicProperties(content_encoding="deflate")) == sent.decode(errors="replace")


def test_a_body_that_would_become_too_large_is_not_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    sent, encoding = packed("x" * 1_000_000)
    monkeypatch.setattr(packing, "_MOST", 100_000)
    assert unpacked(sent, BasicProperties(content_encoding=encoding)) == sent.decode(errors="replace")
