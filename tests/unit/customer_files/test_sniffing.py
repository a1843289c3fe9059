"""What a file is, is told by its content; what it is called becomes a name that any system can save."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customer.model.files.kinds import ALLOWED, IMAGES, MAX_NAME, SHOWN, clean_name
from services.customer.model.files.sniffing import BINARY, HEAD, sniff

OFFICE = "application/vnd.openxmlformats-officedocument"


def archive(*names: str, **contents: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, contents.get(name, b"x"))
    return file.getvalue()


@pytest.mark.parametrize(("content", "kind"), [
    (b"\x89PNG\r\n\x1a\n....", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a", "image/gif"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"), (b"RIFF\0\0\0\0XXXX", BINARY), (b"\0\0\0 ftypheic", "image/heic"),
    (b"%PDF-1.7", "application/pdf"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"MZ\x90\x00", BINARY), (b"\x7fELF", BINARY), (b"a\0b", BINARY),
    (b"hello\r\n", "text/plain"), ("你好".encode(), "text/plain"), ("你好，世界".encode("gb18030"), "text/plain"),
    (("好" * 2000).encode()[:HEAD + 1], "text/plain"), (b"<3 you", "text/plain"), (b"1 < 2", "text/plain"),
    (b"<!DOCTYPE html><p>", "text/html"), (b"\xef\xbb\xbf  \n<script>alert(1)</script>", "text/html"),
    (b"<svg onload=alert(1)>", "image/svg+xml"), (b'<?xml version="1.0"?><!-- x --><svg:svg>', "image/svg+xml"),
    (b'<?xml version="1.0"?><a/>', "text/xml"), (b'<?xml version="1.0"?><html>', "text/html"),
    (archive("[Content_Types].xml", "word/document.xml"), f"{OFFICE}.wordprocessingml.document"),
    (archive("[Content_Types].xml", "xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
    (archive("[Content_Types].xml", "word/vbaProject.bin"), "application/vnd.ms-office.macro"),
    (archive("a.txt"), "application/zip"), (b"PK\x03\x04 broken", BINARY),
    (archive("mimetype", mimetype=b"application/vnd.oasis.opendocument.text"),
     "application/vnd.oasis.opendocument.text"),
    (archive("mimetype", mimetype=b"text/html"), "application/zip"),
])
def test_a_file_is_what_its_content_says(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "f").write_bytes(content)
    assert sniff(tmp_path / "f") == kind


@given(st.binary(max_size=200) | st.builds(lambda head, rest: head + rest, st.sampled_from(
    [b"PK\x03\x04", b"RIFF", b"<", b"<?xml", b"\xef\xbb\xbf"]), st.binary(max_size=100)))
def test_no_content_breaks_the_sniffing(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    assert "/" in sniff(path)


def test_what_can_run_is_never_shown_and_not_accepted_unasked() -> None:
    dangerous = {"image/svg+xml", "text/html", "text/xml", "application/vnd.ms-office.macro", BINARY}
    assert not dangerous & (set(ALLOWED.split()) | IMAGES | SHOWN)
    assert SHOWN <= IMAGES <= set(ALLOWED.split())


@pytest.mark.parametrize(("given_name", "name"), [
    ("合同 2026.pdf", "合同 2026.pdf"), ("../../etc/passwd", "passwd"), ("C:\\x\\报价.xlsx", "报价.xlsx"),
    ("a\nb\x00.txt", "a_b_.txt"), ("invoice\u202efdp.exe", "invoice_fdp.exe"), ("", "file"), ("...", "file"),
    ("x" * 300 + ".docx", "x" * (MAX_NAME - 5) + ".docx"), ("\ud800.txt", "_.txt"),
])
def test_a_name_can_be_saved_anywhere(given_name: str, name: str) -> None:
    assert clean_name(given_name) == name
