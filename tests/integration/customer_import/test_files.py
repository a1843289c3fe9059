"""Files of every kind: what is a sheet is read, what is none is refused with a sentence, and nothing stays behind."""

from __future__ import annotations

import io
import stat
import zipfile

import openpyxl
import pytest
import xlsxwriter

from services.customer.model.sheets.limits import Limits
from services.customer.usecases.imports import upload as uploading

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def workbook(*rows) -> bytes:
    """An XLSX of rows."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def archive(**entries: bytes) -> bytes:
    """A zip of entries; two underscores stand for a slash."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return file.getvalue()


def far_away(row: int, column: int) -> bytes:
    """A tiny file whose two cells span a huge sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write(0, 0, "name")
        page.write(row, column, "x")
    return file.getvalue()


def locked_zip() -> bytes:
    """A zip whose entries say that they are encrypted."""
    data = bytearray(archive(xl__workbook_xml=b"<x/>"))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def open_document(manifest: str = "<x/>") -> bytes:
    """An ODS file as small as can be."""
    table = "".join(f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in (
        [f'<table:table-cell office:value-type="string"><text:p>{word}</text:p></table:table-cell>' for word in row]
        for row in (("姓名", "手机"), ("张三", "13800138000"))))
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
                     for name in ("office", "table", "text"))
    content = (f"<office:document-content {names}><office:body><office:spreadsheet>"
               f'<table:table table:name="线索">{table}</table:table>'
               "</office:spreadsheet></office:body></office:document-content>")
    return archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_xml=content.encode(),
                   **{"META-INF__manifest_xml": manifest.encode()})


WRONG = {
    "empty": (b"", "sheet_empty"),
    "blank": (b" \n\n , \n", "sheet_empty"),
    "header only": ("姓名,电话\n".encode(), "sheet_empty"),
    "pdf": (b"%PDF-1.7 whatever", "sheet_not_recognised"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "sheet_not_recognised"),
    "page": (b"<html><body><table><tr><td>name</td></tr></table>", "sheet_not_recognised"),
    "noise": (bytes(range(256)) * 20, "sheet_not_recognised"),
    "no encoding": (b"name\n\xff\xfd\x81\n", "sheet_encoding_unknown"),
    "broken zip": (b"PK\x03\x04 and then nothing", "sheet_broken"),
    "cut workbook": (workbook(["name"], ["x"])[:-200], "sheet_broken"),
    "other zip": (archive(readme=b"hello"), "sheet_not_recognised"),
    "word document": (archive(word__document_xml=b"<x/>"), "sheet_not_recognised"),
    "hollow workbook": (archive(xl__workbook_xml=b"<x/>"), "sheet_broken"),
    "locked workbook": (OLE + "EncryptedPackage".encode("utf-16-le"), "sheet_locked"),
    "locked zip": (locked_zip(), "sheet_locked"),
    "locked open document": (open_document("<manifest:encryption-data/>"), "sheet_locked"),
    "other ole": (OLE, "sheet_not_recognised"),
    "broken xls": (OLE + "Workbook".encode("utf-16-le"), "sheet_broken"),
    "bomb": (archive(xl__workbook_xml=b"0" * (32 << 20)), "sheet_bomb"),
    "many entries": (archive(**{f"a{number}": b"" for number in range(6000)}), "sheet_bomb"),
    "far too wide": (far_away(1_048_575, 16_383), "sheet_too_complex"),
    "far away": (far_away(1_000_000, 400), "sheet_too_complex"),
    "open quote": (b'name,phone\n"x,' + b"y" * 40_000, "sheet_row_unreadable"),
    "too wide": (b",".join(b"c" for _ in range(501)) + b"\n1\n", "sheet_too_wide"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_refused_with_its_reason_and_leaves_nothing(shared_desk, kind):
    content, code = WRONG[kind]
    answer = shared_desk.upload(content, "leads.xlsx")
    body = answer.get_json()
    assert answer.status_code == 422, body
    assert body["code"] == code
    assert body["title"] != f"problem.{body['code']}"
    assert not body["detail"].startswith("problem.")
    assert list((shared_desk.harness.folder / "imports").iterdir()) == []
    assert shared_desk.call("GET", "").get_json()["items"] == []


def test_a_reason_is_told_in_the_language_of_the_caller(shared_desk):
    answer = shared_desk.upload(OLE + "EncryptedPackage".encode("utf-16-le"), headers={"Accept-Language": "zh-CN"})
    assert answer.get_json()["title"] == "文件有密码保护"


def test_a_sheet_longer_than_the_setting_is_refused(shared_desk, monkeypatch):
    monkeypatch.setattr(uploading, "limits_of", lambda service: Limits(rows=10))
    answer = shared_desk.upload(b"name\n" + b"x\n" * 11)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "sheet_too_long")
    assert shared_desk.upload(b"name\n" + b"x\n" * 10).get_json()["row_count"] == 10, "the header is none of the rows"


def test_a_body_over_the_limit_is_413_and_an_ordinary_one_may_be_larger_than_other_requests(lone_desk):
    assert lone_desk.upload(b"name\n" + b"x" * 50 + b"\n" * 2_000_000).status_code == 201
    lone_desk.harness.service.settings._values["import_max_bytes"] = 1000
    assert lone_desk.upload(b"name\n" + b"x\n" * 600).get_json()["code"] == "sheet_too_large"
    assert lone_desk.upload(b"name\n" + b"x\n" * 60_000).status_code == 413


@pytest.mark.parametrize(("encoding", "mark"), [
    ("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-16-le", ","), ("gb18030", ","), ("gb18030", ";")])
def test_csv_is_read_in_the_encodings_and_with_the_delimiters_of_offices(lone_desk, encoding, mark):
    row = mark.join(("张三", "13800138000", '"第一行\n第二行，""引号"""'))
    text = f"{mark.join(('姓名', '手机', '备注'))}\r\n{row}\r\n"
    body = lone_desk.upload(text.encode(encoding)).get_json()
    assert [column["header"] for column in body["columns"]] == ["姓名", "手机", "备注"]
    assert body["mapping"] == {"0": "name", "1": "phone", "2": "note"}
    lone_desk.run(body["id"])
    assert lone_desk.records()[0]["note"] == '第一行\n第二行，"引号"'


