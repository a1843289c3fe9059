"""AWS Signature Version 4 for single-chunk requests, as S3-compatible stores understand it.

Source: Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Credentials:
    """Who asks, and in which region."""

    access_key: str
    secret_key: str
    region: str


def signed(credentials: Credentials, method: str, host: str, path: str, headers: Mapping[str, str],
           payload_sha256: str, at: datetime) -> dict[str, str]:
    """The headers of a request with its signature; `at` is in UTC, `path` is not yet quoted."""
    moment = at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{credentials.region}/s3/aws4_request"
    sent = {**headers, "Host": host, "x-amz-content-sha256": payload_sha256, "x-amz-date": moment}
    plain = {name.lower(): value.strip() for name, value in sent.items()}
    names = ";".join(sorted(plain))
    canonical = "\n".join((method, quoted(path), "", *(f"{name}:{plain[name]}" for name in sorted(plain)), "", names,
                           payload_sha256))
    to_sign = "\n".join((_ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    signature = hmac.new(_key(credentials, moment[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
    return {**sent, "Authorization": f"{_ALGORITHM} Credential={credentials.access_key}/{scope},"
                                     f"SignedHeaders={names},Signature={signature}"}


def quoted(path: str) -> str:
    """A path as it stands in the request and in what is signed."""
    return quote(path, safe="/-_.~")


def _key(credentials: Credentials, day: str) -> bytes:
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
