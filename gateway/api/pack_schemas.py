"""What the answers and bodies of `/v1/packs` look like."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, Regexp

from chassis.http.parsing import LocalText, StrictSchema, Text

_KEY, _VERSION = Regexp(r"[a-z][a-z0-9_.-]{0,79}\Z"), Regexp(r"\d{1,6}\.\d{1,6}\.\d{1,6}\Z")


class PackSchema(Schema):
    """A pack that is installed."""

    name = fields.String(required=True)
    version = fields.String(required=True)
    label = fields.Dict(required=True)
    installed_at = fields.AwareDateTime(required=True)


class PacksSchema(Schema):
    """All packs that are installed, on one page."""

    items = fields.List(fields.Nested(PackSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class InstalledPackSchema(PackSchema):
    """A pack with its items as they were installed last: kind and key → item."""

    items = fields.Dict(required=True)


class InstalledBodySchema(StrictSchema):
    """A pack that was just installed by other means."""

    version = fields.String(required=True, validate=_VERSION)
    label = LocalText(required=True)
    requires = fields.List(Text(max=80), load_default=list, validate=Length(max=100))
    items = fields.Dict(keys=Text(max=200), values=fields.Dict(), required=True, validate=Length(max=5000))


class PackDifferenceSchema(Schema):
    """A place that would change; in a `conflict` people have changed it themselves."""

    pointer = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)
    conflict = fields.Boolean(required=True)


class PackChangeSchema(Schema):
    """What would happen to an item: create, update, unchanged, or kept away as people removed it."""

    kind = fields.String(required=True)
    key = fields.String(required=True)
    label = fields.Dict(required=True)
    action = fields.String(required=True)
    differences = fields.List(fields.Nested(PackDifferenceSchema), required=True)


class PackPreviewSchema(Schema):
    """What installing an uploaded pack would do."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)
    label = fields.Dict(required=True)
    installed_version = fields.String(required=True, allow_none=True)
    missing = fields.List(fields.String(), required=True)
    downgrade = fields.Boolean(required=True)
    changes = fields.List(fields.Nested(PackChangeSchema), required=True)


class PackProgressSchema(Schema):
    """How far it is, in items."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)


class PackPlaceSchema(Schema):
    """A place that people changed since: as the pack had it, and as it is."""

    pointer = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class RemovedItemSchema(Schema):
    """What becomes of an item: `remove`, `keep` with a reason, or `gone` already.

    Reasons: `changed`, `records`, `needed`, `other_pack`, `history`, `refused`. An `optional` one goes when named.
    """

    kind = fields.String(required=True)
    key = fields.String(required=True)
    label = fields.Dict(required=True)
    action = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    optional = fields.Boolean(required=True)
    records = fields.Integer(required=True)
    needed_by = fields.List(fields.String(), required=True)
    told = fields.String(required=True)
    changes = fields.List(fields.Nested(PackPlaceSchema), required=True)


class RemovalSchema(Schema):
    """What removing a pack would do; other packs that need it are in the way."""

    name = fields.String(required=True)
    version = fields.String(required=True)
    label = fields.Dict(required=True)
    needed_by = fields.List(fields.String(), required=True)
    items = fields.List(fields.Nested(RemovedItemSchema), required=True)


class RemovalBodySchema(StrictSchema):
    """Items (`object/lead`) that go although they were changed or have records."""

    also = fields.List(Text(max=200), load_default=list, validate=Length(max=5000))


class PackRunSchema(Schema):
    """An installation or a removal: uploaded, installing, removing, finished or failed; `left` by a removal."""

    id = fields.String(required=True)
    pack = fields.String(required=True)
    kind = fields.String(required=True)
    version = fields.String(required=True)
    label = fields.Dict(required=True)
    state = fields.String(required=True)
    progress = fields.Nested(PackProgressSchema, required=True)
    problem = fields.String(required=True, allow_none=True)
    left = fields.List(fields.Nested(RemovedItemSchema), required=True)


class ShippedPackSchema(Schema):
    """A pack that comes with the product."""

    name = fields.String(required=True)
    version = fields.String(required=True)
    label = fields.Dict(required=True)
    description = fields.Dict(required=True)


class ShippedPacksSchema(Schema):
    """The packs that come with the product."""

    items = fields.List(fields.Nested(ShippedPackSchema), required=True)
    next_cursor = fields.String(allow_none=True, required=True)


class PackRunsSchema(Schema):
    """What goes on, and what ended during the last day."""

    items = fields.List(fields.Nested(PackRunSchema), required=True)
    next_cursor = fields.String(allow_none=True, required=True)


class InstallBodySchema(StrictSchema):
    """Places (`object/lead#/label`) that stay as people made them; whether an older version may replace a newer one.

    Without `keep` what was said before counts.
    """

    keep = fields.List(Text(max=500), load_default=None, validate=Length(max=5000))
    downgrade = fields.Boolean(load_default=False)


class ExportQuery(StrictSchema):
    """What the pack shall be called, and which objects to export; all unless said."""

    name = fields.String(load_default="configuration", validate=_KEY)
    version = fields.String(load_default="1.0.0", validate=_VERSION)
    objects = Text(max=4000, load_default="")
