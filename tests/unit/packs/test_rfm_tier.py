"""The RFM tier of the shipped customers: recency, frequency and money give the tier that they should."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chassis.criteria import Scope
from chassis.formulas import Result, Schema, compile_formula, field_type
from gateway.packs import load_pack, shipped_pack

NOON = Scope(datetime(2026, 7, 1, 4, tzinfo=UTC), "Asia/Shanghai")
RECENT, LONG_AGO = "2026-01-02", "2026-01-01"  # 180 days before, and one more


@pytest.mark.parametrize(("last", "orders", "total", "tier"), [
    (RECENT, 2, "500000.00", "best"), (RECENT, 2, "499999.99", "regular"), (RECENT, 1, "900000.00", "develop"),
    (LONG_AGO, 9, "200000.00", "win_back"), (LONG_AGO, 1, "199999.99", "lapsed"), (None, 0, "0.00", None),
])
def test_a_customer_has_the_tier_of_his_orders(last: str | None, orders: int, total: str, tier: str | None) -> None:
    [customer] = [one.body for one in load_pack(shipped_pack("crm")).of("object") if one.body["name"] == "customer"]
    fields = {one["name"]: one for one in customer["fields"]}
    schema = Schema({name: field_type(fields[name]["options"]["result"], fields[name]["options"])
                     for name in ("last_order_on", "order_count", "order_total")})
    options = fields["rfm_tier"]["options"]
    formula = compile_formula(options["expression"], schema, Result("choice", options))
    record = {"last_order_on": last, "order_count": orders, "order_total": {"amount": total, "currency": "CNY"}}
    assert formula.evaluate(record, NOON) == tier
