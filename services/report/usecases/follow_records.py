"""Follow the record store: definitions and changes of records into the read model.

The effect in DuckDB commits before the inbox does. When a process dies in between, the batch comes again, and the
versions make sure that it changes nothing.

Records may speak of an object, or of fields, whose definition has not come (its event was lost, or the file is new).
The definition is asked for then; when something may be missing, or when a definition comes with values that no event
has told (a field or an object is back from the bin), the model asks to be built anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chassis.clock import from_wire, utcnow
from chassis.events.message import Message
from services.report.metrics import CHANGES, LAG
from services.report.store.read_model import ReadModel, RecordRow
from services.report.usecases.ask_customer import CustomerSilent, definition_of

if TYPE_CHECKING:
    from chassis.service import Service
    from services.report.model.objects import ObjectModel
    from services.report.store.read_model.catalog import Writer

OBJECT_CHANGED = "freehold.customer.object.changed.v1"
RECORD_CHANGED = "freehold.customer.record.changed.v1"
SHARING_CHANGED = "freehold.customer.sharing.changed.v1"
CURRENCIES_CHANGED = "freehold.customer.currencies.changed.v1"


@dataclass
class Batch:
    """What a batch of events says: definitions in their order, records by object, what is shared, what currencies are
    worth, and what had to be asked for."""

    definitions: list[Mapping[str, Any]] = field(default_factory=list)
    rows: dict[str, list[RecordRow]] = field(default_factory=dict)
    shares: list[Mapping[str, Any]] = field(default_factory=list)
    rules: list[Mapping[str, Any]] = field(default_factory=list)
    base: str | None = None
    rates: list[Mapping[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    incomplete: bool = False


def follow(service: Service, messages: Sequence[Message]) -> None:
    """Take in a batch of events."""
    model: ReadModel = service.parts["read_model"]
    batch = _read(messages)
    _ask_for_unknown(service, model, batch)
    last, now = max(from_wire(message.time) for message in messages), utcnow()
    with model.changing() as writer:
        _apply(writer, batch)
        writer.follow(last, now)
    for name, rows in batch.rows.items():
        CHANGES.labels(name).inc(len(rows))
    LAG.set(max(0.0, (now - last).total_seconds()))


def _read(messages: Sequence[Message]) -> Batch:
    batch = Batch()
    for message in messages:
        if message.type == OBJECT_CHANGED:
            batch.definitions.append(message.data)
        elif message.type == SHARING_CHANGED:
            batch.shares += message.data["shares"]
            batch.rules += message.data["rules"]
        elif message.type == CURRENCIES_CHANGED:
            batch.base = message.data["base"]
            batch.rates += message.data["rates"]
        else:
            batch.rows.setdefault(message.data["object"], []).extend(
                RecordRow(change["id"], change["version"], change["after"], change["action"] == "deleted")
                for change in message.data["changes"])
    return batch


def _apply(writer: Writer, batch: Batch) -> None:
    for data in batch.definitions:
        if data["deleted"]:
            writer.drop(data["object"]["name"])
        else:
            writer.define(data["object"])
            if data.get("reread"):
                writer.want_rebuild()
    for definition in batch.asked:
        writer.define(definition)
    for name, rows in batch.rows.items():
        writer.put(name, rows)
    writer.share(batch.shares, batch.rules)
    if batch.base is not None:
        writer.convert(batch.base, batch.rates)
    if batch.incomplete:
        writer.want_rebuild()


def _ask_for_unknown(service: Service, model: ReadModel, batch: Batch) -> None:
    told = {data["object"]["name"] for data in batch.definitions}
    for name in sorted(batch.rows.keys() - told):
        known = model.find(name)
        strangers = _strangers(model, name, known, batch.rows[name])
        if known is not None and not strangers:
            continue
        try:
            definition = definition_of(service, name)
        except CustomerSilent:
            batch.incomplete = True
            continue
        if definition is not None:
            batch.asked.append(definition)
            batch.incomplete |= known is None
        model.strangers[name] = strangers


def _strangers(model: ReadModel, name: str, known: ObjectModel | None, rows: Sequence[RecordRow]) -> frozenset[str]:
    """Members of records that the definition does not have, and that were not asked about yet."""
    members = known.members if known is not None else frozenset()
    strange = frozenset(member for row in rows if not members.issuperset(row.record)
                        for member in row.record.keys() - members)
    asked = model.strangers.get(name, frozenset()) if known is not None else frozenset()
    return asked | strange if strange - asked else frozenset()
