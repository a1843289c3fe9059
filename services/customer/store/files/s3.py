"""Files in an S3-compatible store (MinIO, Ceph, a cloud), addressed by path: `<endpoint>/<bucket>/<prefix><key>`.

Requests carry the SHA-256 of what they send, so the store refuses bytes that were damaged on the way. Everything is
streamed from and to the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3

from chassis.clock import utcnow
from services.customer.store.files.port import BLOCK, FileStoreError
from services.customer.store.files.signing import Credentials, quoted, signed

_EMPTY = hashlib.sha256(b"").hexdigest()
_FOUND, _MADE, _GONE = (200,), (200, 201, 204), (200, 204, 404)


class S3Store:
    """Files in one bucket."""

    def __init__(self, endpoint: str, bucket: str, credentials: Credentials, prefix: str = "") -> None:
        address = urlsplit(endpoint)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("the address of the file store must begin with http:// or https://")
        self._credentials, self._host = credentials, address.netloc
        self._base, self._root = f"{address.scheme}://{address.netloc}", f"{address.path.rstrip('/')}/{bucket}/{prefix}"
        self._pool = urllib3.PoolManager(maxsize=8, retries=urllib3.Retry(2, redirect=0, status=0, read=0),
                                         timeout=urllib3.Timeout(connect=5, read=60))

    def put(self, key: str, source: Path, sha256: str) -> None:
        """Send a file."""
        with source.open("rb") as body:
            headers = {"Content-Length": str(source.stat().st_size)}
            self._ask("PUT", key, _MADE, headers, sha256, body).drain_conn()
        source.unlink(missing_ok=True)

    def read(self, key: str) -> Iterator[bytes]:
        """Ask for a file; the answer is read as it is wanted."""
        return _pieces(self._ask("GET", key, _FOUND))

    def remove(self, key: str) -> None:
        """Remove a file."""
        self._ask("DELETE", key, _GONE).drain_conn()

    def _ask(self, method: str, key: str, good: tuple[int, ...], headers: Mapping[str, str] | None = None,
             sha256: str = _EMPTY, body: Any = None) -> Any:
        path = f"{self._root}{key}"
        sent = signed(self._credentials, method, self._host, path, headers or {}, sha256, utcnow())
        try:
            answer = self._pool.request(method, self._base + quoted(path), headers=sent, body=body,
                                        preload_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise FileStoreError(f"the file store does not answer: {type(error).__name__}") from error
        if answer.status not in good:
            answer.drain_conn()
            answer.release_conn()
            raise FileStoreError(f"the file store answered {answer.status}")
        return answer


def _pieces(answer: Any) -> Iterator[bytes]:
    try:
        yield from answer.stream(BLOCK, decode_content=False)
    except urllib3.exceptions.HTTPError as error:
        raise FileStoreError(f"the file store stopped: {type(error).__name__}") from error
    finally:
        answer.release_conn()
