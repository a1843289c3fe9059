"""Tencent Cloud SMS: `SendSms` of 2021-01-11, signed by TC3-HMAC-SHA256.

Sources: "Signature v3" and "SendSms" of Tencent Cloud's documentation. The key is derived step by step from the date,
the service and `tc3_request`; signed are content type, host and action. The answer has a state for each number.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from chassis.clock import utcnow
from chassis.jsonio import dump_bytes
from services.notify.channels.base import Account, Note, exchange, judged
from services.notify.model.channels import registered
from services.notify.outcomes import Undeliverable

ADDRESS = "https://sms.tencentcloudapi.com"
_ALGORITHM, _TYPE, _SIGNED = "TC3-HMAC-SHA256", "application/json; charset=utf-8", "content-type;host;x-tc-action"
_BUSY = ("LimitExceeded", "RequestLimitExceeded", "FailedOperation.PhoneNumberOnBlacklistTemporarily")
_TROUBLE = ("AuthFailure", "UnauthorizedOperation", "InternalError", "ServiceUnavailable", "ResourceUnavailable",
            "FailedOperation.InsufficientBalanceInSmsPackage", "FailedOperation.SignatureIncorrectOrUnapproved",
            "InvalidParameterValue.SdkAppIdNotExist", "UnsupportedRegion")


def send(account: Account, to: str, note: Note) -> str:
    """Hand a message over; returns the provider's code and the number of the receipt."""
    entry = registered(account.settings, note.template, note.locale)
    if entry is None:
        raise Undeliverable("no registered text for this template")
    body = dump_bytes({
        "PhoneNumberSet": [to], "SmsSdkAppId": account.settings["sdk_app_id"],
        "SignName": account.settings["sign_name"], "TemplateId": entry["code"], "SessionContext": note.key,
        "TemplateParamSet": [note.fill(one["value"]) for one in entry["params"]]})
    moment = int(utcnow().timestamp())
    headers = {"Content-Type": _TYPE, "Host": account.host, "X-TC-Action": "SendSms", "X-TC-Version": "2021-01-11",
               "X-TC-Region": account.settings["region"], "X-TC-Timestamp": str(moment),
               "Authorization": authorization(account, "sms", "SendSms", moment, body)}
    said = exchange(account, "POST", f"{account.address.rstrip('/')}/", body, headers, "Response")
    answer = said.json["Response"] or {}
    told = answer.get("Error") or next(iter(answer.get("SendStatusSet") or ()), {})
    code = str(told.get("Code", "no answer"))
    if code == "Ok":
        return f"Ok SerialNo={told.get('SerialNo')}"
    raise judged(f"{code}: {told.get('Message', '')}"[:300], code, _BUSY, _TROUBLE)


def authorization(account: Account, service: str, action: str, moment: int, body: bytes) -> str:
    """Return the value of `Authorization` for a `POST` to `/`."""
    date = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    canonical = canonical_request(account.host, action, body)
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{account.secret}".encode()
    for step in (date, service, "tc3_request", text):
        key = hmac.digest(key, step.encode(), hashlib.sha256)
    return (f"{_ALGORITHM} Credential={account.settings['secret_id']}/{scope}, SignedHeaders={_SIGNED}, "
            f"Signature={key.hex()}")


def canonical_request(host: str, action: str, body: bytes) -> str:
    """Return what is hashed of a request."""
    return (f"POST\n/\n\ncontent-type:{_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n\n{_SIGNED}\n"
            f"{hashlib.sha256(body).hexdigest()}")
