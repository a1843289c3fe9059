"""Alibaba Cloud SMS: `SendSms` of 2017-05-25, signed by ACS3-HMAC-SHA256.

Sources: "V3 request structure and signature" and "SendSms" of Alibaba Cloud's documentation. The parameters stand in
the query, the body is empty. Signed are the host and all `x-acs-…` headers:
`Authorization: ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chassis.clock import utcnow
from chassis.jsonio import dumps
from services.notify.channels.base import Account, Note, exchange, judged
from services.notify.model.channels import registered
from services.notify.outcomes import Undeliverable

ADDRESS = "https://dysmsapi.aliyuncs.com"
_ALGORITHM = "ACS3-HMAC-SHA256"
_NOTHING = hashlib.sha256(b"").hexdigest()
_CHINA = "+86"
_BUSY = ("isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "Throttling",
         "SignatureNonceUsed")
_TROUBLE = ("isp.", "InvalidAccessKeyId", "SignatureDoesNotMatch", "IncompleteSignature", "InvalidTimeStamp",
            "Forbidden", "ServiceUnavailable", "InternalError", "isv.OUT_OF_SERVICE", "isv.PRODUCT_UN_SUBSCRIPT",
            "isv.PRODUCT_UNSUBSCRIBE", "isv.ACCOUNT_", "isv.AMOUNT_NOT_ENOUGH", "isv.SMS_SIGNATURE_ILLEGAL",
            "isv.SMS_SIGN_ILLEGAL", "isv.DENY_IP_RANGE")


def send(account: Account, to: str, note: Note) -> str:
    """Hand a message over; returns the provider's code and the id of the receipt."""
    entry = registered(account.settings, note.template, note.locale)
    if entry is None:
        raise Undeliverable("no registered text for this template")
    query = canonical_query({
        "PhoneNumbers": to.removeprefix(_CHINA) if to.startswith(_CHINA) else to.removeprefix("+"),
        "SignName": account.settings["sign_name"], "TemplateCode": entry["code"], "OutId": note.key,
        "TemplateParam": dumps({one["name"]: note.fill(one["value"]) for one in entry["params"]})})
    headers = signed(account, query, "SendSms", "2017-05-25", utcnow().strftime("%Y-%m-%dT%H:%M:%SZ"),
                     secrets.token_hex(16))
    answer = exchange(account, "POST", f"{account.address.rstrip('/')}/?{query}", b"", headers, "Code")
    code = str(answer.json["Code"])
    if code == "OK":
        return f"OK BizId={answer.json.get('BizId')}"
    raise judged(f"{code}: {answer.json.get('Message', '')}"[:300], code, _BUSY, _TROUBLE)


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Return parameters by name, coded as RFC 3986 has it."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(parameters.items()))


def signed(account: Account, query: str, action: str, version: str, date: str, nonce: str) -> dict[str, str]:
    """Return the headers of a request without a body."""
    headers = {"host": account.host, "x-acs-action": action, "x-acs-content-sha256": _NOTHING, "x-acs-date": date,
               "x-acs-signature-nonce": nonce, "x-acs-version": version}
    names = ";".join(sorted(headers))
    canonical = "\n".join(("POST", "/", query, "".join(f"{name}:{headers[name]}\n" for name in sorted(headers)), names,
                           _NOTHING))
    text = f"{_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    mac = hmac.digest(account.secret.encode(), text.encode(), hashlib.sha256).hex()
    sent: dict[str, Any] = {("Host" if name == "host" else name): value for name, value in headers.items()}
    key = account.settings["access_key_id"]
    return sent | {"Authorization": f"{_ALGORITHM} Credential={key},SignedHeaders={names},Signature={mac}"}
