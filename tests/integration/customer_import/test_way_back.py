"""What goes back to people: wrong rows to be corrected, templates to be filled in; and what is forgotten."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
from sqlalchemy import func, select, update

from chassis.clock import utcnow
from services.customer.store.imports.tables import import_row_error, import_run
from services.customer.usecases.imports.purge import purge_imports

HEADER = ("姓名", "手机", "备注")


def rows_of(answer) -> list[tuple]:
    """The cells of a downloaded workbook."""
    page = openpyxl.load_workbook(io.BytesIO(answer.get_data())).worksheets[0]
    return [tuple("" if cell is None else cell for cell in row) for row in page.iter_rows(values_only=True)]


def test_wrong_rows_are_guarded_against_formulas_and_can_be_corrected_and_imported(lone_desk):
    id = lone_desk.sheet(HEADER, ("甲", "bad", "=HYPERLINK(1)"), ("乙", "13800138000", ""),
                         ("", "+8613900139000", "@x"))
    lone_desk.run(id)
    text = lone_desk.call("GET", f"/{id}/errors.csv").get_data().decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == [*HEADER, "Reason"]
    assert [line[2] for line in lines[1:]] == ["'=HYPERLINK(1)", "'@x"]
    assert "姓名: " in lines[2][3]
    lines[1][1], lines[2][0] = "13700137000", "丙"
    corrected = io.StringIO()
    csv.writer(corrected).writerows(lines)
    again = lone_desk.upload(corrected.getvalue().encode("utf-8-sig")).get_json()
    assert again["mapping"] == {"0": "name", "1": "phone", "2": "note"}
    assert lone_desk.run(again["id"])["summary"]["create"] == 2
    found = {one["name"]: (one["phone"], one["note"]) for one in lone_desk.records()}
    assert found["甲"] == ("+8613700137000", "=HYPERLINK(1)")
    assert found["丙"] == ("+8613900139000", "@x")


def test_wrong_rows_come_back_as_a_workbook_without_formulas_and_with_their_types(lone_desk):
    book, file = openpyxl.Workbook(), io.BytesIO()
    page = book.active
    page.append(HEADER)
    page.append(["", 13800138000, "x"])
    page["C2"].value, page["C2"].data_type = "=1+1", "s"
    page.append([12.5, "bad", True])
    book.save(file)
    id = lone_desk.upload(file.getvalue(), "线索.xlsx").get_json()["id"]
    lone_desk.check(id)
    answer = lone_desk.call("GET", f"/{id}/errors.xlsx", headers={"Accept-Language": "zh-CN"})
    assert "%E7%BA%BF%E7%B4%A2" in answer.headers["Content-Disposition"]
    rows = rows_of(answer)
    assert rows[0] == (*HEADER, "原因")
    assert rows[1][:3] == ("", 13800138000, "=1+1")
    assert rows[2][:3] == (12.5, "bad", "TRUE")
    cell = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active["C2"]
    assert cell.data_type == "s"


def test_a_template_in_the_callers_language_can_be_filled_in_and_imported(lone_desk):
    answer = lone_desk.call("GET", "/template?object=lead&format=xlsx", headers={"Accept-Language": "zh-CN"})
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    sheet, guide = book.worksheets
    heads = [cell.value for cell in sheet[1]]
    assert heads[:2] == ["姓名", "公司"]
    assert heads[-1] == "负责人"
    assert any("华东" in [cell.value for cell in row] for row in guide.iter_rows())
    sheet.append(["张三"])
    file = io.BytesIO()
    book.save(file)
    uploaded = lone_desk.upload(file.getvalue(), "filled.xlsx", headers={"Accept-Language": "en"}).get_json()
    assert len(uploaded["mapping"]) == len(heads)
    assert lone_desk.run(uploaded["id"])["summary"]["create"] == 1


def test_a_template_comes_as_csv_too_and_in_no_other_form(lone_desk):
    text = lone_desk.call("GET", "/template?object=lead&format=csv").get_data().decode("utf-8-sig")
    assert text.startswith("Name,Company,")
    assert lone_desk.call("GET", "/template?object=lead&format=pdf").status_code == 422
    assert lone_desk.call("GET", "/template").status_code == 422
    assert lone_desk.call("GET", "/template?object=nothing").status_code == 404


def test_old_sheets_are_forgotten_and_the_import_stays(desk):
    id, young = desk.sheet(HEADER, ("", "x", "")), desk.sheet(HEADER, ("甲", "", ""))
    desk.run(id)
    orphan = desk.harness.folder / "imports" / "0190-orphan.upload"
    orphan.write_bytes(b"x")
    with desk.harness.service.db.unit_of_work() as uow:
        uow.execute(update(import_run).where(import_run.c.id == id).values(created_at=utcnow() - timedelta(days=31)))
    purge_imports(desk.harness.service)
    names = {path.name for path in (desk.harness.folder / "imports").iterdir()}
    assert names == {f"{young}.rows", f"{young}.upload", orphan.name}
    shown = desk.show(id)
    assert (shown["state"], shown["summary"]["failed"], shown["files_removed"]) == ("finished", 1, True)
    with desk.harness.service.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(import_row_error)).scalar_one() == 0
    answer = desk.call("GET", f"/{id}/errors.csv")
    assert (answer.status_code, answer.get_json()["code"]) == (410, "import_file_gone")


def test_an_import_whose_file_is_gone_fails_with_a_reason(lone_desk):
    id = lone_desk.sheet(HEADER, ("甲", "", ""))
    (lone_desk.harness.folder / "imports" / f"{id}.rows").unlink()
    shown = lone_desk.run(id)
    assert (shown["state"], shown["problem"]["code"]) == ("failed", "import_file_gone")
