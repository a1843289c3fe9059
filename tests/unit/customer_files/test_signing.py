"""Requests to S3-compatible stores are signed as the published examples of Signature Version 4 are."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from services.customer.store.files.signing import Credentials, signed

# Amazon S3 API reference, "Signature Calculations for the Authorization Header", examples GET and PUT object
EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
HOST, AT = "examplebucket.s3.amazonaws.com", datetime(2013, 5, 24, tzinfo=UTC)


def signature(headers: dict[str, str]) -> str:
    return headers["Authorization"].rpartition("Signature=")[2]


def test_a_get_is_signed_as_in_the_published_example() -> None:
    headers = signed(EXAMPLE, "GET", HOST, "/test.txt", {"Range": "bytes=0-9"}, hashlib.sha256(b"").hexdigest(), AT)
    assert signature(headers) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"


def test_a_put_is_signed_as_in_the_published_example() -> None:
    given = {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}
    payload = hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()
    headers = signed(EXAMPLE, "PUT", HOST, "/test$file.text", given, payload, AT)
    assert signature(headers) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
