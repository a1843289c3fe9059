"""Where the bytes of attached files are kept: a small port, a folder of the company's own, an S3-compatible store."""

from services.customer.store.files.choosing import file_store
from services.customer.store.files.port import FileStore, FileStoreError

__all__ = ["FileStore", "FileStoreError", "file_store"]
