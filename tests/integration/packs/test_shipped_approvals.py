"""The approvals of the shipped CRM on the product: submitted, decided by whom they name, and the record follows. What
an administrator has drawn anew stays when the pack comes again. On PostgreSQL alone: the engine and the packs have
tests of their own on both databases, and to install the CRM takes the longest here."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gateway.packs import load_pack, shipped_pack
from tests.support.approving import RECORDS, WORKFLOW, Company
from tests.support.pack_product import PACKS, Product, folder, unpacked, zipped

APPROVALS = f"{WORKFLOW}/approvals"
CRM = shipped_pack("crm")
pytestmark = pytest.mark.parametrize("product", ["postgres"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def company(product: Product) -> Company:
    product.bring_in(folder(CRM))
    return Company(product)


def approval(company: Company, key: str) -> dict[str, Any]:
    return next(one for one in company.product.items(APPROVALS) if one["key"] == key)


def cannot(company: Company, who: str, object: str, id: str, **values: str) -> bool:
    """Whether somebody is refused a change of a record."""
    return company.ask(who, "PATCH", f"{RECORDS}/{object}/{id}", values)[0] in (403, 409, 422)


def test_a_large_contract_goes_up_to_the_head_and_to_finance_and_comes_into_force(company: Company) -> None:
    id = company.document("contract", "600000")
    assert company.submit("crm.contract_approval", id)[0] == 201
    company.becomes("contract", id, lambda one: one["approval"] == "pending")
    status, refused = company.submit("crm.contract_approval", id)
    assert (status, refused["code"]) == (409, "process_cannot_go_on"), "it is being approved already"
    company.ok("rep", "PATCH", f"{RECORDS}/contract/{id}", {"status": "draft"})
    assert cannot(company, "rep", "contract", id, name="Cheaper"), "its approval keeps it locked, whatever its status"
    company.ok("rep", "PATCH", f"{RECORDS}/contract/{id}", {"status": "in_approval"})
    for who in ("manager", "head", "money"):
        assert company.product.ok("GET", f"{RECORDS}/contract/{id}")["status"] == "in_approval"
        company.decide(who, id, "approved")
    signed = company.becomes("contract", id, lambda one: one["status"] == "effective")
    assert (signed["status"], signed["approval"]) == ("effective", "approved")
    told = company.product.ok("GET", f"{RECORDS}/contract/{id}/timeline?limit=50")["items"]
    by_process = [one for one in told if one["changes"] and (one["origin"] or {}).get("kind") == "process"]
    assert len(by_process) == 2, "the timeline tells of both changes"


def test_a_small_contract_needs_only_the_manager_and_a_rejected_one_is_a_draft_again(company: Company) -> None:
    small, bad = company.document("contract", "1000"), company.document("contract", "2000")
    for id, outcome in ((small, "approved"), (bad, "rejected")):
        assert company.submit("crm.contract_approval", id)[0] == 201
        company.decide("manager", id, outcome)
    assert company.becomes("contract", small, lambda one: one["status"] == "effective")["approval"] == "approved"
    rejected = company.becomes("contract", bad, lambda one: one["approval"] == "rejected")
    assert (rejected["status"], rejected["approval"]) == ("draft", "rejected")


def test_a_special_price_is_asked_for_only_over_the_limit_and_can_be_withdrawn(company: Company) -> None:
    usual = company.document("quote", "1000", discount="5")
    assert company.submit("crm.special_price", usual)[0] == 409
    special = company.document("quote", "1000", discount="15")
    status, instance = company.submit("crm.special_price", special)
    assert status == 201
    company.becomes("quote", special, lambda one: one["approval"] == "pending")
    assert cannot(company, "rep", "quote", special, name="Cheaper"), "what is approved is what was asked for"
    company.ok("rep", "POST", f"{WORKFLOW}/instances/{instance['id']}/withdraw", {})
    assert company.becomes("quote", special, lambda one: one["approval"] == "withdrawn")["approval"] == "withdrawn"
    assert company.waiting("manager", special) == []
    assert company.submit("crm.special_price", special)[0] == 201, "it can be submitted again"
    company.decide("manager", special, "approved")
    assert company.becomes("quote", special, lambda one: one["approval"] == "approved")["status"] == "draft"


def test_rules_submit_a_discount_and_forget_an_approval_of_another_once_they_are_switched_on(company: Company) -> None:
    _switch(company, active=True)
    id = company.document("quote", "1000", discount="25")
    company.decide("manager", id, "approved")
    company.decide("head", id, "approved")
    assert company.becomes("quote", id, lambda one: one["approval"] == "approved")["approval"] == "approved"
    (line,) = company.ok("rep", "GET", f"{RECORDS}/quote/{id}/lines")["lines"]["quote_line"]
    company.ok("rep", "PATCH", f"{RECORDS}/quote/{id}/lines", {
        "values": {}, "lines": {"quote_line": [{"id": line["id"], "discount": "40"}]}})
    assert company.becomes("quote", id, lambda one: one["approval"] is None)["approval"] is None
    _switch(company, active=False)


def _switch(company: Company, *, active: bool) -> None:
    for rule in company.product.items(f"{WORKFLOW}/rules"):
        if rule["key"] in ("crm.special_price_submit", "crm.special_price_again"):
            company.product.ok("PATCH", f"{WORKFLOW}/rules/{rule['id']}", {"active": active})


def test_a_refund_is_agreed_by_the_manager_and_by_finance(company: Company) -> None:
    customer = company.ok("rep", "POST", f"{RECORDS}/customer", {"name": "Paid twice"})["id"]
    id = company.ok("rep", "POST", f"{RECORDS}/refund", {
        "customer_id": customer, "reason": "overpaid", "amount": {"amount": "800", "currency": "CNY"}})["id"]
    assert cannot(company, "rep", "refund", id, status="approved"), "nobody agrees to his own refund by hand"
    assert cannot(company, "manager", "refund", id, status="approved")
    assert company.submit("crm.refund_approval", id)[0] == 201
    company.decide("manager", id, "approved")
    assert company.product.ok("GET", f"{RECORDS}/refund/{id}")["status"] == "in_approval"
    company.decide("money", id, "approved")
    assert company.becomes("refund", id, lambda one: one["status"] == "approved")["status"] == "approved"
    company.ok("money", "PATCH", f"{RECORDS}/refund/{id}", {"status": "paid", "paid_on": "2026-03-02"})


def test_what_an_administrator_has_drawn_stays_until_he_says_otherwise(company: Company) -> None:
    """Nothing new in the pack: his drawing stays. Something new: both are shown, and he may keep his."""
    product, files = company.product, unpacked(folder(CRM))
    drawn = approval(company, "crm.refund_approval")
    mine = {**drawn["approval"], "steps": drawn["approval"]["steps"][:2]}
    product.ok("PATCH", f"{APPROVALS}/{drawn['id']}", {"approval": mine, "active": False})
    _, same = product.upload(zipped(files))
    assert {one["action"] for one in same["changes"]} == {"unchanged"}

    files["processes/refund-approval.json"]["approval"]["approved"] = []
    files["pack.json"]["version"] = "9.0.0"
    _, shown = product.upload(zipped(files))
    (change,) = [one for one in shown["changes"] if one["action"] != "unchanged"]
    asked = [at["pointer"] for at in change["differences"] if at["conflict"]]
    assert (change["key"], asked) == ("crm.refund_approval", ["/approval/steps"])
    product.install(shown["id"], keep=["process/crm.refund_approval#/approval/steps"])
    after = approval(company, "crm.refund_approval")
    assert (after["approval"]["steps"], after["approval"]["approved"], after["active"]) == (mine["steps"], [], False)
    versions = product.items(f"{WORKFLOW}/processes/{after['id']}/versions")
    assert [one["number"] for one in versions] == [3, 2, 1], "nothing of his is lost"


def test_an_approval_leaves_and_comes_as_a_file_and_goes_with_its_pack(company: Company) -> None:
    product = company.product
    out = unpacked(product.export(name="ours", version="1.0.0"))
    written = out["processes/crm.special-price.json"]
    shipped = next(item.body for item in load_pack(CRM).of("process") if item.key == "crm.special_price")
    assert written["approval"]["steps"][1].keys() == {"type", "name", "people", "due_in", "late"}, "without the usual"
    assert written["approval"]["steps"][0] == shipped["approval"]["steps"][0]
    ours = copy.deepcopy(written) | {"key": "ours.price"}
    product.bring_in(zipped({
        "pack.json": {"name": "ours", "version": "1.0.0", "label": {"en": "Ours"}, "order": ["processes"],
                      "requires": {"freehold": "0.1", "packs": ["crm"]}}, "processes/price.json": ours}))
    assert approval(company, "ours.price")["approval"] == shipped["approval"]
    run = product.finished(product.ok("POST", f"{PACKS}/ours/removal", {}))
    assert run["state"] == "finished"
    assert "ours.price" not in [one["key"] for one in product.items(APPROVALS)]
    status, refused = product.call("DELETE", f"{APPROVALS}/{approval(company, 'crm.special_price')['id']}")
    assert (status, refused["code"]) == (409, "process_has_run")
