"""The providers that there are: which channel each carries, where it is, and the client that speaks to it."""

from __future__ import annotations

from dataclasses import dataclass

from services.notify.channels import aliyun, dingtalk, gateway, tencent, wecom
from services.notify.channels.base import Client
from services.notify.model.channels import DINGTALK, SMS, WECOM


@dataclass(frozen=True)
class Provider:
    """A provider; without an `address` of its own the administrator has to give one."""

    channel: str
    address: str | None
    send: Client


PROVIDERS = {
    "gateway": Provider(SMS, None, gateway.send),
    "aliyun": Provider(SMS, aliyun.ADDRESS, aliyun.send),
    "tencent": Provider(SMS, tencent.ADDRESS, tencent.send),
    "wecom": Provider(WECOM, wecom.ADDRESS, wecom.send),
    "dingtalk": Provider(DINGTALK, dingtalk.ADDRESS, dingtalk.send),
}
