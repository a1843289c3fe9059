"""The composition of the customer service: the one place that names all of its parts."""

from __future__ import annotations

from chassis.jobs import JobKind
from chassis.loops import Loop
from chassis.service import Service, ServiceSpec
from services.customer.api import BLUEPRINTS
from services.customer.api.object_bin import object_bin
from services.customer.api.openapi import describe_records
from services.customer.api.public import serve_forms, serve_surveys
from services.customer.consumers import SUBSCRIPTIONS
from services.customer.events import PUBLISHES
from services.customer.queries.search_rarity import RarityBook
from services.customer.schedules import SCHEDULES
from services.customer.settings import SETTINGS
from services.customer.store.files import file_store
from services.customer.store.list_shapes import ShapeCounter
from services.customer.store.moving import copy_records
from services.customer.store.registry import Registry
from services.customer.store.tables import metadata
from services.customer.usecases.bulk.start import BULK, BULK_UNDO
from services.customer.usecases.bulk.undo import bulk_undo_job
from services.customer.usecases.bulk.work import bulk_job
from services.customer.usecases.bulk.work import given_up as bulk_given_up
from services.customer.usecases.calculations.recalculate import CALCULATE, calculate_job
from services.customer.usecases.calculations.values import company_scope
from services.customer.usecases.calculations.work import calculate_due
from services.customer.usecases.change_type import CHANGE_TYPE, change_type_given_up, change_type_job, place_of
from services.customer.usecases.currencies import RATES, rates_job
from services.customer.usecases.define_objects import REBUILD_KEYS, SETTLE
from services.customer.usecases.duplicates.scan import SCAN, scan_given_up, scan_job
from services.customer.usecases.exports.ask import EXPORT
from services.customer.usecases.exports.write import export_given_up, export_job
from services.customer.usecases.follow_owner import FOLLOW, follow_job
from services.customer.usecases.handover.start import HANDOVER, HANDOVER_UNDO
from services.customer.usecases.handover.work import handover_given_up, handover_job
from services.customer.usecases.handover.work import undo_job as undo_handover_job
from services.customer.usecases.imports.check import check_job
from services.customer.usecases.imports.configure import CHECK, IMPORT
from services.customer.usecases.imports.passes import given_up
from services.customer.usecases.imports.run import import_job
from services.customer.usecases.imports.undo import UNDO, undo_job
from services.customer.usecases.indexing import index_due
from services.customer.usecases.pools.automatic import RETURN, return_job
from services.customer.usecases.privacy.retention import RETAIN, retain_job
from services.customer.usecases.rebuild_match_keys import rebuild_job
from services.customer.usecases.rebuild_search import REBUILD_SEARCH, search_given_up, search_job
from services.customer.usecases.segments.due import settle_due
from services.customer.usecases.segments.settle import SETTLE_SEGMENT
from services.customer.usecases.segments.settle import settle_job as settle_segment_job
from services.customer.usecases.settle_schema import settle_job
from services.customer.usecases.tags.manage import UNTAG, untag_job

LOOPS = (
    Loop("customer.calculations", calculate_due, every=0.25),
    Loop("customer.segments", settle_due, every=0.25),
    Loop("customer.search", index_due, every=1.0),
)
JOBS = (
    JobKind(SETTLE, settle_job),
    JobKind(CHANGE_TYPE, change_type_job, change_type_given_up),
    JobKind(REBUILD_KEYS, rebuild_job),
    JobKind(REBUILD_SEARCH, search_job, search_given_up),
    JobKind(UNTAG, untag_job),
    JobKind(RETAIN, retain_job),
    JobKind(RETURN, return_job),
    JobKind(HANDOVER, handover_job, handover_given_up),
    JobKind(HANDOVER_UNDO, undo_handover_job, handover_given_up),
    JobKind(SETTLE_SEGMENT, settle_segment_job),
    JobKind(SCAN, scan_job, scan_given_up),
    JobKind(FOLLOW, follow_job),
    JobKind(CALCULATE, calculate_job),
    JobKind(RATES, rates_job),
    JobKind(CHECK, check_job, given_up),
    JobKind(IMPORT, import_job, given_up),
    JobKind(UNDO, undo_job, given_up),
    JobKind(EXPORT, export_job, export_given_up),
    JobKind(BULK, bulk_job, bulk_given_up),
    JobKind(BULK_UNDO, bulk_undo_job, bulk_given_up),
)


def attach(service: Service) -> None:
    """Give the service its record types, its counter of lists and its store of files."""
    service.parts["types"] = Registry(service.db, lambda: company_scope(service), place_of(service))
    service.parts["list_shapes"] = ShapeCounter(service.db)
    service.parts["rarity"] = RarityBook()
    service.parts["files"] = file_store(service.settings)


SPEC = ServiceSpec(
    name="customer",
    package="services.customer",
    metadata=metadata,
    migrations="services.customer.store.migrations",
    web_server="granian",
    blueprints=(*BLUEPRINTS, object_bin),
    subscriptions=SUBSCRIPTIONS,
    schedules=SCHEDULES,
    jobs=JOBS,
    loops=LOOPS,
    publishes=PUBLISHES,
    settings=SETTINGS,
    on_build=attach,
    move=copy_records,
    extend_app=(describe_records, serve_forms, serve_surveys),
)
