"""The signatures of the SMS providers are those of their published examples."""

from __future__ import annotations

import hashlib
from typing import Any

from services.notify.channels.aliyun import canonical_query, signed
from services.notify.channels.base import Account
from services.notify.channels.tencent import canonical_request


def account(address: str, secret: str, **settings: Any) -> Account:
    return Account("", address, settings, secret, outside=None, tokens=None)  # type: ignore[arg-type]


def test_the_signature_of_alibaba_cloud_is_that_of_its_example() -> None:
    query = canonical_query({"RegionId": "cn-shanghai",
                             "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"})
    headers = signed(account("https://ecs.cn-shanghai.aliyuncs.com", "YourAccessKeySecret",
                             access_key_id="YourAccessKeyId"),
                     query, "RunInstances", "2014-05-26", "2023-10-26T10:22:32Z", "3156853299f313e23d1673dc12e1703d")
    assert headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_what_tencent_cloud_hashes_is_that_of_its_example() -> None:
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    text = canonical_request("cvm.tencentcloudapi.com", "DescribeInstances", body)
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84")
