"""The store that the settings name."""

from __future__ import annotations

from pathlib import Path

from chassis.settings import SettingError, Settings
from services.customer.store.files.disk import DiskStore
from services.customer.store.files.port import FileStore
from services.customer.store.files.s3 import S3Store
from services.customer.store.files.signing import Credentials


def file_store(settings: Settings) -> FileStore:
    """The store of attached files; raises SettingError when its settings are incomplete."""
    if settings.file_store == "disk":
        return DiskStore(Path(settings.home) / "files")
    if settings.file_store != "s3":
        raise SettingError("FREEHOLD_CUSTOMER_FILE_STORE: disk or s3")
    if not (settings.file_s3_url and settings.file_s3_bucket and settings.file_s3_access_key):
        raise SettingError("FREEHOLD_CUSTOMER_FILE_S3_URL, _BUCKET and _ACCESS_KEY are needed")
    credentials = Credentials(settings.file_s3_access_key, settings.file_s3_secret_key, settings.file_s3_region)
    try:
        return S3Store(settings.file_s3_url, settings.file_s3_bucket, credentials, settings.file_s3_prefix)
    except ValueError as error:
        raise SettingError(f"FREEHOLD_CUSTOMER_FILE_S3_URL: {error}") from error