def test_a_workbook_keeps_its_types_and_row_numbers_and_hidden_sheets_are_passed_over(lone_desk):
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.sheet_state = "hidden"
    book.active.append(["not this"])
    page = book.create_sheet("线索")
    page["C3"], page["D3"], page["C6"], page["D6"] = "姓名", "手机", "张三", 13800138000
    book.save(file)
    body = lone_desk.upload(file.getvalue(), "线索.xlsx").get_json()
    assert (body["sheet"], body["header_row"], body["row_count"], body["empty_rows"]) == ("线索", 3, 1, 2)
    assert body["mapping"] == {"2": "name", "3": "phone"}
    assert body["columns"][3]["samples"] == ["13800138000"]
    assert lone_desk.check(body["id"])["preview"][0]["row"] == 6


def test_an_open_document_is_read_too(lone_desk):
    body = lone_desk.upload(open_document(), "线索.ods").get_json()
    assert (body["sheet"], body["row_count"], body["mapping"]) == ("线索", 1, {"0": "name", "1": "phone"})


def test_uploads_are_readable_by_the_service_only_and_known_by_their_hash(lone_desk):
    id = lone_desk.sheet(["name"], ["x"])
    folder = lone_desk.harness.folder / "imports"
    assert sorted(path.name for path in folder.iterdir()) == [f"{id}.rows", f"{id}.upload"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_name_is_only_a_name(lone_desk):
    body = lone_desk.upload(b"name\nx\n", "../../etc/passwd.csv").get_json()
    assert body["filename"] == "passwd.csv"


@pytest.mark.parametrize(("data", "pointer"), [
    ({"object": "lead"}, "/file"), ({"file": (io.BytesIO(b"x"), ""), "object": "lead"}, "/file"),
    ({"file": (io.BytesIO(b"name\nx"), "a.csv")}, "/object"),
    ({"file": (io.BytesIO(b"name\nx"), "a.csv"), "object": "lead", "more": "x"}, "/more")])
def test_an_incomplete_form_is_422_with_the_place(shared_desk, data, pointer):
    answer = shared_desk.harness.call(shared_desk.user, "POST", "/v1/imports", data=data)
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.get_json()["errors"]}


def test_json_instead_of_a_form_is_422_and_an_unknown_object_404(shared_desk):
    assert shared_desk.harness.call(shared_desk.user, "POST", "/v1/imports", {"object": "lead"}).status_code == 422
    assert shared_desk.upload(b"name\nx\n", object="nothing").status_code == 404


def test_an_upload_repeated_with_its_idempotency_key_is_one_import(desk):
    answers = [desk.upload(b"name\nx\n", headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(list((desk.harness.folder / "imports").iterdir())) == 2
    other = desk.upload(b"name\ny\n", headers={"Idempotency-Key": "once"})
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")
