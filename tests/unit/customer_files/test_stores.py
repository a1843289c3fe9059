"""Both stores keep the same promises: a folder on disk, and a bucket behind HTTP."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chassis.settings import SettingError, load_settings
from services.customer.settings import SETTINGS
from services.customer.store.files import FileStore, FileStoreError, file_store

KEY = "0190f3a0-0000-7000-8000-00000000000a"
CONTENT = bytes(range(256)) * 3000


class Bucket(ThreadingHTTPServer):
    """As much of an S3-compatible store as the product uses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.kept: dict[str, bytes] = {}
        self.broken = False


class _Answer(BaseHTTPRequestHandler):
    server: Bucket

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        whole = hashlib.sha256(body).hexdigest() == self.headers["x-amz-content-sha256"]
        if whole:
            self.server.kept[self.path] = body
        self._say(200 if whole else 400)

    def do_GET(self) -> None:
        found = self.server.kept.get(self.path)
        self._say(404 if found is None else 200, found or b"")

    def do_DELETE(self) -> None:
        self._say(204 if self.server.kept.pop(self.path, None) is not None else 404)

    def _say(self, status: int, body: bytes = b"") -> None:
        signed = self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
        self.send_response(500 if self.server.broken else status if signed else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    server = Bucket()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def chosen(tmp_path: Path, **env: str) -> FileStore:
    named = {f"FREEHOLD_CUSTOMER_FILE_{name.upper()}": value for name, value in env.items()}
    return file_store(load_settings("customer", SETTINGS, {"FREEHOLD_HOME": str(tmp_path)} | named))


def in_bucket(tmp_path: Path, bucket: Bucket) -> FileStore:
    return chosen(tmp_path, store="s3", s3_url=f"http://127.0.0.1:{bucket.server_port}", s3_bucket="crm",
                  s3_prefix="files/", s3_access_key="key", s3_secret_key="secret")


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, bucket: Bucket) -> FileStore:
    return chosen(tmp_path) if request.param == "disk" else in_bucket(tmp_path, bucket)


def source(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir(exist_ok=True)
    path = tmp_path / "files" / "incoming"
    path.write_bytes(CONTENT)
    return path


def test_what_was_put_is_read_until_it_is_removed(store: FileStore, tmp_path: Path) -> None:
    store.put(KEY, source(tmp_path), hashlib.sha256(CONTENT).hexdigest())
    assert b"".join(store.read(KEY)) == CONTENT
    store.remove(KEY)
    store.remove(KEY)
    with pytest.raises(FileStoreError):
        store.read(KEY)


def test_files_on_disk_are_for_our_own_user_alone(tmp_path: Path) -> None:
    chosen(tmp_path).put(KEY, source(tmp_path), "")
    folder = next(path for path in (tmp_path / "files").iterdir() if path.is_dir())
    assert folder.stat().st_mode & 0o077 == 0


def test_a_bucket_refuses_bytes_that_changed_on_the_way_and_keys_have_the_prefix(
        tmp_path: Path, bucket: Bucket) -> None:
    store = in_bucket(tmp_path, bucket)
    with pytest.raises(FileStoreError):
        store.put(KEY, source(tmp_path), "0" * 64)
    store.put(KEY, source(tmp_path), hashlib.sha256(CONTENT).hexdigest())
    assert list(bucket.kept) == [f"/crm/files/{KEY}"]


def test_a_bucket_that_fails_or_is_gone_is_a_clear_error(tmp_path: Path, bucket: Bucket) -> None:
    store = in_bucket(tmp_path, bucket)
    bucket.broken = True
    with pytest.raises(FileStoreError, match="answered 500"):
        store.remove(KEY)
    nowhere = chosen(tmp_path, store="s3", s3_url="http://127.0.0.1:1", s3_bucket="b", s3_access_key="k")
    with pytest.raises(FileStoreError, match="does not answer"):
        nowhere.read(KEY)


@pytest.mark.parametrize("env", [
    {"store": "ftp"}, {"store": "s3"}, {"store": "s3", "s3_url": "minio", "s3_bucket": "b", "s3_access_key": "k"}])
def test_settings_that_name_no_store_are_refused(tmp_path: Path, env: dict[str, str]) -> None:
    with pytest.raises(SettingError):
        chosen(tmp_path, **env)
