"""Files from old programs: what they are, where the header is and how cells are separated is found without help."""

from __future__ import annotations

import pytest

from tests.integration.customer_import.conftest import Desk
from tests.support.old_workbooks import old_workbook

TITLE = ("2026 年客户线索汇总", )
HEADER = ("姓名", "公司", "手机", "预计金额", "备注")
ROWS = (("王芳", "杭州恒科机械有限公司", 13800000001.0, 128000.0, "展会"),
        ("李强", "宁波海通", 13800000002.0, 3.5, "电话"), ("赵敏", "绍兴纺织", "138 0000 0003", "12.8万", "官网"))


def imported(desk: Desk, content: bytes, filename: str) -> list[tuple[str, str, str]]:
    """What the leads of a file are called, their telephones and amounts; nothing is mapped by hand."""
    answer = desk.upload(content, filename)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    run = answer.get_json()
    assert run["header_row"] == 3
    assert set(run["mapping"].values()) >= {"name", "company", "phone", "expected_amount"}
    assert desk.run(run["id"])["summary"]["create"] == 3
    return sorted((one["name"], one["phone"], one["expected_amount"]["amount"]) for one in desk.records())


EXPECTED = [("李强", "+8613800000002", "3.50"), ("王芳", "+8613800000001", "128000.00"),
            ("赵敏", "+8613800000003", "128000.00")]


def test_an_xls_workbook_is_read(desk: Desk) -> None:
    content = old_workbook([TITLE, (), HEADER, *ROWS])

    assert imported(desk, content, "线索.xls") == EXPECTED


@pytest.mark.parametrize("delimiter", ["\t", ";", ",", "，"])
def test_a_text_file_of_a_chinese_desktop_is_read(desk: Desk, delimiter: str) -> None:
    rows = [[f"{cell:.0f}" if cell in {13800000001.0, 13800000002.0} else str(cell) for cell in row]
            for row in ROWS]
    lines = [TITLE, (), HEADER, *rows]
    content = "\r\n".join(delimiter.join(line) for line in lines).encode("gb18030")

    assert imported(desk, content, "线索.csv") == EXPECTED


def test_a_mapping_is_remembered_for_the_same_header_and_for_no_other(desk: Desk) -> None:
    first = desk.sheet(("甲", "乙"), ("王芳", "13800000001"))
    desk.configure(first, mapping={"0": "name", "1": "phone"})
    desk.run(first)

    again = desk.show(desk.sheet(("甲", "乙"), ("李强", "13800000002")))
    other = desk.show(desk.sheet(("乙", "甲"), ("13800000003", "赵敏")))

    assert (again["mapping"], other["mapping"]) == ({"0": "name", "1": "phone"}, {})
