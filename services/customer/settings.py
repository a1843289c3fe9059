"""Settings of the service beside the chassis' ones."""

from __future__ import annotations

from chassis.settings import Setting
from services.customer.model.files.kinds import ALLOWED

SETTINGS = (
    Setting("export_max_rows", int, 1_000_000, "largest number of records in one export"),
    Setting("export_keep_hours", int, 24, "hours after which files of large exports cannot be downloaded any more"),
    Setting("bin_days", int, 30,
            "days that a deleted field can come back with its values, and an object with its records; 0 for none"),
    Setting("record_bin_days", int, 30, "days that a deleted record can come back; 0 for none"),
    Setting("index_after_lists", int, 500,
            "how often a list is asked for until a large table gets an index for it; counts are halved every week"),
    Setting("index_most", int, 6, "largest number of such indexes of one object; 0 for none"),
    Setting("index_unused_days", int, 30, "days after which such an index is dropped when nobody asks for its lists"),
    Setting("bulk_max_records", int, 200_000, "largest number of records that one bulk job may change or delete"),
    Setting("totals_seconds", int, 3, "longest time that adding up a list may take; then only its first rows count"),
    Setting("import_max_bytes", int, 50 << 20, "largest sheet that may be uploaded in one request"),
    Setting("import_upload_max_bytes", int, 512 << 20, "largest sheet that may be uploaded in pieces"),
    Setting("import_upload_hours", int, 24, "hours after the last piece until an unfinished upload is removed"),
    Setting("import_max_rows", int, 1_000_000, "largest number of rows of an imported sheet"),
    Setting("import_keep_days", int, 30, "days after which uploaded sheets and their wrong rows are removed"),
    Setting("import_read_seconds", int, 60, "longest processor time that reading one uploaded sheet may take"),
    Setting("unmask_per_hour", int, 60, "how many masked values one person may have shown to him in an hour"),
    Setting("file_store", str, "disk", "`disk` (below the home folder) or `s3` for attached files"),
    Setting("file_max_bytes", int, 25 << 20, "largest attached file; at most 64 MiB pass the edge"),
    Setting("file_quota_mb", int, 0, "room for all attached files together in MiB; 0 for no limit"),
    Setting("file_types", str, ALLOWED, "media types that attached files may have, with blanks between them"),
    Setting("file_keep_days", int, 30, "days after which files are removed that no record names any more"),
    Setting("file_s3_url", str, "", "address of an S3-compatible store, such as `https://minio.example.com`"),
    Setting("file_s3_bucket", str, "", "bucket of attached files"),
    Setting("file_s3_prefix", str, "", "what every key in the bucket begins with, such as `freehold/`"),
    Setting("file_s3_region", str, "us-east-1", "region of the S3-compatible store"),
    Setting("file_s3_access_key", str, "", "access key of the S3-compatible store", secret=True),
    Setting("file_s3_secret_key", str, "", "secret key of the S3-compatible store", secret=True),
    Setting("survey_days", int, 30, "days that a link to a survey can be answered"),
    Setting("import_read_memory_mb", int, 1536, "largest memory of the process that reads one uploaded sheet"),
)
