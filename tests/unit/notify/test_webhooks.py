"""The rules of webhooks: the signature of the standard, growing pauses, what counts as a change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notify.model.webhooks import PAUSES, fault_of_address, retry_after, signature, told

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_signature_is_that_of_the_published_example() -> None:
    body = b'{"test": 2432232314}'
    assert signature([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")


def test_a_message_is_tried_eight_times_over_more_than_a_day_and_never_all_at_the_same_moment() -> None:
    early, late = ([retry_after(attempt, spread) for attempt in range(1, 9)] for spread in (0.0, 0.999))
    assert early[-1] is late[-1] is None
    assert timedelta(hours=20) < sum(early[:-1], timedelta()) < sum(late[:-1], timedelta())  # type: ignore[arg-type]
    assert retry_after(1, 0.5, timedelta(hours=1)) == timedelta(hours=1)
    assert retry_after(1, 0.5, timedelta(days=9)) == timedelta(days=1)


def test_an_address_is_left_alone_longer_and_longer_up_to_an_hour() -> None:
    pauses = [PAUSES.after(failures, 0.5) for failures in (2, 3, 4, 1000)]
    assert pauses == [None, timedelta(seconds=30), timedelta(seconds=60), timedelta(hours=1)]


def test_a_change_of_hidden_fields_is_no_change() -> None:
    change = {"id": "1", "version": 2, "action": "updated", "at": "", "by": None, "changed": ["secret", "name"]}
    seen = {"after": {"id": "1", "name": "B"}, "before": {"name": "A"}}
    assert told(change, seen) == {"id": "1", "version": 2, "at": "", "by": None, "changed": ["name"],
                                  "before": {"name": "A"}, "record": {"id": "1", "name": "B"}}
    assert told(change | {"changed": ["secret"]}, seen) is None
    assert told(change, None) is None


@pytest.mark.parametrize("url", [
    "ftp://example.com", "https://", "https://me:word@example.com/", "https://example.com/#part", "javascript:alert(1)",
    "https://example.com:0/", "https://example.com:99999/", "https://例子.cn/", "https://exa mple.com", "https://[::1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert fault_of_address(url) == "webhook_address"
