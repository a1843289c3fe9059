"""What the sums over lines say about the currency of these."""

from __future__ import annotations

from services.customer.store.record_type import RecordType


def is_summed(record_type: RecordType) -> bool:
    """Whether these are lines whose money is summed up in one currency, that of the sum."""
    return record_type.definition.line_of is not None and any(
        one.match is None and one.is_money and not one.keeps_currency for one in record_type.plan.feeds)


def has_one_currency(record_type: RecordType) -> bool:
    """Whether these are lines that are in one currency with the other lines of their record, whichever it is."""
    told = record_type.definition.line_of
    return told is not None and any(
        one.reference == told["reference"] and one.keeps_currency for one in record_type.plan.feeds)
