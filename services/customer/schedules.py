"""What the service does at intervals."""

from __future__ import annotations

from datetime import timedelta

from chassis.schedules import Schedule
from services.customer.usecases.calculations.recalculate import start_new_day, start_new_tree
from services.customer.usecases.exports.write import purge_exports
from services.customer.usecases.files.clean_up import clean_up_files
from services.customer.usecases.follow_lists import age_list_counts
from services.customer.usecases.imports.large import purge_uploads
from services.customer.usecases.imports.purge import purge_imports
from services.customer.usecases.pools.automatic import run_returns
from services.customer.usecases.privacy.retention import run_rules
from services.customer.usecases.rebuild_search import settle_search
from services.customer.usecases.record_bin import purge_old_records
from services.customer.usecases.segments.settle import settle_all, turn_clock
from services.customer.usecases.settle_history import settle_history
from services.customer.usecases.settle_schema import settle
from services.customer.usecases.sharing.shares import end_shares
from services.customer.usecases.surveys import purge_invitations
from services.customer.usecases.web_forms.submit import purge_messages

SCHEDULES = (
    Schedule("customer.settle_schema", timedelta(seconds=30), settle),
    Schedule("customer.settle_history", timedelta(minutes=1), settle_history),
    Schedule("customer.settle_search", timedelta(seconds=10), settle_search),
    Schedule("customer.age_list_counts", timedelta(days=7), age_list_counts),
    Schedule("customer.clean_up_files", timedelta(hours=1), clean_up_files),
    Schedule("customer.new_day", timedelta(minutes=1), start_new_day),
    Schedule("customer.new_tree", timedelta(minutes=1), start_new_tree),
    Schedule("customer.end_shares", timedelta(minutes=5), end_shares),
    Schedule("customer.purge_exports", timedelta(minutes=15), purge_exports),
    Schedule("customer.segments_by_clock", timedelta(minutes=1), turn_clock),
    Schedule("customer.settle_segments", timedelta(days=1), settle_all),
    Schedule("customer.retention", timedelta(days=1), run_rules),
    Schedule("customer.pool_returns", timedelta(hours=1), run_returns),
    Schedule("customer.purge_records", timedelta(hours=1), purge_old_records),
    Schedule("customer.purge_surveys", timedelta(hours=24), purge_invitations),
    Schedule("customer.purge_web_forms", timedelta(hours=24), purge_messages),
    Schedule("customer.purge_uploads", timedelta(minutes=30), purge_uploads),
    Schedule("customer.purge_imports", timedelta(hours=6), purge_imports),
)
