"""The steps of an import: mapping, dry run, import, and what each leaves behind."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from chassis.db.tables import job as job_table
from chassis.jobs import Job, cancel
from chassis.testkit.contracts import violations
from services.customer.store.duplicates.tables import duplicate_scan
from services.customer.store.tables import record_change
from services.customer.usecases.duplicates.scan import SCAN, scan_given_up, scan_soon

CHANGED, FINISHED = "freehold.customer.record.changed.v1", "freehold.customer.import.finished.v1"
HEADER = ("姓名", "手机", "邮箱", "区域")
ZHANG = ("张三", "13800138000", "zhang@example.com", "华东")
LI = ("李四", "13900139000", "li@example.com", "East")


def counts(shown) -> dict[str, int]:
    return {name: value for name, value in shown["summary"].items() if value and name not in ("rows", "empty")}


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(desk):
    id = desk.sheet(HEADER, ZHANG, LI, ("王五", "12345", "", ""), ("", "", "", ""), ("张三", "+86 13800138000", "", ""))
    shown = desk.check(id)
    assert shown["state"] == "checked"
    assert shown["summary"] == {"rows": 4, "create": 2, "update": 0, "skip": 1, "failed": 1, "empty": 1}
    assert [(line["row"], line["action"]) for line in shown["preview"]] == [
        (2, "create"), (3, "create"), (4, "failed"), (6, "skip")]
    assert shown["preview"][0]["values"] == {
        "name": "张三", "phone": "+8613800138000", "email": "zhang@example.com", "region": "east"}
    assert shown["preview"][2]["errors"][0]["code"] == "bad_phone"
    assert shown["progress"] == {"done": 4, "total": 4}
    assert desk.count() == 0
    assert desk.harness.published(CHANGED) == []


def test_all_that_is_wrong_with_a_row_is_told_at_once_in_both_languages(desk):
    id = desk.sheet(("姓名", "手机", "邮箱", "区域", "预计金额"), ("", "123", "nobody", "火星", "面议"))
    desk.check(id)
    chinese, english = desk.errors(id, **{"Accept-Language": "zh-CN"})[2], desk.errors(id)[2]
    assert {(one["column"], one["field"], one["code"]) for one in english} == {
        ("姓名", "name", "required"), ("手机", "phone", "bad_phone"), ("邮箱", "email", "bad_email"),
        ("区域", "region", "not_a_choice"), ("预计金额", "expected_amount", "not_number")}
    assert all(one["detail"].isascii() for one in english)
    assert not any(one["detail"].isascii() for one in chinese)


def test_an_import_leaves_records_history_and_events_like_every_other_write(desk):
    id = desk.sheet(HEADER, ZHANG, LI)
    finished = desk.run(id)
    assert (finished["state"], counts(finished)) == ("finished", {"create": 2})
    record = next(one for one in desk.records() if one["name"] == "张三")
    assert (record["phone"], record["status"], record["owner_id"]) == ("+8613800138000", "new", desk.user)
    timeline = desk.harness.call(desk.user, "GET", f"/v1/records/lead/{record['id']}/timeline").get_json()["items"]
    assert timeline[0]["origin"] == {"kind": "import", "id": id, "name": "leads.csv"}
    changed, = desk.harness.published(CHANGED)
    assert (changed.data["bulk"], len(changed.data["changes"]), "rules" in changed.data) == (id, 2, False)
    done, = desk.harness.published(FINISHED)
    assert {name: done.data[name] for name in ("import_id", "created", "updated", "skipped", "failed")} == {
        "import_id": id, "created": 2, "updated": 0, "skipped": 0, "failed": 0}
    for message in (changed, done):
        assert violations(json.loads(message.to_json())) == []


def test_an_import_without_rules_says_so_in_its_events(desk):
    id = desk.sheet(HEADER, ZHANG)
    assert desk.configure(id, run_rules=False).get_json()["run_rules"] is False
    desk.run(id)
    assert desk.harness.published(CHANGED)[0].data["rules"] is False


def test_many_rows_are_told_in_events_of_at_most_500(desk):
    desk.run(desk.sheet(("Name",), *[(f"Lead {number}",) for number in range(1200)]))
    assert [len(message.data["changes"]) for message in desk.harness.published(CHANGED)] == [500, 500, 200]
    assert desk.count() == 1200


def test_the_same_file_imported_twice_creates_nothing_new(desk):
    rows = [(f"人{number}", f"138001{number:05d}", "", "") for number in range(700)]
    first, second = desk.run(desk.sheet(HEADER, *rows)), desk.run(desk.sheet(HEADER, *rows))
    assert (counts(first), counts(second)) == ({"create": 700}, {"skip": 700})
    assert desk.count() == 700
    with desk.harness.service.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(record_change)).scalar_one() == 700


def test_doubles_may_update_what_stands_and_empty_cells_change_nothing(desk):
    desk.run(desk.sheet(HEADER, ZHANG))
    id = desk.sheet(("手机", "姓名", "邮箱", "公司"), ("13800138000", "张三丰", "", "武当"),
                    ("13700137000", "新人", "", ""))
    desk.configure(id, duplicates="update")
    checked, finished = desk.check(id), desk.run(id)
    assert counts(checked) == counts(finished) == {"create": 1, "update": 1}
    record = next(one for one in desk.records() if one["phone"] == "+8613800138000")
    assert (record["name"], record["company"], record["email"], record["version"]) == (
        "张三丰", "武当", "zhang@example.com", 2)


def test_an_update_needs_no_name_but_its_new_rows_do(desk):
    desk.run(desk.sheet(HEADER, ZHANG))
    id = desk.sheet(("手机", "区域"), ("13800138000", "华北"), ("13700137000", "华北"))
    assert desk.call("POST", f"/{id}/check").status_code == 422
    assert desk.configure(id, duplicates="update").status_code == 200
    assert counts(desk.check(id)) == {"update": 1, "failed": 1}
    assert counts(desk.run(id)) == {"update": 1, "failed": 1}
    assert desk.codes(id) == {3: {("name", "required")}}


def test_rows_that_repeat_rows_of_the_same_sheet_update_what_those_became(desk):
    id = desk.sheet(HEADER, ("甲", "13800138000", "", ""), ("乙", "13800138000", "b@example.com", ""),
                    ("丙", "", "b@example.com", "华东"))
    desk.configure(id, duplicates="update")
    assert counts(desk.check(id)) == {"create": 1, "update": 2}
    assert counts(desk.run(id)) == {"create": 1, "update": 2}
    record, = desk.records()
    assert (record["name"], record["email"], record["region"]) == ("丙", "b@example.com", "east")


def test_doubles_may_be_created_on_purpose(desk):
    id = desk.sheet(HEADER, ZHANG, ZHANG)
    desk.configure(id, duplicates="create")
    assert counts(desk.check(id)) == {"create": 2}
    assert counts(desk.run(id)) == {"create": 2}


def test_a_skipped_row_hides_no_row_after_it(desk):
    desk.run(desk.sheet(HEADER, ZHANG))
    id = desk.sheet(HEADER, ("张三", "13800138000", "new@example.com", ""), ("另一位", "", "new@example.com", ""))
    assert counts(desk.check(id)) == counts(desk.run(id)) == {"skip": 1, "create": 1}


def test_unique_values_are_judged_alike_by_dry_run_and_import(desk):
    desk.run(desk.sheet(("Name", "Badge"), ("A", "1"), object="contact"))
    id = desk.sheet(("Name", "Badge"), ("B", "1"), ("C", "2"), ("D", "2"), ("E", ""), object="contact")
    assert counts(desk.check(id)) == {"create": 2, "failed": 2}
    wrong = desk.codes(id)
    assert counts(desk.run(id)) == {"create": 2, "failed": 2}
    assert desk.codes(id) == wrong == {2: {("badge", "not_unique")}, 4: {("badge", "not_unique")}}


def test_a_single_row_that_breaks_a_constraint_fails_alone(desk):
    desk.run(desk.sheet(("Name", "Badge"), ("A", "1"), object="contact"))
    finished = desk.run(desk.sheet(("Name", "Badge"), ("B", "1"), object="contact"))
    assert (finished["state"], counts(finished)) == ("finished", {"failed": 1})


def test_links_are_found_by_what_people_write(desk):
    company = desk.run(desk.sheet(("Name", "Code"), ("海天", "HT"), ("海天", "HT2"), ("远山", "YS"), object="customer"))
    assert counts(company) == {"create": 3}
    harness = desk.harness
    sales = harness.department("销售部")
    east = harness.department("华东", sales)
    harness.department("华东", harness.department("售后部"))
    id = desk.sheet(
        ("Name", "Badge", "Customer", "Boss", "Team", "VIP"), ("甲", "B1", "远山", "", "销售部/华东", "是"),
        ("乙", "B2", "HT", "甲", "华东", "否"), ("丙", "B3", "海天", "B1", "销售部", "也许"),
        ("丁", "B4", "无此", "", "", ""),
        object="contact")
    shown = desk.run(id)
    assert desk.codes(id) == {3: {("team_id", "department_ambiguous"), ("boss_id", "unknown_reference")},
                              4: {("customer_id", "reference_ambiguous"), ("vip", "not_boolean"),
                                  ("boss_id", "unknown_reference")},
                              5: {("customer_id", "unknown_reference")}}
    assert counts(shown) == {"create": 1, "failed": 3}
    record, = desk.records("contact")
    assert (record["team_id"], record["vip"]) == (east, True)
    again = desk.run(desk.sheet(("Name", "Boss"), ("戊", "甲"), ("己", record["id"]), object="contact"))
    assert counts(again) == {"create": 2}


def test_records_belong_to_whom_the_owner_column_names_or_to_the_importer(desk):
    harness = desk.harness
    team = harness.department("华东")
    wang = harness.user("王芳", team, username="wang.fang", email="wang@example.com")
    harness.user("李雷", team)
    harness.user("李雷", team)
    harness.user("已离职", team, active=False)
    id = desk.sheet(("姓名", "负责人"), ("甲", "王芳"), ("乙", "WANG.FANG"), ("丙", "wang@example.com"), ("丁", ""),
                    ("戊", "李雷"), ("己", "已离职"), ("庚", "无名"))
    desk.run(id)
    assert [(one["owner_id"], one["department_id"]) for one in sorted(desk.records(), key=lambda one: one["name"])] == [
        (desk.user, None), (wang, team), (wang, team), (wang, team)]
    assert desk.codes(id) == {6: {("owner_id", "user_ambiguous")}, 7: {("owner_id", "unknown_user")},
                              8: {("owner_id", "unknown_user")}}


def test_a_mapping_is_remembered_for_the_next_sheet_with_the_same_header(desk):
    header = ("甲列", "乙列")
    id = desk.sheet(header, ("张三", "13800138000"))
    assert desk.show(id)["mapping"] == {}
    assert desk.configure(id, mapping={"0": "name", "1": "phone"}).status_code == 200
    desk.run(id)
    assert desk.show(desk.sheet(header, ("李四", "13900139000")))["mapping"] == {"0": "name", "1": "phone"}
    assert desk.show(desk.sheet((*header, "丙列"), ("李四", "1", "2")))["mapping"] == {}


@pytest.mark.parametrize(("changes", "errors"), [
    ({"mapping": {"0": "nonsense"}}, {("/mapping/0", "unknown_field")}),
    ({"mapping": {"0": "name", "1": "name"}}, {("/mapping/1", "mapped_twice")}),
    ({"mapping": {"1": "phone"}}, {("/mapping", "required_unmapped")}),
    ({"mapping": {"9": "name"}}, {("/mapping/9", "unknown_column")}),
    ({"mapping": "name"}, {("/mapping", "bad_mapping")}), ({"mapping": None}, {("/mapping", "bad_mapping")}),
    ({"mapping": {}}, {("/mapping", "nothing_mapped")}), ({"mapping": {"0": "id"}}, {("/mapping/0", "read_only")}),
    ({"duplicates": "perhaps"}, {("/duplicates", "not_a_choice")}),
    ({"duplicates": []}, {("/duplicates", "not_a_choice")}),
    ({"run_rules": "yes"}, {("/run_rules", "not_boolean")}), ({"colour": 1}, {("/colour", "unknown_field")})])
def test_a_wrong_choice_is_422_with_its_place(shared_desk, changes, errors):
    id = shared_desk.sheet(HEADER, ZHANG)
    answer = shared_desk.configure(id, **changes)
    assert answer.status_code == 422
    assert {(one["pointer"], one["code"]) for one in answer.get_json()["errors"]} == errors


def test_a_new_mapping_makes_an_old_dry_run_void(shared_desk):
    id = shared_desk.sheet(HEADER, ("王五", "12345", "", ""))
    assert counts(shared_desk.check(id)) == {"failed": 1}
    shown = shared_desk.configure(id, mapping={"0": "name", "1": None}).get_json()
    assert (shown["state"], shown["summary"], shown["preview"]) == ("uploaded", None, [])
    assert shared_desk.errors(id) == {}
    assert counts(shared_desk.check(id)) == {"create": 1}


def test_what_is_merely_alike_is_looked_for_afterwards_when_somebody_asks_for_it(desk):
    header, row = ("姓名", "公司", "手机"), ("王大伟", "杭州恒科机械有限公司", "13857101234")
    desk.run(desk.sheet(header, row))
    id = desk.sheet(header, ("王大伟", "恒科机械", "13857101243"))
    assert desk.run(id)["summary"]["create"] == 1
    pairs, scan = "/v1/duplicates/lead", "/v1/duplicates/lead/scan"
    assert desk.harness.call(desk.user, "GET", scan).get_json() == {"scan": None}
    again = desk.sheet(header, ("王大伟", "杭州恒科机械公司", "13857101235"))
    assert desk.configure(again, look_alike="yes").status_code == 422
    assert desk.configure(again, look_alike=True).get_json()["look_alike"] is True
    assert desk.run(again)["state"] == "finished"
    assert desk.harness.call(desk.user, "GET", scan).get_json()["scan"]["state"] == "finished"
    found = desk.harness.call(desk.user, "GET", pairs).get_json()["items"]
    assert len(found) == 3, found


def test_a_look_that_runs_is_followed_by_another_one(desk):
    with desk.harness.service.db.unit_of_work() as uow:
        scan_soon(uow, "lead")
        scan_soon(uow, "lead")
        scan_soon(uow, "lead")
    desk.work()
    with desk.harness.service.db.read() as connection:
        kinds = connection.execute(select(job_table.c.state).where(job_table.c.kind == SCAN)).scalars().all()
        [standing] = connection.execute(select(duplicate_scan)).all()
    assert (kinds, standing.state, standing.again) == (["done", "done"], "finished", False)


def test_a_look_that_failed_is_followed_all_the_same(desk):
    service = desk.harness.service
    with service.db.unit_of_work() as uow:
        scan_soon(uow, "lead")
        scan_soon(uow, "lead")
        row = uow.execute(select(job_table).where(job_table.c.kind == SCAN)).one()
        cancel(uow, row.id)
        scan_given_up(service, uow, Job(row.id, row.kind, row.payload, {}, 5, "worker"), "no memory")
    desk.work()
    with service.db.read() as connection:
        [standing] = connection.execute(select(duplicate_scan)).all()
    assert (standing.state, standing.again) == ("finished", False)


def test_an_import_can_be_cancelled_and_is_not_brought_back(desk):
    id = desk.sheet(HEADER, ZHANG)
    assert desk.call("POST", f"/{id}/start").status_code == 202
    assert desk.call("DELETE", f"/{id}").status_code == 204
    desk.work()
    assert (desk.show(id)["state"], desk.count()) == ("cancelled", 0)
    assert desk.call("DELETE", f"/{id}").status_code == 204
    for answer in (desk.call("POST", f"/{id}/start"), desk.call("POST", f"/{id}/check"), desk.configure(id)):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "import_state")


def test_a_finished_import_is_not_started_or_cancelled_again(desk):
    id = desk.sheet(HEADER, ZHANG)
    desk.run(id)
    assert desk.call("POST", f"/{id}/start").status_code == 409
    assert desk.call("DELETE", f"/{id}").status_code == 409
    with desk.harness.service.db.read() as connection:
        assert set(connection.execute(select(job_table.c.state)).scalars()) == {"done"}


def test_the_list_shows_newest_first_and_is_paged(shared_desk):
    ids = [shared_desk.sheet(HEADER, ZHANG) for _ in range(3)]
    page = shared_desk.call("GET", "?limit=2&state=uploaded&object=lead").get_json()
    assert [one["id"] for one in page["items"]] == ids[:0:-1]
    more = shared_desk.call("GET", f"?limit=2&state=uploaded&object=lead&cursor={page['next_cursor']}").get_json()
    assert more["items"][0]["id"] == ids[0]
    assert shared_desk.call("GET", "?state=nonsense").status_code == 422
    assert shared_desk.call("GET", "?colour=1").status_code == 422
    assert shared_desk.call("GET", "/not-an-id").status_code == 404
    assert shared_desk.call("DELETE", "/not-an-id").status_code == 404
