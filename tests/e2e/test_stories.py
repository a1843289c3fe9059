"""The stories that the shipped rules tell: each is switched on as an administrator does it, people act over the API,
the clock goes on, and what the people see is what counts. Told once embedded and once full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chassis.clock import from_wire
from tests.support.clock import Clock
from tests.support.letterbox import letterbox
from tests.support.product import embedded_product, full_product
from tests.support.stories import Firm, found_firm


@pytest.fixture(scope="module", params=["embedded", "full"])
def firm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    home = tmp_path_factory.mktemp(f"stories-{request.param}")
    clock = Clock(home)
    started = embedded_product if request.param == "embedded" else full_product
    with letterbox() as box, started(home / "home", env={**clock.env, **box.env}) as live:
        yield found_firm(live, clock, box)


def today(firm: Firm, **later: float) -> str:
    return (firm.clock.now.astimezone(ZoneInfo("Asia/Shanghai")).date() + timedelta(**later)).isoformat()


def test_a_lead_says_how_good_it_is_and_why_and_a_hot_one_is_called_today(firm: Firm) -> None:
    firm.switch_on("crm.lead_hot")
    lead = firm.seller.post("/api/customer/v1/records/lead", {
        "name": "周明", "company": "东海电子", "phone": "13800138000", "source": "referral",
        "expected_amount": {"amount": "30000", "currency": "CNY"}})
    assert (lead["score"], lead["score_reasons"]) == (
        55, "转介绍 Referral +20; 金额 2 万以上 Over 20,000 +15; 有公司 Company +10; 有电话 Phone +10;")
    firm.seller.post("/api/customer/v1/records/activity", {"content": "电话沟通需求", "lead_id": lead["id"]})
    task = firm.task("seller", "Hot lead: call today")
    assert (task["kind"], task["link"]["id"]) == ("first_contact", lead["id"])
    now = firm.seller.get(f"/api/customer/v1/records/lead/{lead['id']}")
    assert (now["score"], now["score_reasons"].split("; ")[-1]) == (70, "已跟进 Followed up +15;")


def test_a_deal_moves_on_when_its_stage_is_done_and_brings_the_next_key_tasks(firm: Firm) -> None:
    customer = firm.customer("南方机械")
    contact = firm.seller.post("/api/customer/v1/records/contact", {"name": "陈静", "customer_id": customer["id"]})
    deal = firm.seller.post("/api/customer/v1/records/opportunity", {"name": "产线改造", "customer_id": customer["id"]})
    firm.task("seller", "Introduce us and ask for the need", about=deal["id"])
    refused = firm.change("seller", "opportunity", deal, stage="needs")
    assert (refused.status, [error["pointer"] for error in refused.json["errors"]]) == (422, ["/stage"])
    deal = firm.change("seller", "opportunity", deal, contact_id=contact["id"]).ok()
    firm.change("seller", "opportunity", deal, stage="needs").ok()
    task = firm.task("seller", "Write down requirements and budget", about=deal["id"])
    assert abs(from_wire(task["due_at"]) - firm.clock.now - timedelta(days=10)) <= timedelta(days=1)


def test_a_key_customer_whom_nobody_followed_up_for_three_days_is_a_task_of_his_owner(firm: Firm) -> None:
    firm.switch_on("crm.key_customer_silent")
    customer, other = firm.customer("北方重工", level="A"), firm.customer("小店", level="B")
    firm.clock.move(days=3, hours=1)
    task = firm.task("seller", "Key customer without a follow-up for 3 days: get in touch")
    assert task["link"]["id"] == customer["id"]
    assert not firm.tasks("seller", "Key customer without a follow-up for 3 days: get in touch", about=other["id"])


def test_a_quote_without_an_answer_comes_back_after_seven_days(firm: Firm) -> None:
    firm.switch_on("crm.quote_no_answer")
    customer = firm.customer("西部新能源")
    waiting, answered = (firm.seller.post("/api/customer/v1/records/quote", {
        "name": name, "customer_id": customer["id"], "status": "sent"}) for name in ("报价一", "报价二"))
    firm.change("seller", "quote", answered, status="declined").ok()
    firm.clock.move(days=7)
    task = firm.task("seller", "Quoted 7 days ago: ask what the customer thinks")
    assert task["link"]["id"] == waiting["id"]


def test_birthdays_and_anniversaries_are_remembered_every_year(firm: Firm) -> None:
    firm.switch_on("crm.contact_birthday")
    firm.switch_on("crm.customer_anniversary")
    customer = firm.customer("东方食品", status="active")
    contact = firm.seller.post("/api/customer/v1/records/contact", {
        "name": "林丽", "customer_id": customer["id"], "birthday": f"1988{today(firm, days=30)[4:]}"})
    firm.seller.post("/api/customer/v1/records/order", {"customer_id": customer["id"], "ordered_on": today(firm)})
    wishes, thanks = "Birthday within 3 days: send your wishes", "Anniversary of the first order: thank the customer"
    assert not firm.tasks("seller", wishes)
    firm.clock.move(days=28)
    firm.task("seller", wishes, about=contact["id"])
    firm.clock.move(days=332)
    firm.task("seller", thanks, about=customer["id"])
    firm.clock.move(days=33)
    firm.task("seller", wishes, about=contact["id"], count=2)


def test_the_customer_hears_that_his_contract_was_posted(firm: Firm) -> None:
    firm.switch_on("crm.contract_posted")
    customer = firm.customer("中原物流")
    contact = firm.seller.post("/api/customer/v1/records/contact", {
        "name": "何静", "customer_id": customer["id"], "email": "hejing@zhongyuan.example"})
    contract = firm.seller.post("/api/customer/v1/records/contract", {
        "name": "年度合同", "customer_id": customer["id"], "contact_id": contact["id"]})
    firm.change("seller", "contract", contract, posted_on=today(firm), tracking_number="SF1234567890").ok()
    letter = firm.letter("hejing@zhongyuan.example")
    assert contract["number"] in letter["Subject"]
    assert "SF1234567890" in letter.get_content()
    firm.task("seller", "The contract was posted: ask whether it has come", about=contract["id"])


def test_a_customer_is_asked_when_he_usually_orders_again(firm: Firm) -> None:
    firm.switch_on("crm.reorder_due")
    customer = firm.customer("长江纺织", status="active")
    for days in (-60, -30, 0):
        firm.seller.post("/api/customer/v1/records/order", {
            "customer_id": customer["id"], "ordered_on": today(firm, days=days)})
    known = firm.eventually(lambda: (one := firm.seller.get(f"/api/customer/v1/records/customer/{customer['id']}"))[
        "next_order_expected_on"] and one, "the rhythm is known")
    assert (known["buying_rhythm_days"], known["next_order_expected_on"]) == (30, today(firm, days=30))
    words = "The customer usually orders about now: ask"
    assert not firm.tasks("seller", words)
    firm.clock.move(days=28)
    firm.task("seller", words, about=customer["id"])


def test_leads_are_shared_out_by_source_amount_turn_and_load(firm: Firm) -> None:
    firm.switch_on("crm.lead_in_turn", "crm.lead_large")
    def came(name: str, amount: str) -> dict[str, Any]:
        return firm.admin.post("/api/customer/v1/records/lead", {
            "name": name, "source": "website", "expected_amount": {"amount": amount, "currency": "CNY"}})
    small = [came(f"小额{place}", "5000")["id"] for place in range(4)]
    for who in ("seller", "colleague"):
        firm.eventually(lambda who=who: len([id for id in small if firm.tasks(
            who, "First contact within 24 hours", about=id)]) == 2, "each of them has two")
    large = came("大额", "300000")["id"]
    assert firm.eventually(lambda: firm.owner("lead", large) in (firm.ids["boss"], firm.ids["lead_seller"]),
                           "a manager has it")


def test_a_lead_that_its_owner_does_not_answer_in_time_goes_to_a_colleague(firm: Firm) -> None:
    firm.switch_on("crm.lead_unanswered")
    lead = firm.seller.post("/api/customer/v1/records/lead", {"name": "未响应线索"})
    firm.clock.move(hours=25)
    words = "Nobody has answered this lead: get in touch now"
    firm.task("colleague", words, about=lead["id"])
    firm.eventually(lambda: firm.owner("lead", lead["id"]) == firm.ids["colleague"], "the lead is the colleague's")


def test_then_his_manager_hears_of_the_key_customer(firm: Firm) -> None:
    firm.switch_on("crm.key_customer_silent_manager")
    customer = firm.customer("上海精密", level="A")
    talked = firm.customer("苏州精密", level="A")
    firm.clock.move(days=3)
    firm.seller.post("/api/customer/v1/records/activity", {
        "content": "已联系", "customer_id": talked["id"], "happened_at": firm.clock.now.isoformat()})
    firm.clock.move(days=2, hours=1)
    words = "Key customer without a follow-up for 5 days: talk to the owner"
    firm.task("lead_seller", words, about=customer["id"])
    assert not firm.tasks("lead_seller", words, about=talked["id"])
    assert not firm.tasks("boss", words), "the nearest manager, not all of them"


def test_a_signed_contract_is_handed_over_to_finance_and_delivery(firm: Firm) -> None:
    firm.switch_on("crm.contract_signed")
    customer = firm.customer("天津汽车", status="active")
    contract = firm.seller.post("/api/customer/v1/records/contract", {
        "name": "设备合同", "customer_id": customer["id"]})
    firm.change("seller", "contract", contract, status="effective", signed_on=today(firm)).ok()
    firm.task("finance", "Contract signed: issue the invoice", about=contract["id"])
    for words in ("Contract signed: plan the delivery", "Contract signed: welcome the customer"):
        firm.task("seller", words, about=contract["id"])


def test_a_follow_up_that_speaks_of_a_complaint_reaches_the_service_director(firm: Firm) -> None:
    firm.switch_on("crm.complaint_word")
    customer = firm.customer("宁波电子")
    firm.seller.post("/api/customer/v1/records/activity", {
        "content": "客户要投诉交货太晚", "customer_id": customer["id"]})
    firm.told("director", "A follow-up speaks of a complaint.")
    (ticket,) = firm.eventually(
        lambda: firm.admin.get("/api/customer/v1/records/ticket", **{"filter[customer_id]": customer["id"]})["items"],
        "a ticket about it")
    assert (ticket["subject"], ticket["kind"], ticket["owner_id"], ticket["description"]) == (
        "投诉 Complaint: 客户要投诉交货太晚", "complaint", firm.ids["director"], "客户要投诉交货太晚")


def to_monday_morning(firm: Firm) -> None:
    """Let the clock go on to half past nine of the next Monday: tickets are promised in working time."""
    now = firm.clock.now.astimezone(ZoneInfo("Asia/Shanghai"))
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=9, minute=30, second=0, microsecond=0)
    firm.clock.move(seconds=(monday - now).total_seconds())


def test_tickets_go_to_who_is_there_for_them_and_up_when_nobody_keeps_the_promise(firm: Firm) -> None:
    firm.switch_on("crm.ticket_route", "crm.ticket_urgent", "crm.ticket_unanswered", "crm.ticket_unsolved",
                   "crm.ticket_waits", "crm.ticket_back", "crm.ticket_reopened")
    to_monday_morning(firm)
    def ticket(subject: str, **values: Any) -> dict[str, Any]:
        return firm.people["agent"].post("/api/customer/v1/records/ticket", {"subject": subject, **values})
    fault = ticket("设备停机", kind="fault", priority="high")
    urgent = ticket("全线停产", kind="fault", priority="urgent")
    firm.task("agent", "Answer the ticket", about=fault["id"])
    firm.task("director", "Urgent ticket: answer within the hour", about=urgent["id"])
    firm.clock.move(hours=2)
    firm.task("director", "The ticket is not answered in time: answer now", about=urgent["id"])
    assert not firm.tasks("agent", "The ticket is not answered in time: answer now"), "it has two hours more"
    firm.change("agent", "ticket", fault, status="in_progress").ok()
    wait_for_the_customer(firm, fault["id"], days=3)
    now = firm.admin.get(f"/api/customer/v1/records/ticket/{fault['id']}")
    assert abs(float(now["waited_hours"]) - 27) < 1
    assert abs(from_wire(now["solve_by"]) - from_wire(now["created_at"]) - timedelta(days=4)) < timedelta(hours=1)
    assert not firm.tasks("director", "The ticket is not solved in time: step in", about=fault["id"])
    firm.clock.move(days=1)
    firm.task("director", "The ticket is not solved in time: step in", about=fault["id"])
    wait_for_the_customer(firm, fault["id"], hours=1)
    firm.task("director", "The ticket is not solved in time: step in", about=fault["id"])  # once, and not again
    firm.change("agent", "ticket", fault, status="solved").ok()
    firm.change("agent", "ticket", fault, status="in_progress").ok()
    firm.task("director", "The ticket is not solved in time: step in", about=fault["id"], count=2)


def wait_for_the_customer(firm: Firm, id: str, **span: float) -> None:
    """A ticket waits so long for the customer's answer, and comes back."""
    def ticket() -> Any:
        return firm.admin.get(f"/api/customer/v1/records/ticket/{id}")
    waited = ticket()["waited_hours"]
    firm.change("agent", "ticket", {"id": id}, status="waiting").ok()
    firm.eventually(lambda: ticket()["waiting_since"], "its time stands still")
    firm.clock.move(**span)
    firm.change("agent", "ticket", {"id": id}, status="in_progress").ok()
    firm.eventually(lambda: ticket()["waited_hours"] != waited, "its time goes on")


