"""Rate limits: fair shares, a window that ends, and a clear word about a wrong setting."""

from __future__ import annotations

import pytest
from limits import parse

from chassis.settings import SettingError, load_settings
from gateway.limits import Limits, Window
from gateway.settings import SETTINGS


def test_each_key_has_its_own_share_until_the_window_ends() -> None:
    now = [100.0]
    window = Window(parse("2/minute"), lambda: now[0])
    assert [window.hit("a"), window.hit("a"), window.hit("b")] == [None, None, None]
    now[0] += 20
    assert window.hit("a") == 40
    now[0] += 40
    assert window.hit("a") is None


def test_an_empty_setting_means_unlimited() -> None:
    names = ("SIGN_IN_RATE", "API_RATE", "API_ADDRESS_RATE")
    limits = Limits(load_settings("gateway", SETTINGS, {f"FREEHOLD_GATEWAY_{name}": "" for name in names}))
    for _ in range(1000):
        limits.check("sign_in", "1.1.1.1", "")
        limits.check("api", "1.1.1.1", "Bearer x")


def test_a_wrong_rate_names_its_setting() -> None:
    with pytest.raises(SettingError, match="FREEHOLD_GATEWAY_API_RATE"):
        Limits(load_settings("gateway", SETTINGS, {"FREEHOLD_GATEWAY_API_RATE": "fast"}))
