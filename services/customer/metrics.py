"""Business counters of the service."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

RECORDS_WRITTEN = Counter("freehold_records_written_total", "Records written", ["object", "action"])
SEARCHES_ANSWERED = Counter("freehold_searches_total", "Questions to the search box answered")
LISTS_ANSWERED = Counter("freehold_record_lists_total", "Lists of records answered", ["object"])
EXPORTS_STARTED = Counter("freehold_record_exports_total", "Exports started", ["object", "format"])
BULK_RECORDS = Counter("freehold_bulk_records_total", "Records of bulk jobs", ["action", "outcome"])
FILES_RECEIVED = Counter("freehold_files_received_total", "Files received", ["object"])
RECORDS_CONVERTED = Counter("freehold_records_converted_total", "Records converted", ["object"])
WEB_FORM_MESSAGES = Counter("freehold_web_form_messages_total", "Messages of public forms", ["object", "outcome"])
SURVEY_ANSWERS = Counter("freehold_survey_answers_total", "Answers to surveys by link", ["kind"])
RECORDS_MERGED = Counter("freehold_records_merged_total", "Merges and undone merges", ["object", "outcome"])
SEARCH_WAITING = Gauge("freehold_search_entries_waiting", "Imported records that the search does not find yet")
POOL_PASSAGES = Counter("freehold_pool_passages_total", "Records claimed from pools, returned, assigned and moved",
                        ["object", "action"])