def test_a_bad_score_is_a_task_and_the_director_hears_of_it(firm: Firm) -> None:
    firm.switch_on("crm.ticket_solved", "crm.survey_bad")
    agent, customer = firm.people["agent"], firm.customer("青岛家电")
    contact = firm.seller.post("/api/customer/v1/records/contact", {
        "name": "郭涛", "customer_id": customer["id"], "email": "guotao@qingdao.example"})
    ticket = agent.post("/api/customer/v1/records/ticket", {
        "subject": "空调漏水", "customer_id": customer["id"], "contact_id": contact["id"]})
    firm.change("agent", "ticket", ticket, status="solved").ok()
    letter = firm.letter("guotao@qingdao.example").get_content()
    path = re.search(r"/s/[\w-]+", letter)[0]
    for _ in range(2):  # a scanner of mail, then the customer
        assert "1 = " in firm.visit("GET", path).body.decode()
    assert firm.visit("POST", path, {"score": "2", "comment": "等了三天"}).status == 303
    assert firm.visit("POST", path, {"score": "5"}).status == firm.visit("GET", path).status == 404
    task = firm.task("agent", "Bad score: call the customer and make it good")
    made = agent.get(f"/api/customer/v1/records/survey_response/{task['link']['id']}")
    assert {name: made[name] for name in ("score", "comment", "ticket_id", "customer_id", "contact_id")} == {
        "score": 2, "comment": "等了三天", "ticket_id": ticket["id"], "customer_id": customer["id"],
        "contact_id": contact["id"]}
    firm.told("director", "A customer gave a bad score.")
