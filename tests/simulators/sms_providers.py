"""SMS providers of a test, written from their public documents: Alibaba Cloud and Tencent Cloud.

Each verifies the signature from what came in, refuses an old time and a nonce it has seen, knows its texts and numbers,
limits the messages to one number, and counts what it has taken by the sender's own id.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

from chassis.jsonio import loads

from .http_stage import Got, Said

_ALIYUN, _TENCENT = "ACS3-HMAC-SHA256", "TC3-HMAC-SHA256"


@dataclass
class Sms:
    """What was taken: to whom, which text, with what."""

    key_id: str = "LTAI5tTest"
    secret: str = "s3cret-of-the-account"
    sign: str = "自由港"
    codes: tuple[str, ...] = ("SMS_1001",)
    per_number: int = 10
    answers: deque[str] = field(default_factory=deque)  # codes that are answered next, in place of taking
    taken: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)

    @property
    def times(self) -> Counter[str]:
        """How often each of the sender's messages was taken."""
        return Counter(one["key"] for one in self.taken)

    def judge(self, to: str, sign: str, code: str) -> str | None:
        """What an answer says besides yes."""
        if self.answers:
            return self.answers.popleft()
        if sign != self.sign:
            return "sign"
        if code not in self.codes:
            return "code"
        return "limit" if sum(one["to"] == to for one in self.taken) >= self.per_number else None


class Aliyun(Sms):
    """`SendSms` of 2017-05-25."""

    CODES: ClassVar = {"sign": "isv.SMS_SIGNATURE_ILLEGAL", "code": "isv.SMS_TEMPLATE_ILLEGAL",
             "limit": "isv.BUSINESS_LIMIT_CONTROL"}

    def answer(self, got: Got) -> Said:
        fault = self._fault(got)
        if fault:
            self.refused.append(fault)
            return Said(403 if fault == "Forbidden" else 400, {"Code": fault, "Message": "refused", "RequestId": "1"})
        to, query = got.query["PhoneNumbers"], got.query
        judged = self.judge(to, query["SignName"], query["TemplateCode"])
        if judged:
            code = self.CODES.get(judged, judged)
            return Said(200, {"Code": code, "Message": f"because of {code}", "RequestId": "2"})
        self.taken.append({"to": to, "code": query["TemplateCode"], "params": loads(query["TemplateParam"]),
                           "key": query["OutId"]})
        return Said(200, {"Code": "OK", "Message": "OK", "BizId": f"9006{len(self.taken)}^0", "RequestId": "3"})

    def _fault(self, got: Got) -> str | None:
        headers = got.headers
        scheme, _, rest = headers.get("authorization", "").partition(" ")
        parts = dict(one.split("=", 1) for one in rest.split(",")) if rest else {}
        if scheme != _ALIYUN or parts.get("Credential") != self.key_id:
            return "InvalidAccessKeyId.NotFound"
        if (headers.get("x-acs-action"), headers.get("x-acs-version")) != ("SendSms", "2017-05-25"):
            return "InvalidAction.NotFound"
        sent = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs((datetime.now(UTC) - sent).total_seconds()) > 900:
            return "InvalidTimeStamp.Expired"
        if headers["x-acs-signature-nonce"] in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(headers["x-acs-signature-nonce"])
        return None if hmac.compare_digest(parts["Signature"], self._signature(got, parts["SignedHeaders"])) else \
            "SignatureDoesNotMatch"

    def _signature(self, got: Got, names: str) -> str:
        must = {name for name in got.headers if name.startswith("x-acs-")} | {"host"}
        if not must <= set(names.split(";")):
            return "a header is not signed"
        digest = hashlib.sha256(got.body).hexdigest()
        query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
                         for name, value in sorted(got.query.items()))
        lines = [got.method, got.path, query]
        lines += [f"{name}:{got.headers[name].strip()}" for name in names.split(";")]
        lines += ["", names, digest]
        if got.headers["x-acs-content-sha256"] != digest:
            return "another body"
        text = "\n".join((_ALIYUN, hashlib.sha256("\n".join(lines).encode()).hexdigest()))
        return hmac.new(self.secret.encode(), text.encode(), "sha256").hexdigest()


class Tencent(Sms):
    """`SendSms` of 2021-01-11."""

    CODES: ClassVar = {"sign": "FailedOperation.SignatureIncorrectOrUnapproved",
             "code": "FailedOperation.TemplateIncorrectOrUnapproved",
             "limit": "LimitExceeded.PhoneNumberThirtySecondLimit"}

    def answer(self, got: Got) -> Said:
        fault = self._fault(got)
        if fault:
            self.refused.append(fault)
            return Said(200, {"Response": {"Error": {"Code": fault, "Message": "refused"}, "RequestId": "1"}})
        asked = got.json
        [to] = asked["PhoneNumberSet"]
        judged = self.judge(to, asked["SignName"], asked["TemplateId"])
        code = self.CODES.get(judged, judged) if judged else "Ok"
        if not judged:
            self.taken.append({"to": to, "code": asked["TemplateId"], "params": asked["TemplateParamSet"],
                               "key": asked["SessionContext"]})
        return Said(200, {"Response": {"SendStatusSet": [
            {"SerialNo": "" if judged else f"5000:{len(self.taken)}", "PhoneNumber": to, "Fee": int(not judged),
             "SessionContext": asked["SessionContext"], "Code": code, "Message": "send success", "IsoCode": "CN"}],
            "RequestId": "2"}})

    def _fault(self, got: Got) -> str | None:
        headers = got.headers
        if (headers.get("x-tc-action"), headers.get("x-tc-version")) != ("SendSms", "2021-01-11"):
            return "InvalidAction"
        stamp = headers.get("x-tc-timestamp", "")
        if not stamp.isdigit() or abs(datetime.now(UTC).timestamp() - int(stamp)) > 300:
            return "AuthFailure.SignatureExpire"
        return None if headers.get("authorization") == self._authorization(got, stamp) else \
            "AuthFailure.SignatureFailure"

    def _authorization(self, got: Got, stamp: str) -> str:
        day = datetime.fromtimestamp(int(stamp), UTC).date().isoformat()
        names = ("content-type", "host", "x-tc-action")
        lines = [got.method, got.path, ""]
        lines += [f"{name}:{got.headers[name].strip().lower()}" for name in names]
        lines += ["", ";".join(names), hashlib.sha256(got.body).hexdigest()]
        hashed = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        scope = f"{day}/sms/tc3_request"
        key = ("TC3" + self.secret).encode()
        for part in (day, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        mac = hmac.new(key, "\n".join((_TENCENT, stamp, scope, hashed)).encode(), "sha256").hexdigest()
        return f"{_TENCENT} Credential={self.key_id}/{scope}, SignedHeaders={';'.join(names)}, Signature={mac}"
