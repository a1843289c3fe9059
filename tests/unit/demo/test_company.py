"""The demo company: the same for the same seed, and plausible."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from freehold.demo.company import make_company
from freehold.demo.model import OBJECTS, DemoCompany, Draft
from freehold.demo.trade import gross
from services.customer.model.values.reach import email, phone, url

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def company() -> DemoCompany:
    return make_company(TODAY)


def counted(drafts: list[Draft], name: str) -> Counter[str]:
    return Counter(draft.values.get(name) for draft in drafts)


def test_equal_seeds_make_equal_companies_and_others_make_others() -> None:
    assert make_company(TODAY, customers=50) == make_company(TODAY, customers=50)
    assert make_company(TODAY, customers=50) != make_company(TODAY, customers=50, seed=21)


def test_it_has_two_thousand_customers_and_ten_people_in_a_tree_of_departments(company: DemoCompany) -> None:
    assert len(company.records["customer"]) == 2000
    assert len(company.people) == 10
    keys = [department.key for department in company.departments]
    assert all(one.parent is None or one.parent in keys[:place] for place, one in enumerate(company.departments))
    assert {person.department for person in company.people} <= set(keys)
    assert {person.locale for person in company.people} == {"zh-CN", "en"}


def test_both_funnels_narrow(company: DemoCompany) -> None:
    leads, deals = counted(company.records["lead"], "status"), counted(company.records["opportunity"], "stage")
    for counts, stages in ((leads, ("new", "working", "qualified", "converted")),
                           (deals, ("first_contact", "needs", "proposal", "negotiation", "won"))):
        assert all(counts[wide] > counts[narrow] > 20 for wide, narrow in pairwise(stages)), counts
    assert deals["lost"] > 20


def test_every_won_deal_was_talked_about_before_it_was_won(company: DemoCompany) -> None:
    talks: dict[str, list[str]] = {}
    for draft in company.records["activity"]:
        if "opportunity_id" in draft.links:
            talks.setdefault(draft.links["opportunity_id"][1], []).append(draft.values["happened_at"][:10])
    won = [deal for deal in company.records["opportunity"] if deal.values["stage"] == "won"]
    assert all(len(talks[deal.key]) >= 3 for deal in won)
    assert all(max(talks[deal.key]) <= deal.values["closed_on"] for deal in won)


def test_open_deals_are_due_soon_and_few_are_late(company: DemoCompany) -> None:
    open_ones = [deal for deal in company.records["opportunity"] if "closed_on" not in deal.values]
    due = [(date.fromisoformat(deal.values["expected_close_on"]) - TODAY).days for deal in open_ones]
    assert -15 < min(due) < 0 < max(due) < 250
    assert sum(days < 0 for days in due) < len(due) / 5
    leads = [lead for lead in company.records["lead"] if lead.values["status"] in ("new", "working", "qualified")]
    assert min(lead.values["expected_close_on"] for lead in leads) > "2026-11-06"


def test_history_covers_eighteen_months_and_ends_before_today(company: DemoCompany) -> None:
    moments = [draft.created_at for drafts in company.records.values() for draft in drafts]
    assert max(moments) < datetime(2026, 11, 22, tzinfo=UTC)
    assert min(moments) < datetime(2025, 6, 15, tzinfo=UTC)
    months = Counter(draft.created_at.strftime("%Y-%m") for draft in company.records["customer"])
    assert months["2026-02"] < months["2026-03"] / 2


def test_links_lead_to_drafts_that_come_before(company: DemoCompany) -> None:
    made = {("user", person.username) for person in company.people}
    made |= {("department", department.key) for department in company.departments}
    for name in OBJECTS:
        for draft in company.records[name]:
            assert set(draft.links.values()) <= made
        made |= {(name, draft.key) for draft in company.records[name]}


def test_every_won_deal_has_a_contract_whose_plan_adds_up_to_its_lines(company: DemoCompany) -> None:
    contracts, plans = company.records["contract"], company.records["payment_plan"]
    won = [deal for deal in company.records["opportunity"] if deal.values["stage"] == "won"]
    assert len(won) == len(contracts) == len(plans) > 50
    for contract, plan in zip(contracts, plans, strict=True):
        lines = [gross({**line.values, "discount": line.values.get("discount")})
                 for line in company.records["contract_line"] if line.links["contract_id"][1] == contract.key]
        parts = [Decimal(part.values["amount"]["amount"]) for part in company.records["instalment"]
                 if part.links["payment_plan_id"][1] == plan.key]
        assert sum(lines) == sum(parts) == Decimal(plan.values["amount"]["amount"])


def test_no_instalment_is_paid_more_than_once_over_and_some_are_late(company: DemoCompany) -> None:
    paid: Counter[str] = Counter()
    for match in company.records["payment_match"]:
        paid[match.links["instalment_id"][1]] += Decimal(match.values["amount"]["amount"])
    parts = {part.key: part.values for part in company.records["instalment"]}
    assert all(amount <= Decimal(parts[key]["amount"]["amount"]) for key, amount in paid.items())
    late = [key for key, values in parts.items() if values["due_on"] < TODAY.isoformat()
            and paid[key] < Decimal(values["amount"]["amount"])]
    assert 3 < len(late) < len(parts) / 4


def test_nobody_can_be_reached_by_accident(company: DemoCompany) -> None:
    addresses = [draft.values["email"] for drafts in company.records.values() for draft in drafts
                 if "email" in draft.values]
    assert addresses
    assert all(re.search(r"[@.]example\.com$", email(address)) for address in addresses)
    assert all(url(draft.values["website"]).endswith(".example.com") for draft in company.records["customer"])


def test_every_telephone_number_is_one_that_a_form_would_take(company: DemoCompany) -> None:
    coerce = phone("CN")
    for name in ("customer", "contact", "lead"):
        assert all(coerce(draft.values["phone"]) for draft in company.records[name])


def test_no_two_customers_share_a_name_or_a_number(company: DemoCompany) -> None:
    for member in ("name", "phone", "email"):
        assert set(counted(company.records["customer"], member).values()) == {1}


def test_birthdays_are_those_of_grown_people_and_calls_are_planned(company: DemoCompany) -> None:
    birthdays = [date.fromisoformat(one.values["birthday"]) for one in company.records["contact"]
                 if "birthday" in one.values]
    assert len(birthdays) > 1000
    assert all(23 <= TODAY.year - day.year <= 59 for day in birthdays)
    planned = [one.values["next_follow_up_at"] for one in company.records["customer"]
               if "next_follow_up_at" in one.values]
    assert len(planned) > 100
    assert min(planned)[:10] < TODAY.isoformat() < max(planned)[:10]


def test_amounts_are_spread_as_in_life(company: DemoCompany) -> None:
    amounts = sorted(float(deal.values["amount"]["amount"]) for deal in company.records["opportunity"])
    median = amounts[len(amounts) // 2]
    assert 80_000 < median < 400_000
    assert amounts[-1] > 8 * median
